"""Neuron groups: units of one layer that belong together, and how each group was found. Without torch."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from perturber import paths
from perturber.errors import PerturberError

FILE = paths.MODELS / "neuron-groups.json"


class GroupsError(PerturberError):
    """A file of groups that can't be read; the message names it and what was expected."""


@dataclass(frozen=True)
class Group:
    """Units of `layer`, the best first; `found` says in a phrase how they were found.

    `name` is unique among the groups of all families, such as `tiny-imagenet:mixed4a.dog`.
    """

    name: str
    label: str
    layer: str
    units: tuple[int, ...]
    found: str


@cache
def groups(family: str) -> tuple[Group, ...]:
    """The groups of a family of networks, input to output; none for a family that has no entry.

    Raises:
        GroupsError: as `read_groups`.
    """
    return read_groups(FILE).get(family, ())


def read_groups(path: Path) -> dict[str, tuple[Group, ...]]:
    """Every family's groups in the file at `path`; its form is in `models/README.md`.

    Raises:
        GroupsError: a field is missing or of the wrong type, a name comes twice, a group has no unit.
    """
    try:
        families = json.loads(path.read_text(encoding="utf-8"))
        return {family: _family(family, rows) for family, rows in families.items()}
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise GroupsError(f"{path}: not a file of neuron groups: {error!r}") from error


def _family(family: str, sources: list[dict[str, object]]) -> tuple[Group, ...]:
    rows: list[Group] = []
    for source in sources:
        groups = source["groups"]
        if not isinstance(groups, list):
            raise TypeError(f"groups of {family}: expected a list, got {type(groups).__name__}")
        rows += [_group(family, str(source["found"]), row) for row in groups]
    if len({group.name for group in rows}) < len(rows):
        raise ValueError(f"{family}: expected each name once")
    return tuple(rows)


def _group(family: str, found: str, row: dict[str, object]) -> Group:
    units = row["units"]
    if not isinstance(units, list) or not units or not all(type(unit) is int and unit >= 0 for unit in units):
        raise TypeError(f"units of {row['name']}: expected a list of unit numbers, got {units!r}")
    detail = row.get("detail")
    return Group(
        name=f"{family}:{row['layer']}.{row['name']}",
        label=str(row["label"]),
        layer=str(row["layer"]),
        units=tuple(dict.fromkeys(units)),
        found=f"{found} {detail}" if detail else found,
    )
