"""Which networks exist: the manifest of the bundled models and of those the user imported. Without torch."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from perturber import paths
from perturber.errors import PerturberError
from perturber.nets.layers import INCEPTION_V1, Anatomy

_LAYER = re.compile(r"[A-Za-z0-9_.]{1,80}", re.ASCII)


class ManifestError(PerturberError):
    """A manifest that can't be read; the message names file, field and what was expected."""


class UnknownModelError(PerturberError, LookupError):
    """A variant or checkpoint that isn't in the catalog."""


@dataclass(frozen=True)
class ModelEntry:
    """One network: a checkpoint of a variant of a family.

    `checkpoint` is the fine-tuning iteration; a slot that asks for checkpoint 0 gets the `final` one. Where
    `base` names a variant, the file holds differences from that one's final network (`nets.differences`).
    Several entries may have one file: the first iteration of a fine-tuning is the network it started as.
    """

    family: str
    variant: str
    label: str
    checkpoint: int
    final: bool
    file: Path
    sha256: str
    input_size: int
    classes: Path
    num_classes: int
    licence: str
    base: str | None = None
    anatomy: Anatomy = INCEPTION_V1


def read_manifest(path: Path) -> tuple[ModelEntry, ...]:
    """Every entry of the manifest at `path`; paths inside it are relative to its folder.

    Raises:
        ManifestError: a field is missing or of the wrong type, a path leaves the manifest's folder, or a base
            isn't a whole network of the same family in this manifest.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        families = raw["families"]
        anatomies = {name: _anatomy(name, row) for name, row in raw.get("architectures", {}).items()}
        anatomies[INCEPTION_V1.name] = INCEPTION_V1
        entries = tuple(_entry(path.parent, families, anatomies, model) for model in raw["models"])
        _check_bases(entries)
        return entries
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"{path}: not a model manifest: {error!r}") from error


def _anatomy(name: str, row: dict[str, Any]) -> Anatomy:
    layers = tuple((str(layer), int(channels)) for layer, channels in row["layers"].items())
    if not layers or not all(_LAYER.fullmatch(layer) and channels > 0 for layer, channels in layers):
        raise ValueError(f"architecture {name}: expected layers with their channels, got {layers[:5]}")
    return Anatomy(name, str(row["label"]), layers)


def _entry(
    folder: Path,
    families: dict[str, dict[str, object]],
    anatomies: dict[str, Anatomy],
    model: dict[str, object],
) -> ModelEntry:
    family = families[str(model["family"])]
    checkpoint = model.get("checkpoint", 1)
    input_size, num_classes = family["input_size"], family["num_classes"]
    if not (isinstance(checkpoint, int) and isinstance(input_size, int) and isinstance(num_classes, int)):
        raise TypeError("checkpoint, input_size and num_classes: expected integers")
    return ModelEntry(
        family=str(model["family"]),
        variant=str(model["variant"]),
        label=str(model["label"]),
        checkpoint=checkpoint,
        final=bool(model.get("final", True)),
        file=_inside(folder, str(model["file"])),
        sha256=str(model["sha256"]),
        input_size=input_size,
        classes=_inside(folder, str(family["classes"])),
        num_classes=num_classes,
        licence=str(model.get("licence", family["licence"])),
        base=str(model["base"]) if "base" in model else None,
        anatomy=anatomies[str(family.get("architecture", INCEPTION_V1.name))],
    )


def _check_bases(entries: tuple[ModelEntry, ...]) -> None:
    whole = {(entry.family, entry.variant) for entry in entries if entry.final and entry.base is None}
    for entry in entries:
        if entry.base is not None and (entry.family, entry.base) not in whole:
            raise ValueError(
                f"base: expected a variant of {entry.family} with a file of its own, got {entry.base!r}"
            )


def _inside(folder: Path, name: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(f"file: expected a path inside {folder}, got {name!r}")
    return path


@cache
def entries() -> tuple[ModelEntry, ...]:
    """Bundled models first, then the user's imported ones, as they were when the program first asked."""
    imported = paths.cache() / "models" / "manifest.json"
    bundled = read_manifest(paths.MODELS / "manifest.json")
    return bundled + (read_manifest(imported) if imported.is_file() else ())


def variants() -> dict[str, str]:
    """Variant names with their labels, in menu order."""
    return {entry.variant: entry.label for entry in entries()}


def anatomies() -> dict[str, Anatomy]:
    """The architectures of all networks by name, in menu order."""
    return {entry.anatomy.name: entry.anatomy for entry in entries()}


def find(variant: str, checkpoint: int = 0) -> ModelEntry:
    """The entry of `variant` at fine-tuning iteration `checkpoint`; 0 asks for the final one.

    Raises:
        UnknownModelError: no such variant or checkpoint; the message lists those there are.
    """
    of_variant = [entry for entry in entries() if entry.variant == variant]
    if not of_variant:
        raise UnknownModelError(f"variant: expected one of {', '.join(variants())}, got {variant!r}")
    for entry in of_variant:
        if entry.checkpoint == checkpoint or (checkpoint == 0 and entry.final):
            return entry
    known = ", ".join(str(entry.checkpoint) for entry in of_variant)
    raise UnknownModelError(f"checkpoint of {variant}: expected 0 (final), {known}, got {checkpoint}")
