"""Rebuilds `mesh.npz`, `start.webp` and `end.webp` from the wheel: `python build.py [WHEEL]`."""

import sys
from pathlib import Path

import numpy as np
import trimesh
from assemble import FIRST_EYE, Mesh, assemble, vertices
from bake import Texels, ambient_occlusion, rasterise
from coat import NOSE, PARTS, Surface, hair_flow
from coat_cat import paint_cat
from coat_dog import paint_dog
from extract import Skin, read_skin, wheel
from eyes import fit_eyes, lid_rims, paint_iris, seat
from mouth import close_mouth, lips
from PIL import Image
from scipy.spatial import cKDTree
from shape_cat import ear_membership, shape_cat
from shape_dog import shape_dog
from surface import relax, vertex_normals
from tail import tail_fraction

HERE = Path(__file__).resolve().parent
TEXTURE = 1024
EYES = {
    "dog": (1.12, 22.0),
    "cat": (1.06, 14.0),
}  # ball per lids' opening; degrees that the gaze turns outward
FILES = {"dog": "start", "cat": "end"}
PAINTERS = {"dog": paint_dog, "cat": paint_cat}


def main(arguments: list[str]) -> None:
    """Builds everything next to this file."""
    skin = read_skin(Path(arguments[0]).read_bytes() if arguments else wheel())
    hound = close_mouth(skin)
    rims = lid_rims(skin)
    shapes, eyes = {"dog": shape_dog(skin, hound), "cat": shape_cat(skin, hound)}, {}
    for kind, shape in shapes.items():
        eyes[kind] = fit_eyes(shape, rims, *EYES[kind])
        shapes[kind] = seat(skin.weld[skin.faces], shape, rims, eyes[kind])
    mesh = assemble(skin)
    write_mesh(mesh, {FILES[kind]: vertices(mesh, shapes[kind], eyes[kind]) for kind in FILES})
    texels = rasterise(mesh.uv, mesh.faces, TEXTURE)
    for kind, file in FILES.items():
        colours = PAINTERS[kind](survey(skin, hound, shapes[kind], mesh, texels))
        eye = mesh.chart[mesh.faces[texels.face, 0]] >= FIRST_EYE
        colours[eye] = paint_iris(kind, texels.sample(mesh.disc(), mesh.faces)[eye])
        Image.fromarray(texels.picture(colours)).save(HERE / f"{file}.webp", quality=90, method=6)


def survey(skin: Skin, hound: np.ndarray, shape: np.ndarray, mesh: Mesh, texels: Texels) -> Surface:
    """Everything a painter needs at every texel of one animal."""

    def at(values: np.ndarray) -> np.ndarray:
        return texels.sample(mesh.spread(values), mesh.faces)

    triangles, half = mesh.skin_triangles, np.full(len(shape), 0.5)
    normals, ears, places = vertex_normals(shape, triangles), ear_membership(skin), at(shape)
    openness = ambient_occlusion(places[texels.face < mesh.body_faces], shape, normals)
    openness = relax(triangles, openness[:, None], half, 3)[:, 0]
    lids = np.zeros(len(shape))
    lids[np.concatenate(list(lid_rims(skin).values()))] = 1.0
    lids = relax(triangles, lids[:, None], half, 2)[:, 0]
    parts = {name: at(skin.weight(*bones)) for name, bones in PARTS.items()}
    parts |= {"ear": at(ears), "lid": np.clip(1.3 * at(lids / lids.max()), 0, 1)}
    nose = shape[skin.weld[skin.chart == NOSE]].mean(axis=0)
    line = shape[lips(skin)[0]]
    dense = np.concatenate([line[:-1] + (line[1:] - line[:-1]) * t for t in np.linspace(0, 1, 8)])
    return Surface(
        rest=at(hound),
        shape=places,
        normal=at(normals),
        flow=at(hair_flow(skin, shape, ears, nose)),
        openness=at(openness),
        lip=cKDTree(dense).query(places)[0],
        chart=mesh.chart[mesh.faces[texels.face, 0]],
        tail=at(tail_fraction(hound)),
        parts=parts,
    )


def write_mesh(mesh: Mesh, ends: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """Writes `mesh.npz`: both ends on one ground plane, the start's bounding sphere the unit sphere."""
    grounded = {end: positions - [0, positions[:, 1].min(), 0] for end, (positions, _) in ends.items()}
    centre, radius = trimesh.nsphere.minimum_nsphere(grounded["start"])
    arrays = {"faces": mesh.faces.astype(np.uint32), "uv": mesh.uv.astype(np.float32)}
    for end, (_, normals) in ends.items():
        arrays[f"{end}_positions"] = ((grounded[end] - centre * [0, 1, 1]) / radius).astype(np.float32)
        arrays[f"{end}_normals"] = normals.astype(np.float32)
    np.savez_compressed(HERE / "mesh.npz", **arrays)


if __name__ == "__main__":
    main(sys.argv[1:])
