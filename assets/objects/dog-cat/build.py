"""Rebuilds `mesh.npz`, `start.webp` and `end.webp` from the wheel: `python build.py [WHEEL]`."""

import sys
from pathlib import Path

import numpy as np
import trimesh
from bake import Texels, ambient_occlusion, rasterise
from coat import PARTS, Surface, hair_flow
from coat_cat import paint_cat
from coat_dog import paint_dog
from extract import Skin, read_skin, wheel
from eyes import SOCKETS, Eye, cap, cap_disc, cap_faces, fit_eyes, lid_rims, paint_iris, seat
from layout import pack
from mouth import close_mouth
from PIL import Image
from scipy.spatial import cKDTree
from shape_cat import ear_membership, shape_cat
from shape_dog import shape_dog
from surface import relax, vertex_normals
from tail import tail_fraction

HERE = Path(__file__).resolve().parent
TEXTURE = 1024
_EYE_DISC = 0.032  # radius of an eyeball's disc in the texture
_FIRST_EYE_CHART = 60
# lid opening to ball, and how far the gaze turns outward
_EYES = {"dog": (1.12, 22.0), "cat": (1.06, 14.0)}


def main(arguments: list[str]) -> None:
    """Builds everything next to this file."""
    skin = read_skin(Path(arguments[0]).read_bytes() if arguments else wheel())
    hound, lips = close_mouth(skin)
    shapes = {"dog": shape_dog(skin, hound), "cat": shape_cat(skin, hound)}
    rims = lid_rims(skin)
    eyes = {kind: fit_eyes(shape, rims, *_EYES[kind]) for kind, shape in shapes.items()}
    shapes = {kind: seat(shape, rims, eyes[kind]) for kind, shape in shapes.items()}
    uv, faces, chart = _layout(skin)
    texels = rasterise(uv, faces, TEXTURE)
    for kind, file, paint in (("dog", "start", paint_dog), ("cat", "end", paint_cat)):
        surface = _surface(skin, hound, shapes[kind], rims, lips, texels, faces)
        colours = paint(surface)
        for side, first in enumerate(SOCKETS):
            mine = texels.sample(chart.astype(float), faces) == _FIRST_EYE_CHART + side
            disc = texels.sample(_discs(len(uv)), faces)[mine]
            colours[mine] = paint_iris(kind, disc)
            del first
        Image.fromarray(texels.picture(colours)).save(HERE / f"{file}.webp", quality=90, method=6)
    _write_mesh(skin, shapes, eyes, uv, faces)


def _skin_faces(skin: Skin) -> np.ndarray:
    return skin.faces[~np.isin(skin.chart[skin.faces[:, 0]], list(SOCKETS.values()))]


def _layout(skin: Skin) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texture coordinates, faces and charts of the skin without sockets, then the two eyeballs."""
    count, disc = len(skin.weld), cap_disc() * _EYE_DISC
    uv = np.concatenate([skin.uv * [1, -1], disc, disc])
    chart = np.concatenate([skin.chart, *[np.full(len(disc), _FIRST_EYE_CHART + k) for k in range(2)]])
    faces = np.concatenate([_skin_faces(skin), count + cap_faces(), count + len(disc) + cap_faces()])
    used = np.unique(faces)
    renumber = np.full(len(uv), -1)
    renumber[used] = np.arange(len(used))
    packed = np.zeros_like(uv)
    packed[used] = pack(uv[used], chart[used], renumber[faces])
    return packed, faces, chart


def _discs(vertices: int) -> np.ndarray:
    disc = cap_disc()
    result = np.zeros((vertices, 2))
    result[vertices - 2 * len(disc) :] = np.concatenate([disc, disc])
    return result


def _surface(
    skin: Skin, hound: np.ndarray, shape: np.ndarray, rims: dict, lips: np.ndarray, texels: Texels, faces: np.ndarray
) -> Surface:
    """Everything a painter needs at every texel of one animal."""
    welded = skin.weld[_skin_faces(skin)]
    normals = vertex_normals(shape, welded)
    ears = ear_membership(skin)
    caps = len(cap_disc()) * 2

    def at(values: np.ndarray) -> np.ndarray:
        filler = np.zeros((caps, *values.shape[1:]))
        return texels.sample(np.concatenate([values[skin.weld], filler]), faces)

    places = at(shape)
    body = texels.face < len(_skin_faces(skin))
    openness = ambient_occlusion(places[body], shape, normals)
    openness = relax(welded, openness[:, None], np.full(len(shape), 0.5), 3)[:, 0]
    lids = np.zeros(len(shape))
    lids[np.concatenate(list(rims.values()))] = 1.0
    lids = relax(welded, lids[:, None], np.full(len(shape), 0.5), 2)[:, 0]
    nose = shape[skin.weld[skin.chart == 45]].mean(axis=0) + [0, 0.0, 0.004]
    parts = {name: at(skin.weight(*bones)) for name, bones in PARTS.items()}
    parts |= {"ear": at(ears), "lid": np.clip(at(lids / lids.max()) * 1.2, 0, 1)}
    line = shape[lips]
    dense = np.concatenate([line[:-1] + (line[1:] - line[:-1]) * t for t in np.linspace(0, 1, 8)])
    charts = np.concatenate([skin.chart, np.full(caps, -1)])[faces[texels.face, 0]]
    flow = at(hair_flow(skin, shape, ears, nose))
    return Surface(
        at(hound),
        places,
        at(normals),
        flow,
        at(openness),
        cKDTree(dense).query(places)[0],
        charts,
        at(tail_fraction(hound)),
        parts,
    )


def _write_mesh(skin: Skin, shapes: dict[str, np.ndarray], eyes: dict[str, dict[str, Eye]], uv: np.ndarray, faces: np.ndarray) -> None:
    welded = skin.weld[_skin_faces(skin)]
    arrays = {}
    for kind, end in (("dog", "start"), ("cat", "end")):
        normals = vertex_normals(shapes[kind], welded)
        balls = [cap(eyes[kind][side]) for side in SOCKETS]
        arrays[f"{end}_positions"] = np.concatenate([shapes[kind][skin.weld], *[ball[0] for ball in balls]])
        arrays[f"{end}_normals"] = np.concatenate([normals[skin.weld], *[ball[1] for ball in balls]])
    used, faces = np.unique(faces, return_inverse=True)
    arrays = {name: values[used] for name, values in arrays.items()}
    ground = {end: arrays[f"{end}_positions"][:, 1].min() for end in ("start", "end")}
    for end, lowest in ground.items():
        arrays[f"{end}_positions"][:, 1] -= lowest
    centre, radius = trimesh.nsphere.minimum_nsphere(arrays["start_positions"])
    for end in ground:
        arrays[f"{end}_positions"] = (arrays[f"{end}_positions"] - centre) / radius
    print("centre", centre, "radius", radius, "faces", len(faces) // 1, "vertices", len(used))
    np.savez_compressed(
        HERE / "mesh.npz",
        faces=faces.reshape(-1, 3).astype(np.uint32),
        uv=uv[used].astype(np.float32),
        **{name: values.astype(np.float32) for name, values in arrays.items()},
    )


if __name__ == "__main__":
    main(sys.argv[1:])
