"""The shipped pictures of classes: for each variant one sheet of square tiles, row-major, in class order."""

import io
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from perturber import paths

FOLDER = paths.MODELS / "class-pictures"


@dataclass(frozen=True)
class Sheet:
    """`count` tiles of `tile` x `tile` pixels, `columns` in a row."""

    file: Path
    tile: int
    columns: int
    count: int


def exist(variant: str) -> bool:
    """Whether pictures of the classes of `variant` are shipped."""
    return variant in _sheets()


def find(variant: str, index: int) -> bytes | None:
    """The WebP picture of class `index` in the eyes of `variant`, or None where none is shipped."""
    sheet = _sheets().get(variant)
    return None if sheet is None or not 0 <= index < sheet.count else _cut(sheet, index)


@lru_cache(1)
def _sheets() -> dict[str, Sheet]:
    index = FOLDER / "sheets.json"
    if not index.is_file():
        return {}
    rows = json.loads(index.read_text(encoding="utf-8"))
    return {
        name: Sheet(FOLDER / row["file"], row["tile"], row["columns"], row["count"])
        for name, row in rows.items()
    }


@lru_cache(1024)
def _cut(sheet: Sheet, index: int) -> bytes:
    top, left = (position * sheet.tile for position in divmod(index, sheet.columns))
    tile = _open(sheet.file).crop((left, top, left + sheet.tile, top + sheet.tile))
    out = io.BytesIO()
    tile.save(out, "WEBP", quality=90)
    return out.getvalue()


@lru_cache(4)
def _open(file: Path) -> Image.Image:
    with Image.open(file) as image:
        return image.convert("RGB")
