"""The enlarged map: value, histogram, receptive field; and the first layer's kernels."""

import base64
import io
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from perturber.nets.receptive_field import fields
from tests.browser.driver import Dashboard, Server
from tests.browser.test_modules import run

DIFFERENT = """() => {
  const own = document.querySelector(".field-view canvas").getContext("2d", { willReadFrequently: true });
  const page = document.getElementById("picture").getContext("2d");
  const [a, b] = [own, page].map((context) => context.getImageData(0, 0, 224, 224).data);
  return [...a].map((value, i) => value !== b[i]); }"""


@pytest.fixture
def dialog(dashboard: Dashboard) -> Any:
    dashboard.page.locator(".model1 .tile").first.click()
    return dashboard.page.get_by_role("dialog")


def test_the_value_under_the_cursor_and_its_field_are_shown(dashboard: Dashboard, dialog: Any) -> None:
    box = dialog.locator(".tile canvas").bounding_box()
    dashboard.page.mouse.move(box["x"] + box["width"] * 0.19, box["y"] + box["height"] * 0.94)
    readout = dialog.locator(".tile .tile-readout").inner_text()
    assert readout.startswith("(1, 7) ")
    size = fields()["mixed4a"][0][1].size
    caption = f"Receptive field of (1, 7): {size} \N{MULTIPLICATION SIGN} {size}"
    assert caption in dialog.inner_text()
    assert readout.split()[-1] in dialog.locator(".histogram-axis").inner_text()


def test_the_field_is_drawn_where_the_unit_looks(dashboard: Dashboard, dialog: Any) -> None:
    """Inside its frame the picture stays as it is; outside it is darkened."""
    box = dialog.locator(".tile canvas").bounding_box()
    dashboard.page.mouse.move(box["x"] + box["width"] * 0.19, box["y"] + box["height"] * 0.94)
    changed = np.array(dashboard.page.evaluate(DIFFERENT)).reshape(224, 224, 4)[..., :3].any(-1)
    field = fields()["mixed4a"][0][1]
    scale = 224 / 128
    right = (field.start + field.stride + field.size) * scale
    top = (field.start + 7 * field.stride) * scale
    inside = np.zeros((224, 224), bool)
    inside[int(top) + 3 : 221, 3 : int(right) - 3] = True
    outside = np.ones((224, 224), bool)
    outside[int(top) - 3 :, : int(right) + 3] = False
    assert not changed[inside].any()
    assert changed[outside].mean() > 0.99


def test_arrow_keys_walk_through_the_map_and_escape_closes(dashboard: Dashboard, dialog: Any) -> None:
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        dashboard.page.keyboard.press(key)
    assert dialog.locator(".tile .tile-readout").inner_text().startswith("(5, 6) ")
    dashboard.page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_the_histogram_counts_as_numpy_does(dashboard: Dashboard) -> None:
    values = np.random.default_rng(0).normal(size=500).astype(np.float32)
    body = "const h = m.histogram(Float32Array.from(x), 16); return [h.counts, h.least, h.most];"
    counts, least, most = run(dashboard, "views/histogram", body, values.tolist())
    expected, edges = np.histogram(values.astype(float), 16)
    assert counts == expected.tolist()
    assert (least, most) == pytest.approx((edges[0], edges[-1]))
    assert run(dashboard, "views/histogram", body, [2.0] * 5)[0][0] == 5


def test_the_field_of_each_branch_is_found(dashboard: Dashboard) -> None:
    layer = {"fields": [{"units": 2, "size": 1}, {"units": 3, "size": 2}, {"units": 1, "size": 3}]}
    body = "return [0, 1, 2, 4, 5, 6].map((unit) => m.fieldOf(x, unit)?.size ?? 0);"
    assert run(dashboard, "views/receptive-field", body, layer) == [1, 1, 2, 2, 3, 0]
    assert run(dashboard, "views/receptive-field", "return m.fieldOf(undefined, 1) ?? 'none';") == "none"


def pixels(canvas: Any) -> np.ndarray:
    """(height, width, 4)."""
    encoded = canvas.evaluate("node => node.toDataURL()").partition(",")[2]
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        return np.asarray(image)


def test_the_kernels_of_both_models_are_pictures(dashboard: Dashboard, server: Server) -> None:
    page = dashboard.page
    button = page.get_by_role("button", name="Kernels")
    assert not button.is_visible()
    page.get_by_role("radio", name="conv2d0").check()
    button.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("64 kernels of 7").nth(1).wait_for()
    for slot in ("model1", "model2"):
        drawn = pixels(dialog.locator(f".{slot} canvas"))
        body = httpx.get(f"{server.url}api/kernels/{slot}").json()
        weights = np.array(body["kernels"]).reshape(body["shape"])[57].transpose(1, 2, 0)
        expected = 127.5 + 127.5 * weights / body["largest"]
        np.testing.assert_allclose(drawn[56:63, 8:15, :3], expected, atol=1)  # unit 57: row 7, column 1
    dialog.get_by_label("Each kernel at full contrast").check()
    drawn = pixels(dialog.locator(".model1 canvas"))
    for unit in (0, 27, 63):
        row, column = divmod(unit, 8)
        kernel = drawn[8 * row : 8 * row + 7, 8 * column : 8 * column + 7, :3]
        assert kernel.min() == 0 or kernel.max() == 255
    dialog.locator(".model1 canvas").hover(position={"x": 70, "y": 10})
    for slot in ("model1", "model2"):
        assert dialog.locator(f".{slot} .kernel-mark").is_visible()
        assert "1 (" in dialog.locator(f".{slot} figcaption").inner_text()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
