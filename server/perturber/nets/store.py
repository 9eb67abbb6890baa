"""The user's own networks: fetched or imported, verified, and kept in the cache beside their manifest."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import save as to_safetensors
from torch import Tensor

from perturber import paths
from perturber.nets import catalog
from perturber.nets.classes import read_classes
from perturber.nets.download import Checksums, Progress, download, temporary_file, write_atomically
from perturber.nets.lucent_compat import lucent
from perturber.nets.weights import ModelError, outputs, read_checkpoint, verify

IMAGENET = "imagenet"
IMAGENET_OUTPUTS = 1008
FETCHED = "imagenet-standard"
"""The variant that the published ImageNet weights become."""

_NAME = re.compile(r"[a-z0-9-]{1,40}")


@dataclass(frozen=True)
class _Card:
    """What the manifest says of a new network beside its file."""

    name: str
    label: str
    family: str
    classes: str
    licence: str
    input_size: int = 224


def fetch_imagenet(progress: Progress | None = None, url: str | None = None) -> catalog.ModelEntry:
    """Download the published ImageNet weights (from lucent's address unless `url` is given) into the cache.

    Their checksum is not known in advance: names, shapes and finite values are verified, and from the first
    good download on the file must stay the same. A file that fails leaves nothing behind.

    Raises:
        ModelError: the download or the file failed.
    """
    url = url or str(lucent("modelzoo.inceptionv1.InceptionV1").model_urls["inceptionv1"])
    checksums = Checksums(folder() / "checksums.json")
    with temporary_file(folder()) as partial:
        sha256 = download(url, partial, progress)
        checksums.check(url, sha256)
        state = read_checkpoint(partial, url)
    verify(state, IMAGENET_OUTPUTS, url)
    checksums.record(url, sha256)
    classes = (paths.MODELS / "imagenet-classes.tsv").read_text(encoding="utf-8")
    return _install(state, _Card(FETCHED, "Standard (ImageNet)", IMAGENET, classes, "Apache-2.0"))


def import_weights(
    file: Path, name: str, classes_file: Path | None = None, family: str | None = None
) -> catalog.ModelEntry:
    """Copy Inception V1 weights from a .safetensors, .pth or .pt file into the cache, as variant `name`.

    `name` is of a-z, 0-9 and -, at most 40 characters; an earlier import of that name is replaced. Of an
    existing `family` input size and class list are taken; the network can be mixed with those in it. Else it
    sees 224 px; without a class list 1008 outputs are taken for the published ImageNet's, and others are
    called by number.

    Raises:
        ModelError: the name, the family, the weights or the class list don't fit.
    """
    _check_name(name)
    relative = None if family is None else _relative(family, classes_file)
    state = read_checkpoint(file, str(file))
    count = outputs(state, str(file))
    verify(state, count, str(file))
    if relative is not None:
        if count != relative.num_classes:
            raise ModelError(
                f"{file}: expected {relative.num_classes} outputs (family {family}), got {count}"
            )
        classes = relative.classes.read_text(encoding="utf-8")
        card = _Card(name, _label(name), relative.family, classes, "not stated", relative.input_size)
        return _install(state, card)
    _check_own_family(name)
    family = IMAGENET if count == IMAGENET_OUTPUTS and classes_file is None else name
    classes = _class_list(classes_file, count)
    return _install(state, _Card(name, _label(name), family, classes, "not stated"))


def folder() -> Path:
    """Where the user's networks lie."""
    return paths.cache() / "models"


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ModelError(f"name: expected 1 to 40 of a-z, 0-9 and -, got {name[:80]!r}")
    bundled = catalog.read_manifest(paths.MODELS / "manifest.json")
    taken = {entry.variant for entry in bundled} | {entry.family for entry in bundled}
    if name in taken | {IMAGENET, FETCHED}:
        raise ModelError(f"name: expected one that isn't taken, got {name!r}")


def _check_own_family(name: str) -> None:
    """Its class list will be replaced: no other network may depend on it."""
    for entry in catalog.entries():
        if entry.family == name != entry.variant:
            raise ModelError(
                f"name: expected one that is no family, got {name!r}, the one of {entry.variant}"
            )


def _relative(family: str, classes_file: Path | None) -> catalog.ModelEntry:
    if classes_file is not None:
        raise ModelError("classes: expected none with a family, which has its own")
    families = {entry.family: entry for entry in catalog.entries()}
    if family not in families:
        raise ModelError(f"family: expected one of {', '.join(families)}, got {family[:80]!r}")
    return families[family]


def _label(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _class_list(file: Path | None, count: int) -> str:
    if file is None and count == IMAGENET_OUTPUTS:
        file = paths.MODELS / "imagenet-classes.tsv"
    if file is None:
        return "".join(f"\tclass {index}\n" for index in range(count))
    try:
        read_classes(file, count)
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ModelError(f"{file}: expected a class list for {count} outputs, got: {error}") from error


def _install(state: dict[str, Tensor], card: _Card) -> catalog.ModelEntry:
    """Write weights, class list and manifest, in this order: the manifest never names what isn't there."""
    content = to_safetensors({name: tensor.float().contiguous() for name, tensor in state.items()})
    with temporary_file(folder()) as partial:
        partial.write_bytes(content)
        partial.replace(folder() / f"{card.name}.safetensors")
    write_atomically(folder() / f"{card.family}-classes.tsv", card.classes)
    manifest = _with(_manifest(), card, outputs(state, card.name), hashlib.sha256(content).hexdigest())
    write_atomically(folder() / "manifest.json", json.dumps(manifest, indent=2) + "\n")
    catalog.entries.cache_clear()
    return catalog.find(card.name)


def _manifest() -> dict[str, Any]:
    path = folder() / "manifest.json"
    if not path.is_file():
        return {"families": {}, "models": []}
    catalog.read_manifest(path)
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _with(manifest: dict[str, Any], card: _Card, num_classes: int, sha256: str) -> dict[str, Any]:
    """`manifest` with a network more, or another one of its name, and the families of those in it."""
    family = {
        "label": "ImageNet" if card.family == IMAGENET else _label(card.family),
        "input_size": card.input_size,
        "classes": f"{card.family}-classes.tsv",
        "num_classes": num_classes,
        "licence": card.licence,
    }
    model = {
        "family": card.family,
        "variant": card.name,
        "label": card.label,
        "checkpoint": 1,
        "final": True,
        "licence": card.licence,
        "file": f"{card.name}.safetensors",
        "sha256": sha256,
    }
    models = [*(other for other in manifest["models"] if other["variant"] != card.name), model]
    used = {other["family"] for other in models}
    families = {**manifest["families"], card.family: family}
    return {"families": {name: families[name] for name in families if name in used}, "models": models}
