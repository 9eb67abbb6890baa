"""Which units are shown: group, layer, units and their count, kept in agreement. Without torch.

`frontend/js/selection.js` is the other side of this file.
"""

from collections.abc import Collection, Mapping
from functools import cache

from perturber.explain.groups import Group, groups
from perturber.nets import catalog
from perturber.parameter import Value, parse_units

OWN = "own"
"""The group of units that a user has chosen one by one."""
DEFAULT_COUNT = 4
DEFAULT_UNITS = ",".join(map(str, range(DEFAULT_COUNT)))


@cache
def offered() -> dict[str, Group]:
    """The groups of every family in the catalog, by name."""
    families = dict.fromkeys(entry.family for entry in catalog.entries())
    return {group.name: group for family in families for group in groups(family)}


def describe() -> list[dict[str, object]]:
    """The groups as JSON rows, for the page and other clients."""
    return [
        {
            "name": group.name,
            "family": group.name.partition(":")[0],
            "label": group.label,
            "layer": group.layer,
            "units": list(group.units),
            "found": group.found,
        }
        for group in offered().values()
    ]


def follow(values: Mapping[str, Value], patch: Collection[str]) -> dict[str, Value]:
    """What has to change so that `values` agree, after the keys in `patch` were set.

    A group brings its layer and its first units, as many as `view.count` says; units of its own pages stay.
    Other units, or another layer, make the choice the user's own; then the count is the number of the units,
    and a new count adds the lowest free ones or drops the last.
    """
    group = offered().get(str(values["view.group"]))
    units, count = parse_units(values["view.units"]), int(values["view.count"])
    if group is None:
        return _own(units, count, patch)
    fits = values["view.layer"] == group.layer and set(units) <= set(group.units)
    given = "view.units" in patch
    if ("view.group" in patch and not (fits and given)) or ("view.count" in patch and not given):
        return {"view.layer": group.layer, "view.units": _text(group.units[:count])}
    return {} if fits else {"view.group": OWN, "view.count": len(units)}


def _own(units: tuple[int, ...], count: int, patch: Collection[str]) -> dict[str, Value]:
    if "view.count" in patch and ("view.units" not in patch or _text(units) == DEFAULT_UNITS):
        free = [unit for unit in range(len(units) + count) if unit not in units]
        return {"view.units": _text((*units, *free)[:count])}
    return {"view.count": len(units)}


def _text(units: tuple[int, ...]) -> str:
    return ",".join(map(str, units))
