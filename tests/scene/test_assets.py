"""Broken assets are refused with a reason."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from perturber.scene import catalog
from perturber.scene.assets import AssetError, Surface, read_background, read_object


@pytest.fixture
def folder(assets: Path, tmp_path: Path) -> Path:
    """A copy of all assets to break."""
    return Path(shutil.copytree(assets, tmp_path / "assets"))


def read_plate(folder: Path):
    return read_object(catalog.objects(folder)["plate"])


def change_mesh(folder: Path, **arrays: object) -> None:
    path = folder / "objects" / "plate" / "mesh.npz"
    with np.load(path) as archive:
        kept = {**archive, **arrays}
    np.savez(path, **{name: array for name, array in kept.items() if array is not None})


def change_description(folder: Path, **more: object) -> None:
    path = folder / "objects" / "plate" / "object.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"uv": None}, "uv: expected finite floats .* got none"),
        ({"faces": np.array([[0, 1, 9]], np.uint32)}, "faces: expected vertex numbers below 4"),
        ({"faces": np.zeros((0, 3), np.uint32)}, "faces"),
        ({"faces": np.zeros((2, 3), np.float32)}, "faces: expected unsigned integers"),
        (
            {"end_positions": np.zeros((3, 3), np.float32)},
            r"end_positions: .* \(4, 3\), got float32 \(3, 3\)",
        ),
        ({"start_normals": np.full((4, 3), np.nan, np.float32)}, "start_normals: .* infinite or undefined"),
        ({"uv": np.array([{}] * 4)}, "expected an archive of arrays"),
    ],
)
def test_a_broken_mesh_is_refused(folder: Path, arrays: dict, reason: str) -> None:
    change_mesh(folder, **arrays)
    with pytest.raises(AssetError, match=reason):
        read_plate(folder)


@pytest.mark.parametrize("name", ["mesh.npz", "start.webp", "object.json"])
def test_a_file_full_of_rubbish_is_refused_by_name(folder: Path, name: str) -> None:
    catalog.objects(folder)
    (folder / "objects" / "plate" / name).write_bytes(b"rubbish")
    with pytest.raises(AssetError, match=name):
        read_plate(folder)


@pytest.mark.parametrize("name", ["mesh.npz", "end.webp"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / "objects" / "plate" / name).unlink()
    with pytest.raises(AssetError, match=name):
        read_plate(folder)


@pytest.mark.parametrize("radius", [0, -1, "big", float("nan"), 1e9, None])
def test_a_radius_is_a_sensible_number(folder: Path, radius: object) -> None:
    change_description(folder, radius=radius)
    with pytest.raises(AssetError, match="radius"):
        read_plate(folder)


@pytest.mark.parametrize("focus", [[0, 1], "here", [0, 0, float("inf")], None])
def test_a_focus_is_three_finite_numbers(folder: Path, focus: object) -> None:
    change_description(folder, focus=focus)
    with pytest.raises(AssetError, match="focus"):
        read_plate(folder)


@pytest.mark.parametrize("surface", [{"specular": 2.0}, {"shininess": "high"}, {"gloss": 1.0}, 3])
def test_a_surface_is_two_numbers_in_range(folder: Path, surface: object) -> None:
    change_description(folder, surface=surface)
    with pytest.raises(AssetError, match="surface"):
        read_plate(folder)


def test_half_precision_and_defaults_are_read(folder: Path) -> None:
    change_mesh(folder, end_positions=np.ones((4, 3), np.float16))
    mesh = read_plate(folder)
    assert mesh.positions.dtype == np.float32
    assert (mesh.positions[1] == 1).all()
    assert mesh.surfaces == (Surface(), Surface())
    assert not mesh.two_sided


def test_the_end_has_the_surface_of_the_start_unless_told(folder: Path) -> None:
    change_description(folder, surface={"specular": 0.5, "shininess": 60}, focus=[1, 2, 3])
    mesh = read_plate(folder)
    assert mesh.surfaces == (Surface(0.5, 60), Surface(0.5, 60))
    np.testing.assert_array_equal(mesh.focus, [[1, 2, 3], [1, 2, 3]])


def test_a_panorama_is_twice_as_wide_as_high(folder: Path) -> None:
    Image.new("RGB", (50, 50)).save(folder / "backgrounds" / "noise.webp")
    with pytest.raises(AssetError, match="expected twice as wide as high, got 50x50"):
        read_background(catalog.backgrounds(folder)["noise"])
