"""The shipped visualizations: sheets of tiles in `models/feature-visualizations/`, found by what they are of.

`index.json` lists the sheets; a sheet holds one parameterization of one network's units, layer by layer.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from perturber import paths
from perturber.explain.featurevis import Recipe
from perturber.explain.objective import Objective
from perturber.explain.visualization import Pixels, Visualization
from perturber.nets.catalog import ModelEntry

FOLDER = paths.MODELS / "feature-visualizations"
INDEX = "index.json"
TILE = 96
COLUMNS = 16


@dataclass(frozen=True)
class Shelf:
    """The tiles of one layer on a sheet: from tile `first` on those of `units`, made by `recipe`."""

    file: Path
    first: int
    weights: str
    layer: str
    units: tuple[int, ...]
    activations: tuple[float, ...]
    recipe: Recipe


@dataclass(frozen=True)
class Sheet:
    """One network's tiles of one parameterization; `sha256` is its weight file's."""

    variant: str
    checkpoint: int
    sha256: str
    naive: bool
    shelves: tuple[Shelf, ...]


def find(weights: str, objective: Objective, recipe: Recipe, unit: int) -> Visualization | None:
    """The shipped picture of a neuron, if just this one is: of these weights, by this recipe."""
    if objective.kind != "neuron" or objective.layer is None:
        return None
    shelves = _by_content().get((weights, objective.layer, recipe), ())
    return next((picture for shelf in shelves if (picture := _on(shelf, unit))), None)


def of_checkpoint(
    entry: ModelEntry, layer: str, units: Sequence[int], naive: bool
) -> dict[int, Visualization]:
    """The shipped pictures of `units` in one network of the zoo, without loading it.

    Told by its file: the first iteration of a fine-tuning is the network that it started as.
    """
    for sheet in load():
        if (sheet.sha256, sheet.naive) == (entry.sha256, naive):
            shelves = [shelf for shelf in sheet.shelves if shelf.layer == layer]
            found = {unit: _on(shelf, unit) for shelf in shelves for unit in units}
            return {unit: picture for unit, picture in found.items() if picture is not None}
    return {}


@lru_cache(1)
def load() -> tuple[Sheet, ...]:
    """All shipped sheets; none where there is no index."""
    index = FOLDER / INDEX
    if not index.is_file():
        return ()
    return tuple(_sheet(row) for row in json.loads(index.read_text(encoding="utf-8"))["sheets"])


def _sheet(row: dict[str, object]) -> Sheet:
    shelves, first = [], 0
    layers = row["layers"]
    assert isinstance(layers, dict)
    for layer, facts in layers.items():
        units, activations = tuple(facts["units"]), tuple(facts["activations"])
        file, recipe = FOLDER / str(row["file"]), Recipe(**facts["recipe"])
        shelves.append(Shelf(file, first, facts["weights"], layer, units, activations, recipe))
        first += len(units)
    checkpoint = row["checkpoint"]
    assert isinstance(checkpoint, int)
    return Sheet(str(row["variant"]), checkpoint, str(row["sha256"]), bool(row["naive"]), tuple(shelves))


def describe(sheet: Sheet) -> dict[str, object]:
    """A sheet as a row of the index."""
    return {
        "file": sheet.shelves[0].file.name,
        "variant": sheet.variant,
        "checkpoint": sheet.checkpoint,
        "sha256": sheet.sha256,
        "naive": sheet.naive,
        "layers": {
            shelf.layer: {
                "weights": shelf.weights,
                "recipe": asdict(shelf.recipe),
                "units": list(shelf.units),
                "activations": [round(value, 3) for value in shelf.activations],
            }
            for shelf in sheet.shelves
        },
    }


def paste(pictures: Sequence[Pixels]) -> Pixels:
    """The sheet of `pictures`, row by row; a picture smaller than a tile lies in its upper left corner."""
    rows = -(-len(pictures) // COLUMNS)
    sheet = np.full((rows * TILE, COLUMNS * TILE, 3), 128, np.uint8)
    for index, picture in enumerate(pictures):
        top, left = (place * TILE for place in divmod(index, COLUMNS))
        sheet[top : top + len(picture), left : left + len(picture)] = picture
    return sheet


@lru_cache(1)
def _by_content() -> dict[tuple[str, str, Recipe], list[Shelf]]:
    shelves: dict[tuple[str, str, Recipe], list[Shelf]] = {}
    for sheet in load():
        for shelf in sheet.shelves:
            shelves.setdefault((shelf.weights, shelf.layer, shelf.recipe), []).append(shelf)
    return shelves


def _on(shelf: Shelf, unit: int) -> Visualization | None:
    if unit not in shelf.units:
        return None
    place = shelf.units.index(unit)
    top, left = (share * TILE for share in divmod(shelf.first + place, COLUMNS))
    size = shelf.recipe.size
    pixels = _open(shelf.file)[top : top + size, left : left + size]
    return Visualization(np.ascontiguousarray(pixels), shelf.activations[place])


@lru_cache(8)
def _open(file: Path) -> Pixels:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))
