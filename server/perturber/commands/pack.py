"""`perturber models pack`: the weights of finished trainings become the bundled networks."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from perturber.errors import PerturberError
from perturber.nets.zoo import Zoo
from perturber.training.data import read_pictures
from perturber.training.release import LABELS, Release, stages

ACCURACIES = "packing.json"


class PackError(PerturberError):
    """Arguments that name no training; the message says what was expected."""


def run(options: argparse.Namespace) -> int:
    """Write the files, then the manifest, then measure what the packing costs."""
    runs = dict(_run(text) for text in options.runs)
    release = Release(options.out, Zoo(options.device).device)
    pictures = read_pictures(options.data, "val")
    table = []
    for variant, folder in runs.items():
        chosen = stages(folder, variant, options.checkpoints)
        rows = [release.add(variant, stage) for stage in chosen]
        release.replace(variant, [release.start_of(variant), *rows])
        for stage, row in zip(chosen, rows, strict=True):
            some = pictures.first(options.pictures if stage.final else min(options.pictures, 2000))
            table.append(release.accuracies(stage, row, some))
            print(_line(table[-1]), flush=True)
    _record(options.out / ACCURACIES, table)
    return 0


def _run(text: str) -> tuple[str, Path]:
    variant, equals, folder = text.partition("=")
    if variant not in LABELS or not equals:
        raise PackError(f"run: expected {' or '.join(f'{name}=DIR' for name in LABELS)}, got {text!r}")
    return variant, Path(folder)


def _line(row: dict[str, Any]) -> str:
    before, after = (f"{row[when]['top1']:.2%} / {row[when]['top5']:.2%}" for when in ("before", "after"))
    return (
        f"{row['variant']:12} iteration {row['checkpoint']:6,}, {row['bytes'] / 2**20:4.1f} MiB, "
        f"top-1 / top-5 of {row['pictures']:,} pictures: {before} trained, {after} packed"
    )


def _record(file: Path, table: list[dict[str, Any]]) -> None:
    """Keep the accuracies, for the model card; those of variants that weren't packed now stay."""
    packed = {row["variant"] for row in table}
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    kept = [row for row in known if row["variant"] not in packed]
    file.write_text(json.dumps([*kept, *table], indent=2) + "\n", encoding="utf-8")
    print(file, file=sys.stderr)
