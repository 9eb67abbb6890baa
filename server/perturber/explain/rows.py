"""A row of feature visualizations: what one slot of one session shows, and how far it has come."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from perturber.explain.featurevis import Ascent
from perturber.explain.library import Library, Order, order
from perturber.explain.visualization import Pixels, data_url, finished, tiles
from perturber.nets.classifier import Classifier

RowState = Literal["waiting", "idle", "forming", "paused", "done", "failed"]

_FORMING_QUALITY, _FINAL_QUALITY = 75, 90


@dataclass(frozen=True, eq=False)
class Wanted:
    """What a row shows: units of a layer of a network, told by identity, as an edit makes another network."""

    network: Classifier
    layer: str
    units: tuple[int, ...]
    naive: bool
    diversity: bool

    def same(self, other: "Wanted") -> bool:
        """Whether the two show the same for sure."""
        facts = (self.layer, self.units, self.naive, self.diversity)
        return self.network is other.network and facts == (
            other.layer,
            other.units,
            other.naive,
            other.diversity,
        )


class Row:
    """Filled by the visualizer's thread, read by the session's. `changed` is called in the former."""

    def __init__(
        self, wanted: Wanted, playing: bool, changed: Callable[[], None], before: "Row | None"
    ) -> None:
        self.wanted, self.playing, self.before = wanted, playing, before
        self.order: Order | None = None
        self.making: Making | None = None
        self.failed = False
        self._changed = changed
        self._lock = threading.Lock()
        self._news: dict[int, str] = {}

    def open(self, library: Library) -> list[int]:
        """Show what is known already; the units that aren't."""
        wanted = self.wanted
        self.order = order(wanted.network, wanted.layer, naive=wanted.naive, diversity=wanted.diversity)
        before, self.before = self.before, None
        if before is not None and before.order == self.order and before.wanted.units == wanted.units:
            self.playing = before.playing  # an edit behind the layer
        found = {unit: library.find(self.order, unit) for unit in wanted.units}
        for unit, known in found.items():
            if known is not None:
                self.put(unit, known.pixels, _FINAL_QUALITY)
        return [unit for unit, known in found.items() if known is None]

    def put(self, unit: int, pixels: Pixels, quality: int) -> None:
        """A unit's newest picture."""
        address = data_url(pixels, quality)
        with self._lock:
            self._news[unit] = address

    def tell(self) -> None:
        """Let the session know that there is something to take."""
        self._changed()

    @property
    def state(self) -> RowState:
        """Where the row is; `idle` has not begun, `waiting` isn't looked at yet."""
        if self.failed or self.order is None:
            return "failed" if self.failed else "waiting"
        if self.making is None:
            return "done"
        if self.playing:
            return "forming"
        return "paused" if self.making.ascent.step else "idle"

    def take(self) -> dict[str, Any]:
        """The message of docs/protocol.md without its slot, with the pictures that are new since the last."""
        with self._lock:
            news, self._news = self._news, {}
        making, wanted = self.making, self.wanted
        return {
            "type": "featurevis",
            "weights": "" if self.order is None else self.order.weights[:16],
            "layer": wanted.layer,
            "units": list(wanted.units),
            "naive": wanted.naive,
            "diversity": wanted.diversity,
            "state": self.state,
            "step": making.ascent.step if making else 0,
            "steps": making.ascent.recipe.steps if making else 0,
            "pictures": [news.get(unit) for unit in wanted.units],
        }


class Making:
    """An ascent under way, for all rows that wait for just these units of it."""

    def __init__(self, row: Row, units: list[int]) -> None:
        assert row.order is not None
        self.order, self.units = row.order, units
        self.ascent = Ascent(row.wanted.network, self.order.objective, units, self.order.recipe)
        self.rows: set[Row] = set()

    def show(self) -> None:
        """The pictures as they are, to every row."""
        pictures = tiles(self.ascent.pictures(), self.order.recipe.facets)
        self._show(pictures, _FORMING_QUALITY)

    def finish(self, library: Library) -> None:
        """Keep the finished pictures; the rows are done."""
        ascent = self.ascent
        made = finished(ascent.pictures(), ascent.activations(), self.order.recipe.facets)
        for unit, visualization in zip(self.units, made, strict=True):
            library.keep(self.order, unit, visualization)
        for row in self.rows:
            row.making = None
        self._show([visualization.pixels for visualization in made], _FINAL_QUALITY)

    def _show(self, pictures: list[Pixels], quality: int) -> None:
        for row in self.rows:
            for unit, pixels in zip(self.units, pictures, strict=True):
                row.put(unit, pixels, quality)
            row.tell()
