"""What feature visualizations that form cost the frames: both measured turn by turn in one loop."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perturber.explain.library import Library
from perturber.explain.rows import Wanted
from perturber.explain.visualization_cache import VisualizationCache
from perturber.explain.visualizer import Visualizer
from perturber.memo import Memo
from perturber.parameters import SceneState
from perturber.studio import Studio

UNITS = tuple(range(8))
TURNS = 6


def beside_featurevis(studio: Studio, states: Sequence[SceneState]) -> dict[str, Any]:
    """Frames a second over `states` alone, and while rows of both models' deepest layer form."""
    seconds = {False: 0.0, True: 0.0}
    with tempfile.TemporaryDirectory() as folder:
        visualizer = Visualizer(Library(VisualizationCache(Path(folder)), shipped=False))
        slots = _show(visualizer, studio, states[0])
        memo = Memo()
        share = max(1, len(states) // TURNS)
        for turn in range(TURNS):
            for forming in (False, True):
                for slot in slots:
                    visualizer.play(slots, slot, forming)
                start = time.perf_counter()
                for state in states[turn * share : (turn + 1) * share]:
                    # The other half of the turn saw this state: a camera a little further on.
                    turned = state.changed({"camera.roll": 1.0 if forming else 0.0})
                    studio.make(turned, 1, memo).encode()
                seconds[forming] += time.perf_counter() - start
        rows = [visualizer.row(slots, slot) for slot in slots]
        steps = sum(row.making.ascent.step if row and row.making else 0 for row in rows)
        visualizer.close()
    alone, beside = (round(share * TURNS / seconds[forming], 1) for forming in (False, True))
    return {"fps_alone": alone, "fps_beside": beside, "ratio": round(beside / alone, 3), "steps_made": steps}


class _Slots(tuple[str, ...]):
    """The bench as a viewer: told by identity."""

    __hash__ = object.__hash__


def _show(visualizer: Visualizer, studio: Studio, state: SceneState) -> _Slots:
    """Rows that take a while: eight units of the deepest layer of each network."""
    slots = _Slots(("model1", "model2"))
    wanted = {}
    for slot in slots:
        network = studio.zoo.load(state.text(f"{slot}.variant"), 0)
        wanted[slot] = Wanted(
            network, list(network.anatomy.channels)[-1], UNITS, naive=False, diversity=False
        )
    visualizer.show(slots, wanted, dict.fromkeys(slots, False), lambda _: None)
    return slots
