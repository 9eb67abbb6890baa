"""What users brought, as the renderer wants it: from the store, where only the parser wrote. Without GL."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from perturber.scene.assets import Floats, MorphMesh, Pixels, Surface
from perturber.scene.errors import AssetError
from perturber.scene.view import OwnBackground, OwnObject
from perturber.uploads.errors import UploadError
from perturber.uploads.store import Store

PANORAMA_WIDTH = 4096
FRAMED = 1.2
"""What the camera frames, in radii of the bounding sphere: at the default distance all of it is seen."""
_GREY = 128
_WHITE = np.full((4, 4, 3), 255, np.uint8)
_NEUTRAL_SURFACE = Surface(specular=0.06, shininess=18.0)

# Rows: what of the file becomes x, y and z. Each is a rotation, so nothing is mirrored.
_TURNS = {
    "y": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "-y": ((-1, 0, 0), (0, -1, 0), (0, 0, 1)),
    "z": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
    "-z": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "x": ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    "-x": ((0, 1, 0), (-1, 0, 0), (0, 0, 1)),
}

Arrays = dict[str, NDArray[Any]]


def read_own_object(own: OwnObject, store: Store | None = None) -> MorphMesh:
    """The mesh of an own object; without an end it morphs into itself.

    Raises:
        AssetError: nothing was brought, it is gone, or the two shapes don't have one topology.
    """
    store = store or Store()
    start = _arrays(store, "object", own.start)
    end = _arrays(store, "object", own.end) if own.end else start
    check_topology(start, end)
    turn = np.array(_TURNS[own.up], np.float64)
    faces, point = start["faces"].astype(np.uint32), start["vertex_point"]
    first = start["points"][point] @ turn.T
    last, reach = _placed(start, end, turn, point, float(first[:, 1].min()))
    normals = np.stack([start["normals"] @ turn.T, _end_normals(start, end) @ turn.T])
    inwards = bool(start["closed"]) and bool(start["inside_out"])
    textures = _textures(start, end)
    centre = np.array([0.0, float(last[:, 1].min()) + reach[1], 0.0])
    return MorphMesh(
        faces=faces[:, ::-1].copy() if inwards else faces,
        uv=start["uv"].astype(np.float32) if "uv" in start else np.full((len(point), 2), 2.0, np.float32),
        positions=np.stack([first, last]).astype(np.float32),
        normals=(-normals if inwards else normals).astype(np.float32),
        focus=np.stack([np.zeros(3), centre]).astype(np.float32),
        textures=textures,
        surfaces=(_NEUTRAL_SURFACE, _NEUTRAL_SURFACE),
        openness=np.ones((2, len(point)), np.float32),
        two_sided=not bool(start["closed"]) or textures[0].shape[2] == 4,
        paint=_paint(start, end),
        cut_out=textures[0].shape[2] == 4,
        radius=(FRAMED, float(np.clip(FRAMED * reach[0], 0.05, 20.0))),
    )


def read_own_background(own: OwnBackground, store: Store | None = None) -> Pixels:
    """The picture (H, W, 3) of an own background; a panorama comes twice as wide as high.

    Raises:
        AssetError: nothing was brought, or it is gone.
    """
    pixels = _arrays(store or Store(), "background", own.content)["pixels"]
    if own.flat or pixels.shape[1] == 2 * pixels.shape[0]:
        return np.ascontiguousarray(pixels)
    width = min(pixels.shape[1] // 2 * 2, PANORAMA_WIDTH)
    return np.asarray(Image.fromarray(pixels).resize((width, width // 2), Image.Resampling.LANCZOS))


def read_own_picture(content: str, size: int, *, whole: bool, store: Store | None = None) -> Pixels:
    """A picture (size, size, 3): its central square, or `whole` between bars of mid grey.

    Raises:
        AssetError: nothing was brought, or it is gone.
    """
    picture = Image.fromarray(_arrays(store or Store(), "picture", content)["pixels"])
    width, height = picture.size
    if not whole:
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        box = (left, top, left + side, top + side)
        return np.array(picture.resize((size, size), Image.Resampling.LANCZOS, box=box))
    scale = size / max(width, height)
    inner = max(round(width * scale), 1), max(round(height * scale), 1)
    square = Image.new("RGB", (size, size), (_GREY, _GREY, _GREY))
    place = ((size - inner[0]) // 2, (size - inner[1]) // 2)
    square.paste(picture.resize(inner, Image.Resampling.LANCZOS), place)
    return np.array(square)


def check_topology(start: Arrays, end: Arrays) -> None:
    """Refuse a pair whose shapes don't have the same vertices and faces.

    Raises:
        AssetError: with the counts expected and found.
    """
    counts = [(len(shape["points"]), len(shape["faces"])) for shape in (start, end)]
    corners = [shape["vertex_point"][shape["faces"]] for shape in (start, end)]
    (points, faces), (end_points, end_faces) = counts
    if counts[0] != counts[1]:
        raise AssetError(
            f"scene.object_end_file: expected {points:,} vertices and {faces:,} faces as in the start shape, "
            f"got {end_points:,} and {end_faces:,}"
        )
    if not np.array_equal(corners[0], corners[1]):
        differ = int((corners[0] != corners[1]).any(axis=1).sum())
        raise AssetError(
            f"scene.object_end_file: expected {points:,} vertices and the same {faces:,} faces, got "
            f"{differ:,} faces with other vertices: export both from one mesh, its vertex order kept"
        )


def _arrays(store: Store, kind: str, content: str) -> Arrays:
    if not content:
        raise AssetError(f"expected an own {kind}, got none: load a file, or choose another")
    try:
        return store.arrays(kind, content)
    except UploadError as error:
        raise AssetError(str(error)) from error


def _placed(
    start: Arrays, end: Arrays, turn: NDArray[np.float64], point: NDArray[Any], ground: float
) -> tuple[Floats, tuple[float, float]]:
    """The end's positions (V, 3) in the start's units, centred and on its ground; its radius and its centre's
    height over its own lowest point.
    """
    scale = float(end["radius"]) / float(start["radius"])
    positions = scale * (end["points"][point].astype(np.float64) @ turn.T)
    lowest = float(positions[:, 1].min())
    positions[:, 1] += ground - lowest
    return positions.astype(np.float32), (scale, -lowest)


def _end_normals(start: Arrays, end: Arrays) -> NDArray[np.float64]:
    """The end's normals (V, 3) at the start's vertices: both split at seams and edges of their own."""
    total = np.zeros((len(start["vertex_point"]), 3))
    np.add.at(total, start["faces"].ravel(), end["normals"][end["faces"].ravel()].astype(np.float64))
    lengths = np.linalg.norm(total, axis=1, keepdims=True)
    return np.where(lengths > 1e-6, total / np.maximum(lengths, 1e-6), start["normals"])


def _textures(start: Arrays, end: Arrays) -> tuple[Pixels, Pixels]:
    """Both of the first one's size; with alpha where any of them has."""
    found = [shape.get("texture") for shape in (start, end)]
    if "uv" not in start or found[0] is None:
        return _WHITE, _WHITE
    first: Pixels = found[0]
    last: Pixels = first if found[1] is None else found[1]
    if last.shape != first.shape:
        last = np.asarray(Image.fromarray(last).resize((first.shape[1], first.shape[0])))
    if all((texture[..., 3] > 250).all() for texture in (first, last)):
        return np.ascontiguousarray(first[..., :3]), np.ascontiguousarray(last[..., :3])
    return first, last


def _paint(start: Arrays, end: Arrays) -> Floats | None:
    """Both shapes' colours (2, V, 3); the end's are taken where each face's corners carry them."""
    if "paint" not in start:
        return None
    if "paint" not in end:
        return np.stack([start["paint"], start["paint"]])
    last = np.zeros_like(start["paint"])
    last[start["faces"].ravel()] = end["paint"][end["faces"].ravel()]
    return np.stack([start["paint"], last])
