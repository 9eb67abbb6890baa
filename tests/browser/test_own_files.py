"""Files of one's own, brought to the page as a user brings them."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.driver import Dashboard, Server


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    found = {name: tmp_path / name for name in ("box.ply", "ball.ply", "wide.png", "broken.png")}
    found["box.ply"].write_bytes(bytes(trimesh.creation.box().export(file_type="ply")))
    found["ball.ply"].write_bytes(bytes(trimesh.creation.icosphere(1).export(file_type="ply")))
    pixels = np.zeros((30, 60, 3), np.uint8)
    pixels[:, 30:] = 255
    Image.fromarray(pixels).save(found["wide.png"])
    found["broken.png"].write_bytes(found["wide.png"].read_bytes()[:40])
    return found


def bring(page: Page, key: str, file: Path) -> None:
    """Choose a file on a place's line."""
    with page.expect_file_chooser() as chooser:
        page.locator(f'[id="{key}"]').click()
    chooser.value.set_files([str(file)])


def line(page: Page, key: str, state: str) -> None:
    """Wait until a place is in a state."""
    expect(page.locator(f'.control-own[data-key="{key}"][data-state="{state}"]')).to_be_visible()


def test_an_own_object_is_shown_named_and_removed(dashboard: Dashboard, files: dict[str, Path]) -> None:
    page, before = dashboard.page, dashboard.picture()
    expect(page.locator('[id="scene.object"] option[value="custom"]')).to_be_disabled()
    bring(page, "scene.object_file", files["box.ply"])
    line(page, "scene.object_file", "loaded")
    dashboard.wait_for_other_picture(before)
    dashboard.wait_for_hash(r"scene\.object=custom&.*scene\.object_file=[0-9a-f]{64}")
    own = page.locator('.control-own[data-key="scene.object_file"]')
    expect(own).to_contain_text("box.ply")
    expect(own).to_contain_text("8 vertices, 12 faces")
    page.get_by_role("button", name="Remove Own Object").click()
    dashboard.wait_for_picture(before)
    line(page, "scene.object_file", "empty")


def test_an_own_picture_takes_the_scenes_place(dashboard: Dashboard, files: dict[str, Path]) -> None:
    page = dashboard.page
    bring(page, "scene.picture_file", files["wide.png"])
    line(page, "scene.picture_file", "loaded")
    dashboard.settle()
    content = dashboard.picture().split(",")[1]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB"))
    assert pixels[100, 10].tolist() == [0, 0, 0]
    assert pixels[100, 210].tolist() == [255, 255, 255]


def test_dropped_files_show_where_they_can_go(dashboard: Dashboard) -> None:
    page = dashboard.page
    drag = """([name, type]) => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], name, { type }));
      const event = (kind) => new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
      document.getElementById("scene").dispatchEvent(event("dragenter"));
    }"""
    page.evaluate(drag, ["a.png", "image/png"])
    expect(page.locator(".drop-zone:visible")).to_have_text(["Own background", "Own picture"])
    page.evaluate(drag, ["a.obj", ""])
    expect(page.locator(".drop-zone:visible")).to_have_text(["Own object"])


def test_the_webcam_is_the_source_frame_by_frame(new_page: Callable[..., Page], server: Server) -> None:
    """Without a camera in this browser, a canvas stands in for what `getUserMedia` gives."""
    page = new_page(server.url)
    page.add_init_script("""navigator.mediaDevices.getUserMedia = async () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
      const context = canvas.getContext("2d");
      setInterval(() => { context.fillStyle = "rgb(255, 0, 0)"; context.fillRect(0, 0, 64, 48); }, 50);
      return canvas.captureStream(20);
    };""")
    dashboard = Dashboard(page, server.url)
    dashboard.open()
    page.locator('[id="scene.source"]').select_option("webcam")
    page.wait_for_function("() => document.getElementById('scene.source').value === 'webcam'")
    page.wait_for_timeout(2000)
    dashboard.settle()
    content = base64.b64decode(dashboard.picture().split(",")[1])
    red, green, blue = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))[100, 100]
    assert red > 200 > 60 > max(green, blue)
    expect(page.locator("#messages .message")).to_have_count(0)
    page.locator('[id="scene.source"]').select_option("scene")


def test_refusals_stand_at_their_place(
    new_page: Callable[..., Page], server: Server, files: dict[str, Path]
) -> None:
    page = new_page(server.url)
    dashboard = Dashboard(page, server.url)
    dashboard.open()
    bring(page, "scene.background_file", files["broken.png"])
    line(page, "scene.background_file", "refused")
    own = page.locator('.control-own[data-key="scene.background_file"]')
    expect(own).to_contain_text("expected a whole PNG picture")
    expect(page.locator(".drop-report")).to_contain_text("Own background not taken")


def test_a_link_whose_own_object_is_gone_shows_the_rest_of_its_view(dashboard: Dashboard) -> None:
    dashboard.page.goto(
        f"{dashboard.page.url.partition('#')[0]}#scene.object=custom&scene.object_file={'a' * 64}"
    )
    dashboard.page.reload()
    line(dashboard.page, "scene.object_file", "gone")
    dashboard.settle()
    assert dashboard.page.locator('[id="scene.object"]').input_value() == "dog-cat"
