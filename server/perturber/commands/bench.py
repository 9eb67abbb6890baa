"""`perturber bench`: whole frames and their stages, in the four configurations of the thesis's figure 7.5."""

import argparse
import itertools
import json
import os
import platform
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import torch

from perturber.commands.bench_beside import beside_featurevis
from perturber.memo import Memo
from perturber.nets import catalog
from perturber.parameters import SceneState
from perturber.scene.view import SceneView
from perturber.studio import Studio, StudioSettings

CONFIGURATIONS: dict[str, dict[str, object]] = {
    "nav-1": {"model2.enabled": False, "view.predictions": False},
    "nav-2": {"view.predictions": False},
    "nav+pv-1": {"model2.enabled": False},
    "nav+pv-2": {},
}
"""Neuron activation view (nav) with or without prediction view (pv), one or two models."""

_WARM_UP = 15

# Before any studio sets its own: what a network that runs alone is given.
_CORES = torch.get_num_threads()


def run(options: argparse.Namespace) -> int:
    """Measure and print; progress goes to stderr."""
    with Studio(StudioSettings(device=options.device)) as studio:
        report = measure(studio, options.frames)
    print(json.dumps(report, indent=2) if options.json else _readable(report))
    return 0


def measure(studio: Studio, frames: int) -> dict[str, Any]:
    """The report: every frame turns the camera, so that nothing is reused."""
    base = _base_state()
    rows = []
    for name, patch in CONFIGURATIONS.items():
        print(f"{name}: {frames} frames ...", file=sys.stderr, flush=True)
        rows.append({"name": name, **_configuration(studio, base.changed(patch), frames)})
    print(f"frame against its parts: {frames} rounds ...", file=sys.stderr, flush=True)
    parts = _parts(studio, base, frames)
    print(f"frames beside feature visualizations: 2 x {frames} frames ...", file=sys.stderr, flush=True)
    beside = beside_featurevis(studio, list(_turning(base, frames))[_WARM_UP:])
    print("killing the render worker 5 times ...", file=sys.stderr, flush=True)
    return {
        "machine": machine(studio),
        "configurations": rows,
        "parts": parts,
        "beside_featurevis": beside,
        "recovery_ms": _recovery(studio, base),
    }


def _base_state() -> SceneState:
    """Two different networks where there are two: the same one twice would be computed once."""
    variants = list(catalog.variants())
    return SceneState.default().changed({"model1.variant": variants[0], "model2.variant": variants[-1]})


def _turning(state: SceneState, frames: int) -> Iterable[SceneState]:
    for index in range(-_WARM_UP, frames):
        yield state.changed({"camera.yaw": (index * 2.3) % 360 - 180})


def _configuration(studio: Studio, state: SceneState, frames: int) -> dict[str, Any]:
    memo, wholes, stages = Memo(), [], []
    for turned in _turning(state, frames):
        start = time.perf_counter()
        frame = studio.make(turned, 1, memo)
        frame.encode()
        wholes.append((time.perf_counter() - start) * 1e3)
        stages.append(frame.timing_ms)
    wholes, stages = wholes[_WARM_UP:], stages[_WARM_UP:]
    names = [name for name in stages[0] if name != "total"]
    return {
        "fps": round(1e3 / statistics.fmean(wholes), 1),
        **_percentiles(wholes),
        "stages_ms": {name: _percentiles([stage[name] for stage in stages]) for name in names},
    }


def _parts(studio: Studio, state: SceneState, frames: int) -> dict[str, Any]:
    """A whole frame, rendering alone and each forward pass alone on all cores, turn by turn in one loop."""
    memo, times = Memo(), {"frame": [0.0], "render": [0.0], "model1": [0.0], "model2": [0.0]}
    networks = {slot: studio.zoo.load(state.text(f"{slot}.variant"), 0) for slot in ("model1", "model2")}
    picture = torch.rand(
        1, 3, studio.settings.picture_size, studio.settings.picture_size, device=studio.zoo.device
    )
    layer = state.text("view.layer")
    torch.set_num_threads(_CORES)
    for turned in _turning(state, frames):
        times["frame"].append(_clock(lambda: studio.make(turned, 1, memo).encode()))  # noqa: B023
        times["render"].append(_clock(lambda: studio.worker.render(SceneView.from_state(turned))))  # noqa: B023
        for slot, network in networks.items():
            with torch.inference_mode():
                times[slot].append(_clock(lambda: network.answer(picture, layer, logits=True)))  # noqa: B023
    medians = {name: round(statistics.median(values[_WARM_UP + 1 :]), 2) for name, values in times.items()}
    alone = medians["render"] + medians["model1"] + medians["model2"]
    return {"p50_ms": medians, "frame_over_sum_of_parts": round(medians["frame"] / alone, 3)}


def _recovery(studio: Studio, state: SceneState) -> dict[str, float]:
    """The first frame after the render worker was killed: what a crash costs."""
    times = []
    for turned in itertools.islice(_turning(state, 5), _WARM_UP, None):
        if studio.worker.pid:
            os.kill(studio.worker.pid, signal.SIGKILL)
        times.append(_clock(lambda: studio.make(turned, 1, Memo())))  # noqa: B023
    return _percentiles(times)


def _clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1e3


def _percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50_ms": round(statistics.median(ordered), 2),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 2),
    }


def machine(studio: Studio) -> dict[str, object]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "device": str(studio.zoo.device),
        "torch": torch.__version__,
        "torch_threads": _CORES,
        "picture_size": studio.settings.picture_size,
        "networks": sorted({_base_state().text("model1.variant"), _base_state().text("model2.variant")}),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        return names[0]
    except (OSError, IndexError):
        return platform.processor()


def _readable(report: dict[str, Any]) -> str:
    lines = [f"{name}: {value}" for name, value in report["machine"].items()]
    lines += ["", f"{'configuration':14} {'fps':>6} {'p50 ms':>8} {'p95 ms':>8}   stages (p50 ms)"]
    for row in report["configurations"]:
        stages = ", ".join(f"{name} {value['p50_ms']:.1f}" for name, value in row["stages_ms"].items())
        lines.append(
            f"{row['name']:14} {row['fps']:6.1f} {row['p50_ms']:8.1f} {row['p95_ms']:8.1f}   {stages}"
        )
    parts = report["parts"]
    alone = ", ".join(f"{name} {value:.1f}" for name, value in parts["p50_ms"].items())
    lines += [
        "",
        f"p50 ms in one loop: {alone}; frame / sum of its parts: {parts['frame_over_sum_of_parts']:.2f}",
    ]
    beside = report["beside_featurevis"]
    lines.append(
        f"fps alone {beside['fps_alone']:.1f}, while feature visualizations form {beside['fps_beside']:.1f}: "
        f"ratio {beside['ratio']:.2f}"
    )
    recovery = report["recovery_ms"]
    lines.append(f"first frame after a kill of the render worker: {recovery['p50_ms']:.0f} ms (p50)")
    return "\n".join(lines)
