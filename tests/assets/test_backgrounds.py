"""The committed panoramas: their size, their wrap-around and their light."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

FOLDER = Path(__file__).parents[2] / "assets" / "backgrounds"
INDEX = json.loads((FOLDER / "backgrounds.json").read_text(encoding="utf-8"))


def pixels(item: dict[str, str]) -> np.ndarray:
    with Image.open(FOLDER / item["file"]) as image:
        assert image.mode == "RGB"
        return np.asarray(image, np.float64) / 255


def test_the_standard_backgrounds_come_first_and_four_more_follow() -> None:
    names = [item["name"] for item in INDEX]
    assert names[:2] == ["lawn", "street"]
    assert len(set(names)) == len(names) >= 6


def test_all_panoramas_together_stay_small() -> None:
    assert sum((FOLDER / item["file"]).stat().st_size for item in INDEX) < 2.5 * 2**20


@pytest.mark.parametrize("item", INDEX, ids=lambda item: item["name"])
class TestPanorama:
    def test_is_twice_as_wide_as_high(self, item: dict[str, str]) -> None:
        assert pixels(item).shape == (1024, 2048, 3)

    def test_wraps_without_a_seam(self, item: dict[str, str]) -> None:
        picture = pixels(item)
        neighbours = np.abs(np.diff(picture, axis=1)).mean((0, 2))
        at_block_edges = neighbours[15::16]  # WebP codes blocks of 16 texels on their own
        seam = np.abs(picture[:, 0] - picture[:, -1]).mean()
        assert seam <= np.quantile(at_block_edges, 0.99)

    def test_is_neither_burnt_out_nor_black(self, item: dict[str, str]) -> None:
        seen = pixels(item)[340:700]  # 30 degrees above to 33 below the horizon: what a level camera sees
        assert (seen.min(-1) > 0.98).mean() < 0.1
        assert (seen.max(-1) < 0.02).mean() < 0.02
        assert 0.2 < seen.mean() < 0.75

    def test_the_sky_is_up(self, item: dict[str, str]) -> None:
        picture = pixels(item)
        assert picture[:400].mean() > picture[600:].mean()
