"""Takes the pictures of the page that README and docs show, from a running dashboard.

perturber serve &
python tools/screenshots.py http://127.0.0.1:8000/ docs/page
"""

import argparse
import io
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

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


STREET = "scene.object=truck-racecar&scene.background=street"
EDIT = "edited.enabled=true&edit.mix.conv2d0=1&edit.mix.conv2d1=0.4"

SHOTS = (
    Shot("dashboard", 1440, 900, "dark", scale=2),
    Shot("light", 1440, 900, "light", "#morph.overall=1&view.layer=mixed3b", scale=2),
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
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    executable = os.environ.get("PERTURBER_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for shot in SHOTS:
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
    sway(page)
    attack(page, shot.attack_steps)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.save(path, quality=85)
    context.close()


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
