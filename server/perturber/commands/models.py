"""`perturber models`: which networks there are, and how more come in."""

import argparse
import importlib
import sys

from perturber.nets import catalog, store
from perturber.nets.catalog import ModelEntry


def run(options: argparse.Namespace) -> int:
    """List, fetch, import, or what has a module of its own."""
    match options.action:
        case "pack" | "evaluate":
            return int(importlib.import_module(f"perturber.commands.{options.action}").run(options))
        case "list":
            for entry in catalog.entries():
                print(_line(entry))
        case "fetch":
            _announce(store.fetch_imagenet(_show_progress))
        case "import":
            _announce(
                store.import_weights(
                    options.file, options.name, options.classes, options.family, options.arch
                )
            )
        case "add":
            _announce(store.add(options.architecture, options.name, options.random))
    return 0


def _line(entry: ModelEntry) -> str:
    final = " (final)" if entry.final else ""
    return (
        f"{entry.variant:24} {entry.anatomy.label}, checkpoint {entry.checkpoint}{final}, "
        f"family {entry.family}, {entry.num_classes} classes, {entry.input_size} px, {entry.licence}, "
        f"{entry.file}"
    )


def _announce(entry: ModelEntry) -> None:
    print(f"{entry.variant} is there: {entry.file}")
    print(f"Use it as --model {entry.variant}, or in the dashboard's Training Set menu after its next start.")


def _show_progress(received: int, total: int | None) -> None:
    of_total = f" of {total / 2**20:.1f} MiB ({received / total:.0%})" if total else ""
    print(f"\r{received / 2**20:.1f} MiB{of_total}", end="", file=sys.stderr, flush=True)
    if received == total:
        print(file=sys.stderr)
