"""Models from every format, against trimesh's own primitives."""

import io
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image
from scipy.spatial import cKDTree

from perturber.uploads.errors import UploadError
from perturber.uploads.parse import parse
from perturber.uploads.sphere import bounding_sphere

FORMATS = ("obj", "glb", "ply", "stl")


def exported(mesh: Any, kind: str) -> bytes:
    content = mesh.export(file_type=kind)
    return content.encode() if isinstance(content, str) else bytes(content)


def arrays(mesh: Any, kind: str) -> dict[str, Any]:
    return parse("object", [(f"a.{kind}", exported(mesh, kind))]).arrays


def drawn(found: dict[str, Any]) -> Any:
    """The kept mesh in the file's own units, as trimesh has it."""
    points = found["points"] * float(found["radius"]) + found["centre"]
    return trimesh.Trimesh(points[found["vertex_point"]], found["faces"], process=False)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("mesh", "centre", "radius"),
    [
        (trimesh.creation.box((2, 4, 6)), (0, 0, 0), 14**0.5),
        (trimesh.creation.icosphere(3, 5.0), (0, 0, 0), 5.0),
        (trimesh.creation.cylinder(1.0, 4.0), (0, 0, 0), 5**0.5),
    ],
    ids=["box", "sphere", "cylinder"],
)
def test_any_model_fits_into_the_unit_sphere(
    kind: str, mesh: Any, centre: tuple[float, ...], radius: float
) -> None:
    moved = mesh.copy()
    moved.apply_translation((100, -20, 7))
    found = arrays(moved, kind)
    assert np.linalg.norm(found["points"], axis=1).max() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(found["centre"] - (100, -20, 7), centre, atol=2e-3 * radius)
    assert float(found["radius"]) == pytest.approx(radius, rel=2e-3)
    assert drawn(found).volume == pytest.approx(mesh.volume, rel=1e-3)
    assert len(found["faces"]) == len(mesh.faces)


def test_the_bounding_sphere_is_the_smallest() -> None:
    generator = np.random.default_rng(5)
    for _ in range(5):
        points = generator.normal(size=(400, 3)) * generator.uniform(0.1, 9, 3)
        centre, radius = bounding_sphere(points)
        _, best = trimesh.nsphere.minimum_nsphere(points)
        assert np.linalg.norm(points - centre, axis=1).max() <= radius * (1 + 1e-9)
        assert radius <= best * 1.002


@pytest.mark.parametrize("kind", FORMATS)
def test_missing_normals_are_a_spheres_own(kind: str) -> None:
    found = arrays(trimesh.creation.icosphere(4), kind)
    outwards = found["points"][found["vertex_point"]]
    assert (np.einsum("ij,ij->i", found["normals"], outwards) > 0.999).all()


@pytest.mark.parametrize("kind", FORMATS)
def test_missing_normals_keep_a_cubes_edges(kind: str) -> None:
    """Each face of the cube gets its own direction: 24 vertices, of axes alone."""
    found = arrays(trimesh.creation.box(), kind)
    assert len(found["vertex_point"]) == 24
    np.testing.assert_allclose(np.sort(np.abs(found["normals"]), axis=1), [[0, 0, 1]] * 24, atol=1e-6)


def test_the_files_own_normals_are_kept() -> None:
    text = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvn 0 1 0\nf 1//1 2//1 3//1\n"
    found = parse("object", [("a.obj", text)]).arrays
    np.testing.assert_allclose(found["normals"], [[0, 1, 0]] * 3)


def test_a_mesh_inside_out_is_noticed_and_an_open_one_too() -> None:
    sound, turned, opened = trimesh.creation.box(), trimesh.creation.box(), trimesh.creation.box()
    turned.invert()
    opened.update_faces(np.arange(12) > 1)
    first, second = (arrays(mesh, "ply") for mesh in (sound, turned))
    assert first["closed"]
    assert not first["inside_out"]
    assert second["closed"]
    assert second["inside_out"]
    assert not arrays(opened, "ply")["closed"]


def test_indices_count_from_the_end_too_and_polygons_become_triangles() -> None:
    text = b"v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf -4 -3 -2 -1\n"
    found = parse("object", [("a.obj", text)]).arrays
    assert len(found["faces"]) == 2
    assert drawn(found).area == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("kind", ["glb", "ply"])
def test_vertex_colours_come_in_linear_light(kind: str) -> None:
    mesh = trimesh.creation.box()
    mesh.visual.vertex_colors = np.tile(np.array([188, 0, 255, 255], np.uint8), (8, 1))
    # 188 of sRGB is half the light; glTF means its numbers as light itself.
    half = 188 / 255 if kind == "glb" else 0.503
    np.testing.assert_allclose(arrays(mesh, kind)["paint"], [[half, 0, 1]] * 24, atol=0.005)


def test_coloured_faces_split_no_point() -> None:
    box = trimesh.creation.box()
    box.visual.face_colors = np.random.default_rng(1).integers(0, 255, (12, 4), np.uint8)
    found = arrays(box, "ply")
    assert len(found["points"]) == 8
    assert found["closed"]


def test_materials_colour_an_obj() -> None:
    obj = b"mtllib a.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nusemtl red\nf 1 2 3\nusemtl green\nf 1 3 4\n"
    mtl = b"newmtl red\nKd 1 0 0\nnewmtl green\nKd 0 1 0\n"
    found = parse("object", [("a.obj", obj), ("a.mtl", mtl)]).arrays
    colours = found["paint"][found["faces"]].mean(axis=1)
    np.testing.assert_allclose(colours, [[1, 0, 0], [0, 1, 0]], atol=1e-6)


def test_without_colours_a_model_is_neutral() -> None:
    paint = arrays(trimesh.creation.box(), "stl")["paint"]
    assert np.ptp(paint) == 0
    assert 0.2 < paint[0, 0] < 0.8


def _picture(colour: tuple[int, ...], size: tuple[int, int] = (8, 8)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "png")
    return buffer.getvalue()


TEXTURED = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nf 1/1 2/2 3/3\n"


def test_the_alpha_texture_is_found_by_its_name_or_its_material() -> None:
    pictures = [("skin.png", _picture((200, 10, 10))), ("skin_ALPHA.png", _picture((0, 0, 0), (4, 4)))]
    named = parse("object", [("a.obj", TEXTURED), *pictures]).arrays["texture"]
    mtl = b"newmtl m\nmap_Kd one.png\nmap_d two.png\n"
    by_material = [("two.png", pictures[1][1]), ("one.png", pictures[0][1])]
    used = parse("object", [("a.obj", b"usemtl m\n" + TEXTURED), ("a.mtl", mtl), *by_material]).arrays[
        "texture"
    ]
    for texture in (named, used):
        assert texture.shape == (8, 8, 4)
        assert (texture == (200, 10, 10, 0)).all()


def test_two_textures_of_a_glb_share_one_and_each_face_keeps_its_own() -> None:
    parts = []
    for index, colour in enumerate([(255, 0, 0), (0, 0, 255)]):
        box = trimesh.creation.box()
        box.apply_translation((3 * index, 0, 0))
        box.visual = trimesh.visual.TextureVisuals(
            uv=np.full((8, 2), 0.5), image=Image.new("RGB", (4, 4), colour)
        )
        parts.append(box)
    found = parse("object", [("a.glb", trimesh.Scene(parts).export(file_type="glb"))]).arrays
    height, width = found["texture"].shape[:2]
    columns = (found["uv"][:, 0] * width).astype(int)
    rows = ((1 - found["uv"][:, 1]) * height).astype(int)
    colours = found["texture"][rows, columns, :3]
    left = found["points"][found["vertex_point"]][:, 0] < 0
    assert (colours[left] == (255, 0, 0)).all()
    assert (colours[~left] == (0, 0, 255)).all()


def test_a_scene_puts_its_parts_where_its_nodes_say() -> None:
    scene = trimesh.Scene()
    turn = trimesh.transformations.rotation_matrix(0.7, (1, 2, 3), (4, 5, 6))
    scene.add_geometry(trimesh.creation.box((1, 2, 3)), transform=turn)
    found = parse("object", [("a.glb", scene.export(file_type="glb"))]).arrays
    expected = trimesh.creation.box((1, 2, 3)).apply_transform(turn).vertices
    distances, _ = cKDTree(drawn(found).vertices).query(expected)
    assert distances.max() < 1e-4


@pytest.mark.parametrize("text", [b"f 1/1 2 3/3\n", b"f 1//1 2/2 3\n"])
def test_mixed_faces_are_read_by_their_own_slashes(text: bytes) -> None:
    head = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nvn 0 0 1\n"
    assert len(parse("object", [("a.obj", head + text)]).arrays["faces"]) == 1


def test_a_picture_alone_is_no_object() -> None:
    with pytest.raises(UploadError, match="expected one model"):
        parse("object", [("a.png", _picture((0, 0, 0)))])
