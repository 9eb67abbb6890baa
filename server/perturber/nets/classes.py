"""Class lists: what each output of a network is called. Without torch."""

from pathlib import Path
from typing import NamedTuple


class ClassName(NamedTuple):
    """A class: its WordNet synset ("" where it has none) and its full name."""

    wnid: str
    name: str


def read_classes(path: Path, outputs: int) -> tuple[ClassName | None, ...]:
    """The class of each of a network's `outputs`; None for a dummy output.

    A line is `index<TAB>wnid<TAB>name`, or `wnid<TAB>name` where the index is the line's number from 0; in
    that form every output needs its line.

    Raises:
        ValueError: a line of another form, an index twice or outside the network's outputs, missing lines.
    """
    classes: list[ClassName | None] = [None] * outputs
    lines = path.read_text(encoding="utf-8").splitlines()
    numbered = bool(lines) and lines[0].count("\t") == 2
    if not numbered and len(lines) != outputs:
        raise ValueError(f"{path.name}: expected {outputs} lines, got {len(lines)}")
    for number, line in enumerate(lines):
        index, *rest = line.split("\t") if numbered else [str(number), *line.split("\t")]
        if len(rest) != 2 or not rest[1] or not (index.isascii() and index.isdigit()):
            expected = "index<TAB>wnid<TAB>name or wnid<TAB>name"
            raise ValueError(f"{path.name}, line {number + 1}: expected {expected}, got {line[:80]!r}")
        place = int(index)
        if place >= outputs or classes[place] is not None:
            expected = f"indices below {outputs}, each once"
            raise ValueError(f"{path.name}, line {number + 1}: expected {expected}, got {place}")
        classes[place] = ClassName(*rest)
    return tuple(classes)
