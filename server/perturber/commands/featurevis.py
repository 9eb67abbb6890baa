"""`perturber featurevis`: what units of a network want to see, as files; or the sheets that are shipped."""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import torch
from PIL import Image

from perturber.explain import sheet_maker
from perturber.explain.featurevis import Progress, visualize
from perturber.explain.library import AT_ONCE, Order, order
from perturber.explain.objective import check_units
from perturber.explain.visualization import finished
from perturber.nets import catalog
from perturber.nets.catalog import ModelEntry
from perturber.nets.zoo import Zoo


def run(options: argparse.Namespace) -> int:
    """Make the pictures that the options ask for."""
    if options.sheets:
        sheet_maker.make()
        return 0
    if (
        options.out is None
        or options.units is None
        or (options.layer is None and options.objective != "class")
    ):
        print("perturber featurevis: expected --out, --units and --layer, or --sheets", file=sys.stderr)
        return 2
    zoo = Zoo(options.device)
    network = zoo.load(options.model, options.checkpoint)
    layer = None if options.objective == "class" else options.layer
    check_units(layer, options.units, len(network.classes), network.anatomy.channels)
    asked = order(network, layer, kind=options.objective, naive=options.naive, diversity=options.diversity)
    changes = {"seed": options.seed, "steps": options.steps or asked.recipe.steps}
    asked = replace(asked, recipe=replace(asked.recipe, **changes))
    options.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for first in range(0, len(options.units), AT_ONCE):
        batch = options.units[first : first + AT_ONCE]
        ascent = visualize(network, asked.objective, batch, asked.recipe, _told(first, len(options.units)))
        made = finished(ascent.pictures(), ascent.activations(), asked.recipe.facets)
        for unit, picture in zip(batch, made, strict=True):
            file = f"{layer or 'class'}-{unit}{'-naive' if options.naive else ''}.png"
            Image.fromarray(picture.pixels).save(options.out / file)
            rows.append({"unit": unit, "file": file, "activation": picture.activation})
    print(file=sys.stderr)
    _write(options.out, catalog.find(options.model, options.checkpoint), asked, rows)
    return 0


def _write(out: Path, entry: ModelEntry, asked: Order, rows: list[dict[str, object]]) -> None:
    report = {
        "model": entry.variant,
        "checkpoint": entry.checkpoint,
        "weights": asked.weights,
        "objective": asked.objective.kind,
        "layer": asked.objective.layer,
        **asdict(asked.recipe),
        "torch": torch.__version__,
        "units": rows,
    }
    text = json.dumps(report, indent=2)
    (out / "featurevis.json").write_text(text + "\n", encoding="utf-8")
    for row in rows:
        print(f"{row['unit']:>5} {row['activation']:10.3f}  {row['file']}")


def _told(first: int, count: int) -> Progress:
    def tell(step: int, steps: int) -> None:
        print(
            f"\rfrom unit {first + 1} of {count}: step {step} of {steps}", end="", file=sys.stderr, flush=True
        )

    return tell
