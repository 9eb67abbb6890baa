"""Where visualizations come from: the shipped sheets, the cache on disk, and else the engine."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from perturber import paths
from perturber.explain import sheets
from perturber.explain.featurevis import Ascent, Recipe
from perturber.explain.fingerprint import fingerprint
from perturber.explain.objective import Kind, Objective
from perturber.explain.visualization import Visualization, finished
from perturber.explain.visualization_cache import VisualizationCache
from perturber.nets.classifier import Classifier

ENGINE = 1
"""Goes up when the same weights, objective and recipe give other pictures than before."""

_FIELD = {"conv2d0": 16, "conv2d1": 16, "conv2d2": 32, "mixed3a": 64}
"""Pixels that hold what a central unit of an early layer sees (7, 11, 19 and 59), with room to move."""
_COARSE = 128
"""Networks with an input this small were trained on pictures of half the size, enlarged."""
AT_ONCE = 8
"""Units in one ascent."""


@dataclass(frozen=True)
class Order:
    """What pictures are asked for: equal orders give equal pictures."""

    weights: str
    objective: Objective
    recipe: Recipe

    def key(self, unit: int) -> str:
        """The name of one unit's picture, for good."""
        return repr((ENGINE, self.weights, self.objective, unit, sorted(asdict(self.recipe).items())))


def order(
    network: Classifier,
    layer: str | None,
    *,
    kind: Kind = "neuron",
    naive: bool = False,
    diversity: bool = False,
) -> Order:
    """The house's recipe for units of `layer` (None: classes): the same wherever a picture is shown."""
    objective = Objective(kind, layer)
    size = (
        network.input_size if layer is None else min(network.input_size, 96 if _is_coarse(network) else 128)
    )
    if kind == "neuron":
        size = _FIELD.get(layer or "", size)
    grain = 2 if _is_coarse(network) and not naive else 1
    recipe = Recipe(size=size, grain=grain, naive=naive, facets=4 if diversity else 1)
    return Order(fingerprint(network, layer), objective, recipe)


def _is_coarse(network: Classifier) -> bool:
    return network.input_size <= _COARSE


class Library:
    """Finds what is shipped or was made before, and keeps what is made. Safe for several threads."""

    def __init__(self, cache: VisualizationCache | None = None, *, shipped: bool = True) -> None:
        self._shipped = shipped
        self._cache = cache or VisualizationCache(paths.cache() / "feature-visualizations")

    def find(self, order: Order, unit: int) -> Visualization | None:
        """The picture of `unit` if it needn't be made."""
        shipped = sheets.find(order.weights, order.objective, order.recipe, unit) if self._shipped else None
        return shipped or self._cache.find(order.key(unit))

    def keep(self, order: Order, unit: int, visualization: Visualization) -> None:
        """Remember what was made."""
        self._cache.keep(order.key(unit), visualization)

    def pictures(self, network: Classifier, order: Order, units: Sequence[int]) -> list[Visualization]:
        """The pictures of `units`, made now where none are there: about half a second each on a core."""
        found = {unit: self.find(order, unit) for unit in units}
        missing = [unit for unit, known in found.items() if known is None]
        for first in range(0, len(missing), AT_ONCE):
            batch = missing[first : first + AT_ONCE]
            found |= dict(zip(batch, self.make(network, order, batch), strict=True))
        return [visualization for unit in units if (visualization := found[unit])]

    def make(self, network: Classifier, order: Order, units: Sequence[int]) -> list[Visualization]:
        """The pictures of `units`, made in one batch and kept."""
        ascent = Ascent(network, order.objective, units, order.recipe)
        while not ascent.done:
            ascent.advance()
        made = finished(ascent.pictures(), ascent.activations(), order.recipe.facets)
        for unit, visualization in zip(units, made, strict=True):
            self.keep(order, unit, visualization)
        return made
