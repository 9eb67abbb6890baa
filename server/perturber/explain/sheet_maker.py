"""Makes the shipped sheets: every picture into a cache first, so that a stopped run goes on where it was."""

import json
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from perturber import paths
from perturber.explain import sheets
from perturber.explain.groups import groups
from perturber.explain.library import AT_ONCE, Library, order
from perturber.explain.visualization import Visualization
from perturber.explain.visualization_cache import VisualizationCache
from perturber.nets import catalog
from perturber.nets.catalog import ModelEntry
from perturber.nets.layers import CHANNELS
from perturber.nets.zoo import Zoo
from perturber.parameters import SceneState

FAMILY = "tiny-imagenet"
QUALITY, QUALITY_NAIVE, QUALITY_CHECKPOINT = 75, 62, 65
"""WebP's. Naive pictures are much noise and cost most; checkpoints are many, and looked at in passing."""

_CLASS_LAYERS = tuple(layer for layer in CHANNELS if layer >= "mixed4a")
_CACHE_BYTES = 2**30


@dataclass(frozen=True)
class Task:
    """Units of one layer of one network, for one batch."""

    variant: str
    checkpoint: int
    naive: bool
    layer: str
    units: tuple[int, ...]


def make(workers: int | None = None) -> None:
    """Make the sheets with a process on each core; each counts as soon as it is there.

    The finished networks come first, in the Fourier form before the naive one, then the checkpoints.
    """
    entries = _networks()
    finished = [(entry, naive) for naive in (False, True) for entry in entries if entry.final]
    wanted = finished + [(entry, False) for entry in entries if not entry.final]
    zoo, library = Zoo("cpu"), _library()
    rows: list[dict[str, object]] = []
    # Spawned, not forked: a copy of torch's threads would hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, torch.set_num_threads, (1,)) as pool:
        running = [[pool.submit(_run, task) for task in _tasks(*what)] for what in wanted]
        try:
            for (entry, naive), batches in zip(wanted, running, strict=True):
                _wait(batches, f"{entry.variant} {entry.checkpoint}{' naive' if naive else ''}")
                rows.append(_assemble(zoo, library, entry, naive))
                _write_index(rows)
        except BaseException:
            pool.shutdown(cancel_futures=True)  # a stopped run doesn't make what still waits
            raise
    _remove_others({str(row["file"]) for row in rows})
    size = sum(path.stat().st_size for path in sheets.FOLDER.iterdir())
    print(f"{len(rows)} sheets, {size / 2**20:.1f} MiB", file=sys.stderr)


def _wait(batches: Sequence[Future[None]], name: str) -> None:
    for done, batch in enumerate(batches, 1):
        batch.result()
        print(f"\r{name}: {done} of {len(batches)} batches", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _write_index(rows: Sequence[dict[str, object]]) -> None:
    text = json.dumps({"tile": sheets.TILE, "columns": sheets.COLUMNS, "sheets": rows}, indent=1)
    (sheets.FOLDER / sheets.INDEX).write_text(text + "\n", encoding="utf-8")


def shown_units(final: bool) -> dict[str, tuple[int, ...]]:
    """The units on a sheet by layer: all groups' and the page's first ones; a checkpoint's of deep layers."""
    state = SceneState.default()
    units: dict[str, set[int]] = {layer: set() for layer in CHANNELS}
    units[state.text("view.layer")].update(state.units)
    for group in groups(FAMILY):
        units[group.layer].update(group.units)
    kept = CHANNELS if final else _CLASS_LAYERS
    return {layer: tuple(sorted(units[layer])) for layer in kept if units[layer]}


def _networks() -> list[ModelEntry]:
    """The bundled networks, each once: several checkpoints may be one file. Finished ones first."""
    bundled = [
        entry
        for entry in catalog.entries()
        if entry.family == FAMILY and entry.file.is_relative_to(paths.MODELS)
    ]
    by_file: dict[str, ModelEntry] = {}
    for entry in sorted(bundled, key=lambda entry: not entry.final):
        by_file.setdefault(entry.sha256, entry)
    return list(by_file.values())


def _tasks(entry: ModelEntry, naive: bool) -> Iterator[Task]:
    for layer, units in shown_units(entry.final).items():
        for first in range(0, len(units), AT_ONCE):
            yield Task(entry.variant, entry.checkpoint, naive, layer, units[first : first + AT_ONCE])


_zoo: Zoo | None = None


def _run(task: Task) -> None:
    """One batch, in a worker process, which keeps its zoo from task to task."""
    global _zoo
    _zoo = _zoo or Zoo("cpu")
    network = _zoo.load(task.variant, task.checkpoint)
    _library().pictures(network, order(network, task.layer, naive=task.naive), task.units)


def _library() -> Library:
    """Without the shipped sheets: what is made must not come from them."""
    folder = paths.cache() / "feature-visualization-sheets"
    return Library(VisualizationCache(folder, _CACHE_BYTES), shipped=False)


def _assemble(zoo: Zoo, library: Library, entry: ModelEntry, naive: bool) -> dict[str, object]:
    """Write the sheet of one network and give its row of the index."""
    network = zoo.load(entry.variant, entry.checkpoint)
    name = f"{entry.variant}-{entry.checkpoint}" if not entry.final else entry.variant
    file = sheets.FOLDER / f"{name}{'-naive' if naive else ''}.webp"
    shelves: list[sheets.Shelf] = []
    pictures: list[Visualization] = []
    for layer, units in shown_units(entry.final).items():
        asked = order(network, layer, naive=naive)
        made = library.pictures(network, asked, units)
        activations = tuple(picture.activation for picture in made)
        first = len(pictures)
        shelves.append(sheets.Shelf(file, first, asked.weights, layer, units, activations, asked.recipe))
        pictures += made
    sheet = sheets.paste([picture.pixels for picture in pictures])
    sheets.FOLDER.mkdir(parents=True, exist_ok=True)
    quality = QUALITY_NAIVE if naive else QUALITY if entry.final else QUALITY_CHECKPOINT
    Image.fromarray(sheet).save(file, quality=quality, method=6)
    described = sheets.Sheet(entry.variant, entry.checkpoint, entry.sha256, naive, tuple(shelves))
    return sheets.describe(described)


def _remove_others(kept: set[str]) -> None:
    """Sheets of networks that aren't bundled any more."""
    for path in sheets.FOLDER.glob("*.webp"):
        if path.name not in kept:
            Path(path).unlink()
