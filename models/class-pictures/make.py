"""Makes the sheet of class pictures of a variant: each class in the network's own eyes.

    .venv/bin/python models/class-pictures/make.py standard adversarial

A tile is the picture that maximises the logit of its class (`perturber.explain.featurevis`), the same for
the same seed. The sheets are written beside this file, with `sheets.json` to say how they are cut.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from perturber.explain.featurevis import Recipe, visualize
from perturber.explain.objective import Objective
from perturber.nets import catalog
from perturber.nets.classifier import Classifier
from perturber.nets.zoo import Zoo

FOLDER = Path(__file__).resolve().parent
TILE = 96
COLUMNS = 20
BATCH = 10
GRAIN = 2
"""The bundled networks were trained on pictures of 64 px, enlarged twofold."""


def main() -> None:
    """Make the sheets of the variants named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variants", nargs="+")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    zoo = Zoo("auto")
    for variant in options.variants:
        entry = catalog.find(variant)
        recipe = Recipe(entry.input_size, steps=options.steps, seed=options.seed, grain=GRAIN)
        tiles = pictures(zoo.load(variant), entry.num_classes, recipe, variant)
        Image.fromarray(sheet(tiles)).save(FOLDER / f"{variant}.webp", quality=80, method=6)
        record(variant, len(tiles), recipe)


def pictures(network: Classifier, count: int, recipe: Recipe, label: str) -> list[np.ndarray]:
    """A tile for each class, in order."""
    tiles: list[np.ndarray] = []
    for first in range(0, count, BATCH):
        classes = range(first, min(first + BATCH, count))
        made = visualize(network, Objective("class", None), classes, recipe)
        tiles += [tile(picture, recipe.size // 16) for picture in made.pictures()]
        print(f"\r{label}: {len(tiles)} of {count}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return tiles


def tile(picture: torch.Tensor, border: int) -> np.ndarray:
    """The middle of `picture` (3, H, W), which all jitter has looked at, as `(TILE, TILE, 3)` bytes."""
    middle = picture[:, border:-border, border:-border].mul(255).round().to(torch.uint8)
    image = Image.fromarray(middle.permute(1, 2, 0).cpu().numpy())
    return np.asarray(image.resize((TILE, TILE), Image.Resampling.LANCZOS))


def sheet(tiles: list[np.ndarray]) -> np.ndarray:
    """All tiles row by row; the last row is filled up with grey."""
    blank = np.full_like(tiles[0], 128)
    filled = tiles + [blank] * (-len(tiles) % COLUMNS)
    rows = [np.concatenate(filled[start : start + COLUMNS], 1) for start in range(0, len(filled), COLUMNS)]
    return np.concatenate(rows, 0)


def record(variant: str, count: int, recipe: Recipe) -> None:
    """Add the sheet to `sheets.json`."""
    index = FOLDER / "sheets.json"
    sheets = json.loads(index.read_text(encoding="utf-8")) if index.is_file() else {}
    sheets[variant] = {
        "file": f"{variant}.webp",
        "tile": TILE,
        "columns": COLUMNS,
        "count": count,
        "steps": recipe.steps,
        "seed": recipe.seed,
    }
    index.write_text(json.dumps(sheets, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
