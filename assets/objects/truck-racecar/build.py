"""Build the fire truck and the race car: mesh.npz, start.webp, end.webp.

pip install numpy scipy pillow
python assets/objects/truck-racecar/build.py
"""

from collections.abc import Callable
from pathlib import Path

import bodywork
import car_paint
import fittings
import numpy as np
import truck_paint
from brush import Texels, texels
from lofts import Array
from mesh import Layout, Patch, Skin, assemble
from occlusion import openness
from PIL import Image
from scipy.ndimage import gaussian_filter

HERE = Path(__file__).parent
SIDE = 1024  # of the textures, in texels
GAP = 3  # texels of margin around each patch
FINENESS = 3  # samples for a texel each way
OCCLUSION = 0.6  # how much of its colour a wholly hidden texel loses
WEBP_QUALITY = 93
Painter = Callable[[str, Texels], Array]


def main() -> None:
    """Write the mesh and both textures beside this script."""
    mesh, boxes, patches = assemble(bodywork.parts() + fittings.parts(), SIDE, GAP)
    np.savez_compressed(HERE / "mesh.npz", **stored(mesh))
    for shape, paint in (("start", truck_paint.paint), ("end", car_paint.paint)):
        picture = texture(patches, boxes, shape, paint)
        picture.save(HERE / f"{shape}.webp", quality=WEBP_QUALITY, method=6)
    sizes = {file: (HERE / file).stat().st_size // 1024 for file in ("mesh.npz", "start.webp", "end.webp")}
    print(f"{len(mesh['faces'])} faces, {len(mesh['uv'])} vertices, KiB: {sizes}")


def stored(mesh: dict[str, Array]) -> dict[str, Array]:
    """The mesh in the project's units: the truck's bounding sphere has centre 0 and radius 1."""
    centre, radius = bounding_sphere(mesh["start_positions"])
    found = {"faces": mesh["faces"].astype(np.uint32), "uv": mesh["uv"].astype(np.float32)}
    for shape in ("start", "end"):
        found[f"{shape}_positions"] = ((mesh[f"{shape}_positions"] - centre) / radius).astype(np.float32)
        found[f"{shape}_normals"] = mesh[f"{shape}_normals"].astype(np.float32)
    return found


def bounding_sphere(points: Array) -> tuple[Array, float]:
    """The smallest sphere around points, on the plane of symmetry (Badoiu and Clarkson 2003)."""
    centre = points.mean(0)
    for step in range(1, 20_000):
        farthest = points[np.argmax(((points - centre) ** 2).sum(1))]
        centre = centre + (farthest - centre) / (step + 1)
    centre[0] = 0.0
    return centre, float(np.linalg.norm(points - centre, axis=1).max())


def texture(patches: list[Patch], boxes: Layout, shape: str, paint: Painter) -> Image.Image:
    """Paint every skin once, finely, average down, and darken what lies in corners."""
    shade = shading(patches, boxes, shape)
    picture = np.full((SIDE, SIDE, 3), 0.3)
    for skin, patch in first_of_each_skin(patches).items():
        x, y, width, height = boxes[skin]
        fine = paint(skin[0], texels(patch, boxes[skin], shape, GAP, FINENESS))
        coarse = fine.reshape(height + 2 * GAP, FINENESS, width + 2 * GAP, FINENESS, 3).mean((1, 3))
        picture[y - GAP : y + height + GAP, x - GAP : x + width + GAP] = coarse * shade[skin][..., None]
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


def first_of_each_skin(patches: list[Patch]) -> dict[Skin, Patch]:
    """The patch whose place on the vehicle a skin is painted for; its twins wear the same."""
    return {patch.skin: patch for patch in reversed(patches)}


def shading(patches: list[Patch], boxes: Layout, shape: str) -> dict[Skin, Array]:
    """For each skin the factor (h, w) on its colours that its neighbours' shadow makes."""
    fields = [texels(patch, boxes[patch.skin], shape, GAP, 1) for patch in patches]
    places = np.concatenate([t.place.reshape(-1, 3) for t in fields])
    light = openness(places, np.concatenate([t.normal.reshape(-1, 3) for t in fields]))
    ends = np.cumsum([t.x.size for t in fields])
    found = {}
    for patch, field, values in reversed(list(zip(patches, fields, np.split(light, ends[:-1]), strict=True))):
        smooth = gaussian_filter(values.reshape(field.x.shape), 1.5, mode="nearest")
        found[patch.skin] = 1 - OCCLUSION * (1 - smooth)
    return found


if __name__ == "__main__":
    main()
