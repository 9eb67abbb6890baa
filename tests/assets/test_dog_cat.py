"""The committed dog and cat keep the contract of object assets, at both ends and halfway."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "objects" / "dog-cat"
MORPHS = [0.0, 0.5, 1.0]


@pytest.fixture(scope="module")
def mesh() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "mesh.npz", allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _morph(mesh: dict[str, np.ndarray], kind: str, share: float) -> np.ndarray:
    start, end = (mesh[f"{side}_{kind}"].astype(float) for side in ("start", "end"))
    return start * (1 - share) + end * share


def _face_normals(positions: np.ndarray, faces: np.ndarray) -> np.ndarray:
    a, b, c = positions[faces].transpose(1, 0, 2)
    return np.cross(b - a, c - a)


def test_arrays_have_the_contracts_shapes(mesh: dict[str, np.ndarray]) -> None:
    count = len(mesh["uv"])
    assert mesh["faces"].dtype == np.uint32
    assert mesh["faces"].shape[1:] == (3,)
    assert mesh["faces"].max() == count - 1
    assert mesh["uv"].shape == (count, 2)
    for name in ("start_positions", "end_positions", "start_normals", "end_normals"):
        assert mesh[name].shape == (count, 3)
        assert np.isfinite(mesh[name]).all()


def test_every_vertex_is_used_once_per_corner_at_most(mesh: dict[str, np.ndarray]) -> None:
    assert np.array_equal(np.unique(mesh["faces"]), np.arange(len(mesh["uv"])))
    a, b, c = mesh["faces"].T
    assert ((a != b) & (b != c) & (c != a)).all()


@pytest.mark.parametrize("end", ["start", "end"])
def test_normals_have_unit_length(mesh: dict[str, np.ndarray], end: str) -> None:
    assert np.allclose(np.linalg.norm(mesh[f"{end}_normals"], axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("share", MORPHS)
def test_no_triangle_is_degenerate_or_flipped(mesh: dict[str, np.ndarray], share: float) -> None:
    faces = mesh["faces"]
    normal = _face_normals(_morph(mesh, "positions", share), faces)
    assert np.linalg.norm(normal, axis=1).min() > 1e-9
    towards = (normal * _morph(mesh, "normals", share)[faces].mean(axis=1)).sum(axis=1)
    assert (towards > 0).all()


def test_the_dog_fills_the_unit_sphere(mesh: dict[str, np.ndarray]) -> None:
    assert np.linalg.norm(mesh["start_positions"], axis=1).max() == pytest.approx(1.0, abs=1e-4)


def test_both_stand_on_one_ground_plane(mesh: dict[str, np.ndarray]) -> None:
    lowest = [mesh[f"{end}_positions"][:, 1].min() for end in ("start", "end")]
    assert lowest[0] == pytest.approx(lowest[1], abs=1e-5)


@pytest.mark.parametrize("end", ["start", "end"])
def test_all_four_feet_touch_the_ground(mesh: dict[str, np.ndarray], end: str) -> None:
    positions = mesh[f"{end}_positions"]
    low = positions[positions[:, 1] < positions[:, 1].min() + 0.012]
    corners = {(bool(x > 0), bool(z > 0)) for x, _, z in low}
    assert len(corners) == 4


@pytest.mark.parametrize("end", ["start", "end"])
def test_it_faces_forward_and_is_symmetric(mesh: dict[str, np.ndarray], end: str) -> None:
    positions = mesh[f"{end}_positions"]
    ears = positions[np.abs(positions[:, 0]) > 0.06]
    assert ears[np.argmax(ears[:, 1]), 2] > 0.2, "the highest point off the middle is an ear, in front"
    assert positions[:, 0].min() == pytest.approx(-positions[:, 0].max(), abs=2e-3)


def test_texture_coordinates_stay_inside_the_picture(mesh: dict[str, np.ndarray]) -> None:
    uv = mesh["uv"]
    assert uv.min() > 0.0
    assert uv.max() < 1.0


@pytest.mark.parametrize("file", ["start.webp", "end.webp"])
def test_textures_are_square_and_painted(file: str) -> None:
    with Image.open(FOLDER / file) as picture:
        assert picture.size == (1024, 1024)
        pixels = np.asarray(picture.convert("RGB"))
    assert pixels.std(axis=(0, 1)).min() > 20


def test_seams_carry_one_colour_on_both_sides(mesh: dict[str, np.ndarray]) -> None:
    """Vertices that share a place but not a chart look up nearly the same colour."""
    places, index = np.unique(np.round(mesh["start_positions"], 6), axis=0, return_inverse=True)
    for file in ("start.webp", "end.webp"):
        with Image.open(FOLDER / file) as picture:
            blurred = picture.convert("RGB").resize((256, 256), Image.Resampling.BOX)
        pixels = np.asarray(blurred).astype(float)
        column, row = (np.clip(v * 256, 0, 255).astype(int) for v in (mesh["uv"][:, 0], 1 - mesh["uv"][:, 1]))
        colours = pixels[row, column].mean(axis=1)
        high, low = np.full(len(places), -np.inf), np.full(len(places), np.inf)
        np.maximum.at(high, index.ravel(), colours)
        np.minimum.at(low, index.ravel(), colours)
        shared = np.bincount(index.ravel()) > 1
        assert np.median((high - low)[shared]) < 20


def test_the_folder_stays_small_and_describes_itself() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.*")) < 3 * 2**20
    description = json.loads((FOLDER / "object.json").read_text(encoding="utf-8"))
    assert {"label", "from", "to", "morph", "focus", "focus_end"} <= description.keys()
    assert "Apache" in (FOLDER / "README.md").read_text(encoding="utf-8")
