"""Which objects and backgrounds exist, read from the asset folders. Without GL."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from perturber import paths


@dataclass(frozen=True)
class ObjectPair:
    """Two shapes of one topology: `start` at morph 0, `end` at morph 1; `morph` names the way between."""

    name: str
    label: str
    start: str
    end: str
    morph: str
    folder: Path


@dataclass(frozen=True)
class Background:
    """An equirectangular sRGB panorama."""

    name: str
    label: str
    file: Path


@cache
def objects(assets: Path = paths.ASSETS) -> dict[str, ObjectPair]:
    """Every pair under `objects/` of the folder `assets`, by name; dog and cat first."""
    folders = sorted(path.parent for path in (assets / "objects").glob("*/object.json"))
    return {folder.name: _object(folder) for folder in folders}


def _object(folder: Path) -> ObjectPair:
    raw = json.loads((folder / "object.json").read_text(encoding="utf-8"))
    return ObjectPair(folder.name, raw["label"], raw["from"], raw["to"], raw["morph"], folder)


@cache
def backgrounds(assets: Path = paths.ASSETS) -> dict[str, Background]:
    """Every panorama of `backgrounds/backgrounds.json` in the folder `assets`, by name, in its order."""
    folder = assets / "backgrounds"
    raw = json.loads((folder / "backgrounds.json").read_text(encoding="utf-8"))
    return {item["name"]: Background(item["name"], item["label"], folder / item["file"]) for item in raw}
