"""Takes the pictures of the page that README and docs show, from a running dashboard.

perturber serve &
python tools/screenshots.py http://127.0.0.1:8000/ docs/page [NAME ...]
"""

import argparse
import io
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
import trimesh
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from perturber.scene.effect.library import SNIPPETS

LIVE = """() => document.body.dataset.phase === "live"
  && !document.getElementById("scene").hasAttribute("data-computing")"""


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the window, the theme, the state."""

    name: str
    width: int
    height: int
    theme: str
    state: str = ""
    scale: int = 1
    attack_steps: int = 0
    own_object: bool = False


STREET = "scene.object=truck-racecar&scene.background=street"
EDIT = "edited.enabled=true&edit.mix.conv2d0=1&edit.mix.conv2d1=0.4"
DOGS = "view.group=tiny-imagenet:mixed4c.dog"
CATS = "view.group=tiny-imagenet:mixed4c.cat"
WHITE_CAT = "morph.overall=1&scene.texture_influence=0"
LOW_PASS = "frequency.high_alpha=0&frequency.cutoff=3"
POSTERISE = quote(next(snippet.text for snippet in SNIPPETS if snippet.name == "posterise"))

SHOTS = (
    Shot("dashboard", 1440, 900, "dark", f"#{DOGS}", scale=2),
    Shot("light", 1440, 900, "light", f"#morph.overall=1&{CATS}", scale=2),
    Shot("low-pass", 1440, 900, "dark", f"#{LOW_PASS}&model2.variant=stylized&{DOGS}"),
    Shot("texture", 1440, 900, "dark", f"#{WHITE_CAT}&model2.variant=stylized&{CATS}"),
    Shot("neurons", 1920, 1200, "dark", f"#{DOGS}&view.count=8&{EDIT}"),
    Shot("neurons-light", 1920, 1200, "light", f"#{DOGS}&view.count=8&{EDIT}"),
    Shot("own", 1440, 900, "light", f"#post.custom={POSTERISE}&post.custom_value=0.8", own_object=True),
    Shot("attack", 1440, 900, "light", scale=2, attack_steps=8),
    Shot("edited", 1440, 1000, "dark", f"#morph.overall=1&view.layer=mixed3a&{EDIT}", scale=2),
    Shot("wide", 1920, 1080, "dark", f"#{STREET}&view.layer=conv2d2"),
    Shot("narrow", 800, 1000, "light"),
    Shot("phone", 390, 844, "dark", scale=2),
)


def main() -> None:
    """Take all shots."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", help="where the dashboard is")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("names", nargs="*", help="only these shots")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    executable = os.environ.get("PERTURBER_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for shot in (shot for shot in SHOTS if not options.names or shot.name in options.names):
            take(browser, options.url, shot, options.folder / f"{shot.name}.webp")
        browser.close()


def take(browser: Browser, url: str, shot: Shot, path: Path) -> None:
    """Open the page as `shot` says, move the object a little so that the readouts read, save the picture."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="light" if shot.theme == "light" else "dark",
        device_scale_factor=shot.scale,
    )
    page = context.new_page()
    page.goto(url + shot.state)
    page.wait_for_function(LIVE)
    if shot.own_object:
        bring_object(page)
    play(page)
    sway(page)
    attack(page, shot.attack_steps)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.save(path, quality=85)
    context.close()


def bring_object(page: Page) -> None:
    """Choose a ring in all colours as the own object."""
    ring = trimesh.creation.torus(1.0, 0.42, major_sections=96, minor_sections=48)
    turn = np.arctan2(ring.vertices[:, 1], ring.vertices[:, 0])
    channels = [np.cos(turn + shift) * 0.5 + 0.5 for shift in (0, 2.1, 4.2)]
    ring.visual = trimesh.visual.ColorVisuals(ring, vertex_colors=np.stack(channels, 1))
    with tempfile.TemporaryDirectory() as folder, page.expect_file_chooser() as chooser:
        file = Path(folder) / "ring.ply"
        file.write_bytes(bytes(ring.export(file_type="ply")))
        page.locator('[id="scene.object_file"]').click()
        chooser.value.set_files([str(file)])
        page.locator('.control-own[data-key="scene.object_file"][data-state="loaded"]').wait_for()


def play(page: Page) -> None:
    """Start the Edited Model's feature visualizations, unless they are cached; let what forms be done."""
    page.wait_for_timeout(4_000)
    button = page.get_by_role("button", name="Make feature visualizations of Edited Model")
    if button.count():
        button.click()
        page.wait_for_timeout(25_000)


def attack(page: Page, steps: int) -> None:
    """Press PGD Step so many times."""
    for _ in range(steps):
        page.get_by_role("button", name="PGD Step").click()
    if steps:
        page.get_by_text(f"{steps} steps").wait_for()


def sway(page: Page) -> None:
    """Drag there and back: the state stays as it was."""
    box = page.locator("#scene").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in [*range(30), *range(30, -1, -1)]:
        page.mouse.move(x + step / 2, y)
        page.wait_for_timeout(30)
    page.mouse.up()
    page.wait_for_function(LIVE)


if __name__ == "__main__":
    main()
