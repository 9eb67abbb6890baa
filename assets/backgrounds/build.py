"""Make the background panoramas from the HDR panoramas of the npm package @pmndrs/assets.

npm pack @pmndrs/assets@1.7.0
pip install openexr scipy          (for this script only)
python assets/backgrounds/build.py pmndrs-assets-1.7.0.tgz
"""

import argparse
import base64
import json
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import ground
import numpy as np
import OpenEXR
from PIL import Image
from scipy import ndimage

HERE = Path(__file__).parent
WIDTH, HEIGHT = 2048, 1024
WEBP_QUALITY = 92
SUN = 40.0  # linear light above this is a lamp or the sun, and not to be trusted in colour


@dataclass(frozen=True)
class Recipe:
    """How one panorama is made.

    `centre`: the source column (of 512) that stands behind the object at yaw 0. `exposure`: factor on linear
    light. `contrast`: exponent about middle grey. `warmth`: factors on red, green and blue. `saturation`: 1
    keeps it. `detail`: the ground's fine structure; `frequencies` its octaves, in cells per camera height;
    `strength` its contrast in stops.
    """

    name: str
    label: str
    source: str
    centre: int
    exposure: float
    contrast: float
    warmth: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    detail: str = ""
    frequencies: tuple[float, ...] = ()
    strength: float = 0.0


RECIPES = (
    Recipe("lawn", "Lawn", "park", 130, 2.3, 1.25, saturation=1.05, detail="grass", strength=1.2),
    Recipe("street", "Street", "city", 480, 2.0, 1.2, (1.04, 1.0, 0.95), 1.2, "grain", (20, 41, 83), 0.3),
    Recipe(
        "forest", "Forest", "forest", 330, 2.0, 1.05, detail="grain", frequencies=(9, 19, 37), strength=0.6
    ),
    Recipe("shore", "Sea Shore", "venice", 252, 1.9, 1.2, (1.12, 1.0, 0.85), 1.0, "grain", (12, 25, 60), 0.3),
    Recipe("interior", "Interior", "lobby", 200, 1.0, 1.1, (1.0, 1.0, 1.05), 1.1),
    Recipe(
        "dawn",
        "Dawn",
        "dawn",
        150,
        1.3,
        1.05,
        saturation=1.15,
        detail="grain",
        frequencies=(7, 16, 35),
        strength=0.4,
    ),
)


def main() -> None:
    """Write every panorama and `backgrounds.json` beside this script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="the package's archive, from `npm pack`")
    package = parser.parse_args().package
    for number, recipe in enumerate(RECIPES):
        picture = develop(read_panorama(package, recipe.source), recipe, seed=100 * number)
        picture.save(HERE / f"{recipe.name}.webp", quality=WEBP_QUALITY, method=6)
        print(f"{recipe.name}: {(HERE / f'{recipe.name}.webp').stat().st_size / 1024:.0f} KiB")
    index = [{"name": r.name, "label": r.label, "file": f"{r.name}.webp"} for r in RECIPES]
    lines = ",\n".join("  " + json.dumps(item) for item in index)
    (HERE / "backgrounds.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read_panorama(package: Path, source: str) -> np.ndarray:
    """The linear light of a panorama of the package, (256, 512, 3), its first row the zenith."""
    with tarfile.open(package) as archive:
        member = archive.extractfile(f"package/hdri/{source}.exr.js")
        if member is None:
            raise FileNotFoundError(f"no panorama {source!r} in {package}")
        script = member.read().decode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "panorama.exr"
        file.write_bytes(base64.b64decode(script.split("base64,")[1].split("'")[0]))
        pixels = OpenEXR.File(str(file)).channels()["RGB"].pixels
    return np.asarray(pixels, np.float64)


def develop(light: np.ndarray, recipe: Recipe, seed: int) -> Image.Image:
    """Turn, tone-map, enlarge and give the ground its fine structure."""
    turned = np.roll(mend(light), light.shape[1] // 2 - recipe.centre, axis=1)
    shown = to_srgb(compress(grade(turned, recipe)))
    large = enlarge(shown)
    grey = large @ np.array([0.2126, 0.7152, 0.0722])
    large = grey[..., None] + recipe.saturation * (large - grey[..., None])
    if recipe.detail == "grass":
        stops = ground.grass(WIDTH, HEIGHT, seed)[..., None] * np.array(
            [1.0, 0.95, 0.6]
        )  # light tips are yellow
        large = large * 2 ** (recipe.strength * stops)
    elif recipe.detail == "grain":
        stops = ground.grain(WIDTH, HEIGHT, recipe.frequencies, seed)[..., None]
        large = large * 2 ** (recipe.strength * stops)
    return Image.fromarray((np.clip(large, 0, 1) * 255 + 0.5).astype(np.uint8))


def mend(light: np.ndarray) -> np.ndarray:
    """Remove what the package's resizing left: overflows at the sun and lamps, dark dots where it rang."""
    peak = light.max(axis=-1, keepdims=True)
    overflow = ndimage.maximum_filter(peak > SUN, (5, 5, 1), mode="wrap")
    light = np.where(overflow, np.maximum(peak, SUN), light)
    typical = ndimage.median_filter(light, (5, 5, 1), mode="wrap")
    brightest = ndimage.maximum_filter(light, (7, 7, 1), mode="wrap")
    rang = (light < 0.4 * typical) & (brightest > 4 * typical) | (light < 0.1 * typical)
    return np.maximum(np.where(rang.any(axis=-1, keepdims=True), typical, light), 0)


def grade(light: np.ndarray, recipe: Recipe) -> np.ndarray:
    """Exposure, white balance, and contrast about middle grey (0.18), on linear light."""
    exposed = light * recipe.exposure * np.array(recipe.warmth)
    return 0.18 * (exposed / 0.18) ** recipe.contrast


def compress(light: np.ndarray, white: float = 5.0) -> np.ndarray:
    """Display light in [0, 1] with a soft shoulder; `white` maps to 1 (Reinhard et al. 2002, eq. 4)."""
    return np.clip(light * (1 + light / white**2) / (1 + light), 0, 1)


def to_srgb(light: np.ndarray) -> np.ndarray:
    """The sRGB encoding (IEC 61966-2-1) of linear light in [0, 1]."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)


def enlarge(picture: np.ndarray) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) by Lanczos, continuous over the seam and over the poles."""
    margin = 16
    half = picture.shape[1] // 2
    above = np.roll(picture[:margin][::-1], half, axis=1)
    below = np.roll(picture[-margin:][::-1], half, axis=1)
    framed = np.concatenate([above, picture, below])
    framed = np.concatenate([framed[:, -margin:], framed, framed[:, :margin]], axis=1)
    factor = WIDTH // picture.shape[1]
    size = (framed.shape[1] * factor, framed.shape[0] * factor)
    planes = [
        np.asarray(Image.fromarray(framed[..., c].astype(np.float32)).resize(size, Image.Resampling.LANCZOS))
        for c in range(3)
    ]
    cut = margin * factor
    return np.stack(planes, axis=-1)[cut:-cut, cut:-cut].astype(np.float64)


if __name__ == "__main__":
    main()
