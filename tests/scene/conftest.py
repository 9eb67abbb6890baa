"""A folder of synthetic assets, and a renderer that shows them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from perturber.scene.renderer import Renderer

from .synthetic import (
    GREYS,
    PLATE_END,
    PLATE_START,
    SIZE,
    ball,
    encode,
    panorama_directions,
    quad,
    stripes,
    write_backgrounds,
    write_object,
)


@pytest.fixture(scope="session")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ball`, `plate` (moves right as it morphs), `chart` (every grey level), `speck` (next to nothing);
    `compass` (colour tells the direction), `noise`, `black`."""
    folder = tmp_path_factory.mktemp("assets")
    painted = [stripes(8, ((200, 40, 30), (30, 160, 60))), stripes(4, ((20, 60, 200), (230, 220, 40)))]
    write_object(folder, "ball", ball(), painted, focus=[0, 0, 0], focus_end=[0, 0.2, 0])
    flat = [np.full((16, 16, 3), colour) for colour in ((180, 90, 30), (40, 120, 220))]
    write_object(folder, "plate", quad(PLATE_START, PLATE_END), flat)
    whole = np.array([[-1.0, -1.0, 0.0], [1.0, 1.0, 0.0]])
    write_object(folder, "chart", quad(whole, whole), [GREYS[..., None].repeat(3, -1)] * 2)
    speck = whole * 1e-4
    write_object(folder, "speck", quad(speck, speck), flat)
    random = np.random.default_rng(3)
    compass = encode(0.5 + 0.4 * panorama_directions(256)).round()
    noise = random.integers(0, 256, (64, 128, 3))
    write_backgrounds(folder, {"compass": compass, "noise": noise, "black": np.zeros((32, 64, 3))})
    return folder


@pytest.fixture(scope="session")
def renderer(assets: Path) -> Iterator[Renderer]:
    """One renderer of `SIZE` pixels for all tests."""
    with Renderer(SIZE, assets) as shared:
        yield shared
