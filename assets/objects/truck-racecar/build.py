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
from mesh import Box, Patch, assemble
from PIL import Image

HERE = Path(__file__).parent
SIDE = 1024  # of the textures, in texels
GAP = 3  # texels of margin around each patch
FINENESS = 3  # samples for a texel each way
WEBP_QUALITY = 93


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


def texture(
    patches: list[Patch], boxes: dict[tuple[str, str], Box], shape: str, paint: Callable[[str, Texels], Array]
) -> Image.Image:
    """Paint every skin once, finely, and average down."""
    picture = np.full((SIDE, SIDE, 3), 0.3)
    painted: set[tuple[str, str]] = set()
    for patch in patches:
        if patch.skin in painted:
            continue
        painted.add(patch.skin)
        x, y, width, height = boxes[patch.skin]
        fine = paint(patch.skin[0], texels(patch, boxes[patch.skin], shape, GAP, FINENESS))
        coarse = fine.reshape(height + 2 * GAP, FINENESS, width + 2 * GAP, FINENESS, 3).mean((1, 3))
        picture[y - GAP : y + height + GAP, x - GAP : x + width + GAP] = coarse
    return Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))


if __name__ == "__main__":
    main()
