"""Class lists: what each output of a network is called. Without torch."""

from pathlib import Path
from typing import NamedTuple


class ClassName(NamedTuple):
    """A class: its WordNet synset ("" where it has none) and its full name."""

    wnid: str
    name: str


def read_classes(path: Path, outputs: int) -> tuple[ClassName | None, ...]:
    """The class of each of a network's `outputs`; None for a dummy output.

    A line is `index<TAB>wnid<TAB>name`, or `wnid<TAB>name` where the index is the line's number from 0.

    Raises:
        ValueError: a line of another form, an index twice or outside the network's outputs.
    """
    classes: list[ClassName | None] = [None] * outputs
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        index, *rest = fields if len(fields := line.split("\t")) == 3 else [str(number), *fields]
        if len(rest) != 2 or not rest[1] or not (index.isascii() and index.isdigit()):
            expected = "index<TAB>wnid<TAB>name or wnid<TAB>name"
            raise ValueError(f"{path.name}, line {number + 1}: expected {expected}, got {line[:80]!r}")
        place = int(index)
        if place >= outputs or classes[place] is not None:
            expected = f"indices below {outputs}, each once"
            raise ValueError(f"{path.name}, line {number + 1}: expected {expected}, got {place}")
        classes[place] = ClassName(*rest)
    if not any(classes):
        raise ValueError(f"{path.name}: expected at least one class, got none")
    return tuple(classes)
