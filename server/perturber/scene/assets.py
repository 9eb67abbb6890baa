"""Objects and backgrounds as arrays, read from their files and checked. Without GL."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from perturber.scene.catalog import Background, ObjectPair
from perturber.scene.errors import AssetError

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

ENDS = ("start", "end")
MAX_TEXTURE = 4096


@dataclass(frozen=True)
class Surface:
    """How an object takes light: strength of the highlight in [0, 1] and the exponent of Blinn's lobe."""

    specular: float = 0.06
    shininess: float = 18.0


@dataclass(frozen=True)
class MorphMesh:
    """Two shapes over one topology, as `start` and `end`, in radii of the start shape's bounding sphere.

    `faces` (F, 3), `uv` (V, 2) with v upwards; `positions`, `normals` and `focus` hold start and end:
    (2, V, 3), (2, V, 3) and (2, 3). `textures` are two sRGB pictures (H, W, 3), rows from the top. Faces seen
    from behind are drawn only when `two_sided`, which costs twice the time. `openness` (2, V) is the share of
    directions that each vertex sees past the object itself, in [0, 1] (`perturber.scene.openness` makes it).
    `paint` (2, V, 3), in linear light, is what the textures are multiplied with; `cut_out` textures have an
    alpha channel, (H, W, 4), and the object is only where it is above a half.
    `radius` is that of what the camera frames, for start and end.
    """

    faces: NDArray[np.uint32]
    uv: Floats
    positions: Floats
    normals: Floats
    focus: Floats
    textures: tuple[Pixels, Pixels]
    surfaces: tuple[Surface, Surface]
    openness: Floats
    two_sided: bool = False
    paint: Floats | None = None
    cut_out: bool = False
    radius: tuple[float, float] = (1.0, 1.0)

    @property
    def ground(self) -> float:
        """Height of the plane that the start shape stands on."""
        return float(self.positions[0, :, 1].min())


def read_object(pair: ObjectPair) -> MorphMesh:
    """The mesh and the textures of an object pair.

    Raises:
        AssetError: a file is missing, broken, or doesn't hold what `MorphMesh` describes.
    """
    described = pair.folder / "object.json"
    description = _read_json(described)
    path = pair.folder / "mesh.npz"
    arrays = _read_arrays(path)
    faces = _checked(path, arrays, "faces", (None, 3), "u")
    uv = _checked(path, arrays, "uv", (None, 2), "f")
    shape = (len(uv), 3)
    positions = np.stack([_checked(path, arrays, f"{end}_positions", shape, "f") for end in ENDS])
    normals = np.stack([_checked(path, arrays, f"{end}_normals", shape, "f") for end in ENDS])
    openness = np.ones((2, len(uv)), np.float32)
    if "openness" in arrays:
        openness = _checked(path, arrays, "openness", (2, len(uv)), "f").astype(np.float32)
    if faces.size == 0 or faces.max() >= len(uv):
        raise AssetError(f"{path}: faces: expected vertex numbers below {len(uv)}")
    first, last = (read_picture(pair.folder / f"{end}.webp") for end in ENDS)
    if first.shape != last.shape:
        raise AssetError(f"{pair.folder}: expected two textures of one size, got {first.shape}, {last.shape}")
    return MorphMesh(
        faces=faces.astype(np.uint32),
        uv=uv.astype(np.float32),
        positions=positions.astype(np.float32),
        normals=normals.astype(np.float32),
        focus=_focus(described, description),
        textures=(first, last),
        surfaces=(
            _surface(described, description, "surface"),
            _surface(described, description, "surface_end", "surface"),
        ),
        openness=openness,
        two_sided=description.get("two_sided") is True,
        radius=_radius(described, description),
    )


def read_background(background: Background) -> Pixels:
    """An equirectangular panorama (H, 2 H, 3), sRGB.

    Raises:
        AssetError: the file is missing, broken, or not twice as wide as high.
    """
    panorama = read_picture(background.file)
    height, width = panorama.shape[:2]
    if width != 2 * height:
        raise AssetError(f"{background.file}: expected twice as wide as high, got {width}x{height}")
    return panorama


def read_picture(path: Path) -> Pixels:
    """A picture file as (H, W, 3) uint8.

    Raises:
        AssetError: not a picture, or larger than `MAX_TEXTURE` on a side.
    """
    try:
        with Image.open(path) as picture:
            if max(picture.size) > MAX_TEXTURE:
                raise AssetError(f"{path}: expected at most {MAX_TEXTURE} pixels a side, got {picture.size}")
            return np.asarray(picture.convert("RGB"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise AssetError(f"{path}: expected a picture: {error}") from error


def _read_json(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssetError(f"{path}: expected a description in JSON: {error}") from error
    if not isinstance(content, dict):
        raise AssetError(f"{path}: expected a JSON object, got {type(content).__name__}")
    return content


def _read_arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise AssetError(f"{path}: expected an archive of arrays: {error}") from error


def _checked(
    path: Path,
    arrays: dict[str, NDArray[np.generic]],
    name: str,
    shape: tuple[int | None, int],
    kind: str,
) -> NDArray[np.generic]:
    expected = f"{name}: expected {'unsigned integers' if kind == 'u' else 'finite floats'} of shape {shape}"
    if name not in arrays:
        raise AssetError(f"{path}: {expected}, got none")
    array = arrays[name]
    fits = array.ndim == 2 and array.shape[1] == shape[1] and shape[0] in (None, array.shape[0])
    if not fits or array.dtype.kind != kind:
        raise AssetError(f"{path}: {expected}, got {array.dtype} {array.shape}")
    if kind == "f" and not np.isfinite(array.astype(np.float32)).all():
        raise AssetError(f"{path}: {expected}, got infinite or undefined values")
    return array


def _focus(path: Path, description: dict[str, object]) -> Floats:
    start = description.get("focus", [0.0, 0.0, 0.0])
    try:
        focus = np.array([start, description.get("focus_end", start)], dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise AssetError(f"{path}: focus: expected three numbers: {error}") from error
    if focus.shape != (2, 3) or not np.isfinite(focus).all():
        raise AssetError(f"{path}: focus: expected three finite numbers, got {start!r}")
    return focus


def _radius(path: Path, description: dict[str, object]) -> tuple[float, float]:
    start = description.get("radius", 1.0)
    end = description.get("radius_end", start)
    if not (isinstance(start, int | float) and isinstance(end, int | float)):
        raise AssetError(f"{path}: radius: expected numbers, got {start!r}, {end!r}")
    if not (0.05 <= start <= 20 and 0.05 <= end <= 20):
        raise AssetError(f"{path}: radius: expected numbers in [0.05, 20], got {start!r}, {end!r}")
    return float(start), float(end)


def _surface(path: Path, description: dict[str, object], *keys: str) -> Surface:
    given = next((description[key] for key in keys if key in description), {})
    try:
        surface = Surface(**given)  # type: ignore[arg-type]
        fits = 0.0 <= surface.specular <= 1.0 and 1.0 <= surface.shininess <= 1000.0
    except TypeError:
        fits = False
    if not fits:
        expected = "specular in [0, 1] and shininess in [1, 1000]"
        raise AssetError(f"{path}: {keys[0]}: expected {expected}, got {given!r}")
    return surface
