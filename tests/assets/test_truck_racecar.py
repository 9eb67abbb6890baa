"""The committed fire truck and race car: sound at both ends and on the way between them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FOLDER = Path(__file__).parents[2] / "assets" / "objects" / "truck-racecar"
MORPHS = (0.0, 0.25, 0.5, 0.75, 1.0)


@pytest.fixture(scope="module")
def mesh() -> dict[str, np.ndarray]:
    with np.load(FOLDER / "mesh.npz", allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def between(mesh: dict[str, np.ndarray], what: str, morph: float) -> np.ndarray:
    start, end = mesh[f"start_{what}"].astype(np.float64), mesh[f"end_{what}"].astype(np.float64)
    return start + morph * (end - start)


def doubled_areas(mesh: dict[str, np.ndarray], morph: float) -> np.ndarray:
    """Area vectors (F, 3), twice each face's area long, along its outside."""
    a, b, c = np.moveaxis(between(mesh, "positions", morph)[mesh["faces"]], 1, 0)
    return np.cross(b - a, c - a)


def test_arrays_have_the_shapes_and_types_of_the_contract(mesh: dict[str, np.ndarray]) -> None:
    count = len(mesh["uv"])
    assert mesh["faces"].dtype == np.uint32
    assert mesh["faces"].shape[1:] == (3,)
    assert len(mesh["faces"]) <= 20_000
    assert mesh["uv"].shape == (count, 2)
    for name in ("start_positions", "end_positions", "start_normals", "end_normals"):
        assert mesh[name].shape == (count, 3)
        assert np.isfinite(mesh[name]).all()


def test_faces_use_every_vertex_and_no_other(mesh: dict[str, np.ndarray]) -> None:
    assert np.array_equal(np.unique(mesh["faces"]), np.arange(len(mesh["uv"])))


def test_texture_coordinates_lie_inside_the_texture(mesh: dict[str, np.ndarray]) -> None:
    assert mesh["uv"].min() > 0
    assert mesh["uv"].max() < 1


@pytest.mark.parametrize("morph", MORPHS)
def test_no_triangle_degenerates(mesh: dict[str, np.ndarray], morph: float) -> None:
    areas = np.linalg.norm(doubled_areas(mesh, morph), axis=1) / 2
    assert areas.min() > 1e-7  # of a sphere of radius 1: a square 0.3 thousandths wide


@pytest.mark.parametrize("morph", MORPHS)
def test_every_face_looks_the_way_of_its_normals(mesh: dict[str, np.ndarray], morph: float) -> None:
    normals = between(mesh, "normals", morph)[mesh["faces"]]
    assert np.linalg.norm(normals, axis=2).min() > 0.1, (
        "normals that cancel out leave no direction to shade by"
    )
    outward = np.einsum("fk,fck->fc", doubled_areas(mesh, morph), normals)
    assert (outward > 0).all()


@pytest.mark.parametrize("shape", ["start", "end"])
def test_normals_have_unit_length(mesh: dict[str, np.ndarray], shape: str) -> None:
    lengths = np.linalg.norm(mesh[f"{shape}_normals"].astype(np.float64), axis=1)
    assert np.abs(lengths - 1).max() < 1e-3


@pytest.mark.parametrize("morph", MORPHS)
def test_the_surface_is_closed_and_turned_outward(mesh: dict[str, np.ndarray], morph: float) -> None:
    both = np.concatenate([mesh["start_positions"], mesh["end_positions"]], axis=1).round(5)
    _, place = np.unique(both, axis=0, return_inverse=True)
    faces = place.ravel()[mesh["faces"]]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    forward, forward_count = np.unique(edges, axis=0, return_counts=True)
    backward, backward_count = np.unique(edges[:, ::-1], axis=0, return_counts=True)
    assert np.array_equal(forward, backward)
    assert np.array_equal(forward_count, backward_count)
    corners = between(mesh, "positions", morph)[mesh["faces"]]
    volume = np.einsum("fk,fk->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
    assert volume > 0


def test_the_truck_fills_the_unit_sphere(mesh: dict[str, np.ndarray]) -> None:
    distances = np.linalg.norm(mesh["start_positions"], axis=1)
    assert distances.max() == pytest.approx(1, abs=1e-4)
    assert np.sort(distances)[-4] > 0.99, "a smallest sphere touches at several points"


def test_both_vehicles_stand_on_the_same_ground_on_four_wheels(mesh: dict[str, np.ndarray]) -> None:
    ground = mesh["start_positions"][:, 1].min()
    assert mesh["end_positions"][:, 1].min() == pytest.approx(ground, abs=1e-5)
    for shape in ("start", "end"):
        touching = mesh[f"{shape}_positions"][mesh[f"{shape}_positions"][:, 1] < ground + 0.002]
        assert {(x > 0, z > 0) for x, _, z in touching} == {
            (a, b) for a in (True, False) for b in (True, False)
        }


@pytest.mark.parametrize("shape", ["start", "end"])
def test_the_shape_is_symmetric(mesh: dict[str, np.ndarray], shape: str) -> None:
    positions = mesh[f"{shape}_positions"]
    assert positions[:, 0].min() == pytest.approx(-positions[:, 0].max(), abs=1e-4)


def test_the_car_is_lower_and_the_tank_becomes_a_small_wing(mesh: dict[str, np.ndarray]) -> None:
    heights = {shape: np.ptp(mesh[f"{shape}_positions"][:, 1]) for shape in ("start", "end")}
    assert heights["end"] < 0.7 * heights["start"]


@pytest.mark.parametrize("shape", ["start", "end"])
def test_textures_are_square_and_share_their_size(shape: str) -> None:
    with Image.open(FOLDER / f"{shape}.webp") as texture:
        assert texture.size == (1024, 1024)
        assert texture.mode == "RGB"


def test_the_description_is_complete() -> None:
    described = json.loads((FOLDER / "object.json").read_text(encoding="utf-8"))
    assert {"label", "from", "to", "morph", "focus", "focus_end"} <= set(described)


def test_the_pair_stays_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir() if file.is_file()) < 1.5 * 2**20
