"""What users brought, drawn: the colours, the axis, the morph and the backdrop that the files say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image

from perturber.scene.errors import AssetError
from perturber.scene.own import read_own_background, read_own_object, read_own_picture
from perturber.scene.renderer import Renderer
from perturber.scene.view import OwnBackground, OwnObject, SceneView
from perturber.uploads.parse import parse
from perturber.uploads.store import Store

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
# trimesh's box: which way each pair of its facets looks.
SIDES = {"+x": RED, "-x": (0, 255, 255), "+y": GREEN, "-y": (255, 0, 255), "+z": BLUE, "-z": (255, 255, 0)}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("PERTURBER_CACHE", str(tmp_path))
    return Store()


@pytest.fixture
def renderer() -> Iterator[Renderer]:
    with Renderer(96) as renderer:
        yield renderer


def keep(store: Store, kind: str, name: str, content: bytes, number: int = 1) -> str:
    """What the parser makes of a file, kept as content `number`."""
    result = parse(kind, [(name, content)])
    key = f"{number:064x}"
    with store.new_file() as file:
        np.savez(file, **result.arrays)  # type: ignore[arg-type]
    store.keep(kind, key, Path(file.name), result.about)
    return key


def keep_picture(store: Store, kind: str, pixels: np.ndarray, tmp_path: Path) -> str:
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return keep(store, kind, "a.png", (tmp_path / "a.png").read_bytes())


def coloured_box() -> Any:
    """A box whose sides have the colours of `SIDES`."""
    box = trimesh.creation.box()
    axes = np.argmax(np.abs(box.face_normals), axis=1)
    signs = np.sign(box.face_normals[np.arange(12), axes])
    names = ["+-"[int(sign < 0)] + "xyz"[axis] for sign, axis in zip(signs, axes, strict=True)]
    box.visual.face_colors = np.array([(*SIDES[name], 255) for name in names], np.uint8)
    return box


def hue_of_middle(picture: np.ndarray) -> tuple[int, ...]:
    """The middle's colour with each channel fully on or off: shading aside."""
    middle = picture[40:56, 40:56].reshape(-1, 3).mean(axis=0)
    return tuple(255 if channel > 0.5 * middle.max() else 0 for channel in middle)


LOOKS = [(0, 0, "+z"), (90, 0, "+x"), (180, 0, "-z"), (-90, 0, "-x"), (0, 90, "+y"), (0, -90, "-y")]


@pytest.mark.parametrize(("yaw", "pitch", "side"), LOOKS)
def test_each_side_of_a_cube_shows_its_colour(
    store: Store, renderer: Renderer, yaw: float, pitch: float, side: str
) -> None:
    own = OwnObject(keep(store, "object", "a.ply", bytes(coloured_box().export(file_type="ply"))))
    picture = renderer.render(SceneView(yaw=yaw, pitch=pitch, object=own))
    assert hue_of_middle(picture) == SIDES[side]


@pytest.mark.parametrize("up", ["x", "y", "z", "-x", "-y", "-z"])
def test_the_chosen_axis_points_up(store: Store, renderer: Renderer, up: str) -> None:
    own = OwnObject(keep(store, "object", "a.ply", bytes(coloured_box().export(file_type="ply"))), up=up)
    side = up if up.startswith("-") else f"+{up}"
    assert hue_of_middle(renderer.render(SceneView(pitch=90, object=own))) == SIDES[side]


def test_the_whole_object_is_in_the_picture(store: Store, renderer: Renderer) -> None:
    """Over a black backdrop nothing at the frame's edge is lit."""
    sphere = trimesh.creation.icosphere(3, 40.0)
    own = OwnObject(keep(store, "object", "a.stl", bytes(sphere.export(file_type="stl"))))
    black = keep(store, "background", "b.png", _png(np.zeros((8, 8, 3), np.uint8)))
    picture = renderer.render(SceneView(object=own, background=OwnBackground(black)))
    lit = picture.sum(axis=2) > 30
    assert lit[48, 48]
    assert not lit[0].any()
    assert not lit[:, 0].any()
    assert 0.3 < lit.mean() < 0.8


def test_a_hole_of_the_alpha_texture_shows_the_background(store: Store, renderer: Renderer) -> None:
    quad = b"v -1 -1 0\nv 1 -1 0\nv 1 1 0\nv -1 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3 4/4\n"
    texture = np.full((64, 64, 4), 255, np.uint8)
    texture[..., 1:3] = 0
    texture[16:48, 16:48, 3] = 0
    result = parse("object", [("a.obj", quad), ("t.png", _png(texture))])
    with store.new_file() as file:
        np.savez(file, **result.arrays)  # type: ignore[arg-type]
    store.keep("object", "2" * 64, Path(file.name), result.about)
    blue = keep(store, "background", "b.png", _png(np.full((8, 8, 3), BLUE, np.uint8)))
    view = SceneView(object=OwnObject("2" * 64), background=OwnBackground(blue), lighting_influence=0)
    picture = renderer.render(view)
    assert hue_of_middle(picture) == BLUE
    assert (picture[48, 20] == RED).all()


def test_a_flat_background_stands_still_and_a_panorama_turns(
    store: Store, renderer: Renderer, tmp_path: Path
) -> None:
    ramp = np.zeros((40, 80, 3), np.uint8)
    ramp[..., 0] = np.linspace(0, 255, 80)
    key = keep_picture(store, "background", ramp, tmp_path)
    corner: dict[tuple[bool, int], Any] = {}
    for flat in (True, False):
        for yaw in (0, 60):
            view = SceneView(yaw=yaw, distance=10, background=OwnBackground(key, flat))
            corner[flat, yaw] = renderer.render(view)[:8].astype(int)
    np.testing.assert_array_equal(corner[True, 0], corner[True, 60])
    assert np.abs(corner[False, 0] - corner[False, 60]).mean() > 10
    # Its central square fills the picture: a quarter to three quarters of the ramp, from left to right.
    row = corner[True, 0][0, :, 0]
    np.testing.assert_allclose(row, np.linspace(64, 191, 96), atol=4)


def test_a_pair_morphs_point_by_point(store: Store) -> None:
    start = trimesh.creation.icosphere(2, 3.0)
    end = start.copy()
    end.vertices *= (1.0, 2.0, 0.5)
    keys = [
        keep(store, "object", "a.ply", bytes(mesh.export(file_type="ply")), number)
        for number, mesh in enumerate((start, end), 1)
    ]
    mesh = read_own_object(OwnObject(keys[0], keys[1]))
    radii = np.array([1.0, 2.0, 0.5])
    first, last = mesh.positions
    ground = first[:, 1].min()
    assert last[:, 1].min() == pytest.approx(ground, abs=1e-5), "both stand on one ground"
    lifted = last - (0.0, ground - 2.0 * ground, 0.0)
    np.testing.assert_allclose(first * radii, lifted, atol=5e-3)
    of_ellipsoid = first / radii
    of_ellipsoid /= np.linalg.norm(of_ellipsoid, axis=1, keepdims=True)
    assert (np.einsum("ij,ij->i", mesh.normals[1], of_ellipsoid) > 0.97).all()


def test_a_pair_of_other_topology_is_told_so(store: Store) -> None:
    start, other = trimesh.creation.icosphere(2), trimesh.creation.icosphere(3)
    mixed = start.copy()
    mixed.faces[[0, 1]] = mixed.faces[[1, 0]]
    keys = [
        keep(store, "object", "a.ply", bytes(mesh.export(file_type="ply")), number)
        for number, mesh in enumerate((start, other, mixed), 1)
    ]
    with pytest.raises(AssetError, match=r"expected 162 vertices and 320 faces .* got 642 and 1,280"):
        read_own_object(OwnObject(keys[0], keys[1]))
    with pytest.raises(AssetError, match="the same 320 faces, got 2 faces with other vertices"):
        read_own_object(OwnObject(keys[0], keys[2]))


@pytest.mark.parametrize(("whole", "edge", "middle"), [(False, 100, 100), (True, 128, 100)])
def test_a_wide_picture_is_cut_or_lies_between_bars(
    store: Store, tmp_path: Path, whole: bool, edge: int, middle: int
) -> None:
    key = keep_picture(store, "picture", np.full((50, 200, 3), 100, np.uint8), tmp_path)
    picture = read_own_picture(key, 64, whole=whole)
    assert picture.shape == (64, 64, 3)
    assert (picture[0] == edge).all()
    assert (picture[32] == middle).all()


@pytest.mark.usefixtures("store")
def test_what_is_gone_says_so() -> None:
    for read in (
        lambda: read_own_object(OwnObject("f" * 64)),
        lambda: read_own_background(OwnBackground("f" * 64)),
        lambda: read_own_picture("f" * 64, 64, whole=False),
    ):
        with pytest.raises(AssetError, match="ffffffffffff is not kept on this machine"):
            read()


def test_only_a_few_own_objects_stay_on_the_graphics_side(store: Store, renderer: Renderer) -> None:
    content = bytes(trimesh.creation.box().export(file_type="ply"))
    for number in range(1, 8):
        renderer.render(SceneView(object=OwnObject(keep(store, "object", "a.ply", content, number))))
    assert sum(isinstance(name, OwnObject) for name in renderer._objects) == 4


def _png(pixels: np.ndarray) -> bytes:
    import io

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()
