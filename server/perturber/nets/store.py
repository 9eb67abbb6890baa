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
_INPUT_SIZE = 224


@dataclass(frozen=True)
class _Card:
    """What the manifest says of a new network beside its file."""

    name: str
    label: str
    family: str
    classes: str
    licence: str


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


def import_weights(file: Path, name: str, classes_file: Path | None = None) -> catalog.ModelEntry:
    """Copy Inception V1 weights from a .safetensors, .pth or .pt file into the cache, as variant `name`.

    `name` is of a-z, 0-9 and -, at most 40 characters; an earlier import of that name is replaced. Without
    a class list 1008 outputs are taken for the published ImageNet's, and others are called by number.

    Raises:
        ModelError: the name, the weights or the class list don't fit.
    """
    _check_name(name)
    state = read_checkpoint(file, str(file))
    count = outputs(state, str(file))
    verify(state, count, str(file))
    family = IMAGENET if count == IMAGENET_OUTPUTS and classes_file is None else name
    classes = _class_list(classes_file, count)
    return _install(state, _Card(name, name.replace("-", " ").capitalize(), family, classes, "not stated"))


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
        "label": "ImageNet" if card.family == IMAGENET else card.label,
        "input_size": _INPUT_SIZE,
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
