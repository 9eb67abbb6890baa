"""`perturber models evaluate`: how good and how robust the networks are, on given pictures."""

import argparse
import json
import sys
from dataclasses import replace
from typing import Any

from perturber.evaluation.figures import QUICK, Examination, Extent, half_precision_is_fast
from perturber.evaluation.pictures import read_validation
from perturber.evaluation.table import accuracies
from perturber.nets import catalog
from perturber.nets.catalog import ModelEntry
from perturber.nets.classes import read_classes
from perturber.nets.weights import ModelError
from perturber.nets.zoo import Zoo

FAMILY = "tiny-imagenet"


def run(options: argparse.Namespace) -> int:
    """Measure, network by network; the table on stdout, the JSON into --out."""
    entries = [_entry(name) for name in options.models] if options.models else _finals()
    zoo = Zoo(options.device)
    pictures = read_validation(options.data, read_classes(entries[0].classes, entries[0].num_classes))
    extent = QUICK if options.quick else Extent()
    if options.attacked is not None:
        extent = replace(extent, attacked=options.attacked)
    half_precision = half_precision_is_fast(zoo.device) and not options.exact
    examination = Examination(pictures.to(zoo.device), extent, half_precision=half_precision, tell=_tell)
    report: dict[str, Any] = {"precision": "bfloat16" if half_precision else "float32", "models": {}}
    for entry in entries:
        figures = examination.of(_name(entry), zoo.load(entry.variant, entry.checkpoint))
        report["models"][_name(entry)] = {"label": _label(entry), "figures": figures}
    print(accuracies(report))
    if options.out is not None:
        options.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        _tell(str(options.out))
    return 0


def _finals() -> list[ModelEntry]:
    return [entry for entry in catalog.entries() if entry.family == FAMILY and entry.final]


def _entry(name: str) -> ModelEntry:
    """The network called `VARIANT` or `VARIANT@ITERATION`."""
    variant, at, iteration = name.partition("@")
    if at and not (iteration.isascii() and iteration.isdigit()):
        raise ModelError(f"--models: expected VARIANT or VARIANT@ITERATION, got {name[:80]!r}")
    entry = catalog.find(variant, int(iteration) if at else 0)
    if entry.family != FAMILY:
        raise ModelError(f"--models: expected networks of the family {FAMILY}, got {name[:80]!r}")
    return entry


def _name(entry: ModelEntry) -> str:
    return entry.variant if entry.final else f"{entry.variant}@{entry.checkpoint}"


def _label(entry: ModelEntry) -> str:
    return entry.label if entry.final else f"{entry.label}, iteration {entry.checkpoint:,}"


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
