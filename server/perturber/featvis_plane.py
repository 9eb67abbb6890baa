"""The feature visualization that takes the object's place in the scene (thesis 5.2.2, Feat. Vis.)."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from perturber.explain.library import Library, order
from perturber.explain.objective import check_units
from perturber.parameter import parse_unit
from perturber.parameters import SceneState
from perturber.scene.view import Plane
from perturber.slots import Networks, identity

KEY = "scene.featvis"
MOST_KEPT = 64


@dataclass(frozen=True)
class _Wanted:
    """A unit of Model 1's network."""

    network: Hashable
    layer: str
    unit: int


class FeatureVisualizationPlanes:
    """Finds or makes the picture of the unit that a state names, as Model 1 sees it. For any thread."""

    def __init__(self, networks: Networks, library: Library | None = None) -> None:
        self._networks = networks
        self._library = library or Library()
        self._kept: OrderedDict[_Wanted, Plane] = OrderedDict()
        self._lock = threading.Lock()

    def is_at_hand(self, state: SceneState) -> bool:
        """Whether `find` answers at once."""
        wanted = _wanted(state)
        return wanted is None or wanted in self._kept

    def find(self, state: SceneState, session: Hashable) -> Plane | None:
        """The plane of `state`, None where there is none: shipped, made before, or made now in seconds.

        Raises:
            UnknownModelError, ModelError: Model 1's network can't be loaded.
            ObjectiveError: it has no such layer, or no such unit.
        """
        wanted = _wanted(state)
        if wanted is None:
            return None
        plane = self._kept.get(wanted) or self._look_up(wanted, state, session)
        with self._lock:
            self._kept[wanted] = plane
            self._kept.move_to_end(wanted)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return plane

    def _look_up(self, wanted: _Wanted, state: SceneState, session: Hashable) -> Plane:
        network = self._networks.load(state, "model1", session).classifier
        check_units(wanted.layer, [wanted.unit], len(network.classes), network.anatomy.channels)
        (picture,) = self._library.pictures(network, order(network, wanted.layer), [wanted.unit])
        return Plane(len(picture.pixels), picture.pixels.tobytes())


def _wanted(state: SceneState) -> _Wanted | None:
    text = state.text(KEY)
    if not text or state.text("scene.source") != "scene":
        return None
    return _Wanted(identity(state, "model1"), *parse_unit(text, KEY))
