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
from perturber.nets import architectures, catalog
from perturber.nets.classes import read_classes
from perturber.nets.download import Checksums, Progress, download, temporary_file, write_atomically
from perturber.nets.layers import INCEPTION_V1, Anatomy
from perturber.nets.lucent_compat import lucent
from perturber.nets.weights import ModelError, outputs, plain, read_checkpoint, verify

IMAGENET = "imagenet"
IMAGENET_OUTPUTS = 1008
LIBRARY_OUTPUTS = 1000
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
    anatomy: Anatomy = INCEPTION_V1


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
    return _install(
        state, _Card(FETCHED, "Standard (ImageNet)", IMAGENET, classes, "Apache-2.0"), IMAGENET_OUTPUTS
    )


def import_weights(
    file: Path,
    name: str,
    classes_file: Path | None = None,
    family: str | None = None,
    architecture: str = INCEPTION_V1.name,
) -> catalog.ModelEntry:
    """Copy the weights in a .safetensors, .pth or .pt file into the cache, as variant `name`.

    `name` is of a-z, 0-9 and -, at most 40 characters; an earlier import of that name is replaced. Of an
    existing `family` input size and class list are taken; the network can be mixed with those in it. Else an
    Inception V1 sees 224 px and others what their library says; without a class list 1008 outputs of an
    Inception V1 and 1000 of others are taken for ImageNet's, and others are called by number.

    Raises:
        ArchitectureError: there is no such architecture.
        ModelError: the name, the family, the weights or the class list don't fit.
    """
    _check_name(name)
    kind = architectures.find(architecture)
    relative = None if family is None else _relative(family, classes_file, kind.anatomy)
    state = kind.relevant(read_checkpoint(file, str(file)))
    count = outputs(state, str(file), kind)
    verify(state, count, str(file), kind)
    if relative is not None:
        if count != relative.num_classes:
            raise ModelError(
                f"{file}: expected {relative.num_classes} outputs (family {family}), got {count}"
            )
        classes = relative.classes.read_text(encoding="utf-8")
        card = _Card(
            name, _label(name), relative.family, classes, "not stated", relative.input_size, kind.anatomy
        )
        return _install(state, card, count)
    _check_own_family(name)
    published = count == IMAGENET_OUTPUTS and kind.anatomy == INCEPTION_V1 and classes_file is None
    classes = _class_list(classes_file, count, kind.anatomy)
    size = kind.preprocessing(None).size
    card = _Card(
        name, _label(name), IMAGENET if published else name, classes, "not stated", size, kind.anatomy
    )
    return _install(state, card, count)


def add(architecture: str, name: str, seed: int | None = None) -> catalog.ModelEntry:
    """A library's network as variant `name`: with the library's own weights, or with random ones of `seed`.

    Raises:
        ArchitectureError: there is no such architecture, or its weights can't be fetched.
        ModelError: the name doesn't fit, or the weights are not the architecture's.
    """
    from perturber.nets import library_weights  # imports torchvision: only where it is needed

    _check_name(name)
    _check_own_family(name)
    kind = architectures.find(architecture)
    if seed is None:
        state, origin = library_weights.pretrained(architecture), "pretrained"
    else:
        state = library_weights.random_weights(architecture, LIBRARY_OUTPUTS, seed)
        origin = f"random, seed {seed}"
    state = kind.relevant(state)
    count = outputs(state, architecture, kind)
    verify(state, count, architecture, kind)
    licence = "not stated" if seed is None else "none: random weights"
    classes, size = _class_list(None, count, kind.anatomy), kind.preprocessing(None).size
    card = _Card(name, f"{kind.anatomy.label} ({origin})", name, classes, licence, size, kind.anatomy)
    return _install(state, card, count)


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


def _relative(family: str, classes_file: Path | None, anatomy: Anatomy) -> catalog.ModelEntry:
    if classes_file is not None:
        raise ModelError("classes: expected none with a family, which has its own")
    families = {entry.family: entry for entry in catalog.entries()}
    if family not in families:
        raise ModelError(f"family: expected one of {', '.join(families)}, got {family[:80]!r}")
    if families[family].anatomy != anatomy:
        received = f"{families[family].anatomy.label}'s {family}"
        raise ModelError(f"family: expected one of {anatomy.label}, got {received}")
    return families[family]


def _label(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _class_list(file: Path | None, count: int, anatomy: Anatomy) -> str:
    imagenet = paths.MODELS / "imagenet-classes.tsv"
    if file is None and anatomy == INCEPTION_V1 and count == IMAGENET_OUTPUTS:
        file = imagenet
    if file is None and anatomy != INCEPTION_V1 and count == LIBRARY_OUTPUTS:
        # The libraries count the same classes in the order of their wnids.
        rows = (line.split("\t", 1)[1] for line in imagenet.read_text(encoding="utf-8").splitlines())
        return "".join(f"{row}\n" for row in sorted(rows))
    if file is None:
        return "".join(f"\tclass {index}\n" for index in range(count))
    try:
        read_classes(file, count)
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ModelError(f"{file}: expected a class list for {count} outputs, got: {error}") from error


def _install(state: dict[str, Tensor], card: _Card, num_classes: int) -> catalog.ModelEntry:
    """Write weights, class list and manifest, in this order: the manifest never names what isn't there."""
    content = to_safetensors(plain(state))
    with temporary_file(folder()) as partial:
        partial.write_bytes(content)
        partial.replace(folder() / f"{card.name}.safetensors")
    write_atomically(folder() / f"{card.family}-classes.tsv", card.classes)
    manifest = _with(_manifest(), card, num_classes, hashlib.sha256(content).hexdigest())
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
        "architecture": card.anatomy.name,
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
    families = {name: families[name] for name in families if name in used}
    return {
        "architectures": _anatomies(manifest, card.anatomy, families),
        "families": families,
        "models": models,
    }


def _anatomies(manifest: dict[str, Any], anatomy: Anatomy, families: dict[str, Any]) -> dict[str, Any]:
    """The layers of each library architecture in use: menus are made of them without building a network."""
    own = {"label": anatomy.label, "layers": dict(anatomy.layers)}
    known = {**manifest.get("architectures", {}), anatomy.name: own}
    used = {family.get("architecture") for family in families.values()} - {INCEPTION_V1.name}
    return {name: row for name, row in known.items() if name in used}
