"""The prediction column with a folder of real examples."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from tests.browser.driver import Dashboard, Server


def shown(panel: Any) -> np.ndarray:
    """The picture beside the list, as it is seen."""
    panel.locator(".class-frame img").wait_for(state="visible")
    with Image.open(io.BytesIO(panel.locator(".class-frame").screenshot())) as image:
        return np.asarray(image.convert("RGB")).astype(int)[20:-20, 20:-20]


def test_a_real_example_is_shown_and_another_rows_on_hover(
    new_server: Callable[..., Server], new_page: Callable[..., Page], tmp_path: Path
) -> None:
    for name, colour in (("n02106662", "lime"), ("Chihuahua", "blue")):
        (tmp_path / name).mkdir()
        Image.new("RGB", (80, 60), colour).save(tmp_path / name / "example.jpg")
    (tmp_path / "rugby ball").mkdir()
    (tmp_path / "rugby ball" / "broken.jpg").write_bytes(b"no picture")
    server = new_server("--class-images", str(tmp_path))
    dashboard = Dashboard(new_page(server.url), server.url)
    dashboard.open()
    panel = dashboard.page.locator("#predictions .model1")
    assert panel.locator(".class-title").inner_text() == "German shepherd"
    panel.get_by_text("Example", exact=True).wait_for()
    assert np.abs(shown(panel) - [0, 255, 0]).max() < 16
    rows = {row.locator(".class-name").inner_text(): row for row in panel.locator(".class-row").all()}
    rows["Chihuahua"].hover()
    panel.get_by_text("Example", exact=True).wait_for()
    assert np.abs(shown(panel) - [0, 0, 255]).max() < 16
    # Where the folder has nothing that can be read, what the network sees in the class.
    rows["rugby ball"].hover()
    panel.get_by_text("Feature visualization", exact=True).wait_for()
    assert shown(panel).std() > 5
