"""Data to judge by."""

from pathlib import Path

import pytest

from tests.training.conftest import write_mosaics


@pytest.fixture
def mosaics(tmp_path: Path) -> Path:
    """A data folder with six validation pictures."""
    folder = tmp_path / "data"
    write_mosaics(folder, "val", 6, 2, 3)
    return folder
