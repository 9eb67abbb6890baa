"""A worker for custom effects, and a picture to put through it."""

from collections.abc import Iterator

import numpy as np
import pytest

from perturber.scene.effect.worker import EffectWorker

SIZE = 48


@pytest.fixture(scope="session")
def worker() -> Iterator[EffectWorker]:
    # A busy machine must not stop what ends: what must not end has workers of its own.
    with EffectWorker(SIZE, timeout=20.0) as running:
        yield running


@pytest.fixture(scope="session")
def picture() -> np.ndarray:
    """Every value of every channel, and edges."""
    random = np.random.default_rng(5)
    mixed = random.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
    mixed[:16, :16] = np.arange(256, dtype=np.uint8).reshape(16, 16)[..., None]
    mixed[30:40, 20:44] = (200, 40, 90)
    return mixed
