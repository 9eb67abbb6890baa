"""Manifests: what is missing, of the wrong type or outside of its folder is refused in words."""

import json
from pathlib import Path
from typing import Any

import pytest

from perturber.nets.catalog import ManifestError, read_manifest

FAMILY: dict[str, Any] = {
    "label": "F",
    "input_size": 64,
    "classes": "c.tsv",
    "num_classes": 3,
    "licence": "MIT",
}
MODEL: dict[str, Any] = {"family": "f", "variant": "v", "label": "V", "file": "w.safetensors", "sha256": "0"}


def write(folder: Path, family: object = FAMILY, model: object = MODEL) -> Path:
    path = folder / "manifest.json"
    path.write_text(json.dumps({"families": {"f": family}, "models": [model]}))
    return path


def test_an_entry_carries_what_its_family_says(tmp_path: Path) -> None:
    (entry,) = read_manifest(write(tmp_path))
    assert (entry.input_size, entry.num_classes, entry.licence) == (64, 3, "MIT")
    assert (entry.checkpoint, entry.final) == (1, True)
    assert entry.file == tmp_path / "w.safetensors"
    assert entry.classes == tmp_path / "c.tsv"


def test_a_model_may_have_a_licence_of_its_own(tmp_path: Path) -> None:
    (entry,) = read_manifest(write(tmp_path, model=MODEL | {"licence": "not stated"}))
    assert entry.licence == "not stated"


@pytest.mark.parametrize(
    ("family", "model", "complaint"),
    [
        (FAMILY, {name: MODEL[name] for name in MODEL if name != "sha256"}, "sha256"),
        (FAMILY, MODEL | {"family": "g"}, "'g'"),
        (FAMILY, MODEL | {"base": "v"}, "base: expected a variant of f with a file of its own, got 'v'"),
        (FAMILY, MODEL | {"base": "w"}, "base: expected a variant of f with a file of its own, got 'w'"),
        (FAMILY, MODEL | {"file": "../w.safetensors"}, "expected a path inside"),
        (FAMILY, MODEL | {"file": "/etc/passwd"}, "expected a path inside"),
        (FAMILY | {"classes": "../c.tsv"}, MODEL, "expected a path inside"),
        (FAMILY | {"input_size": "64"}, MODEL, "expected integers"),
        ([], MODEL, "not a model manifest"),
        (FAMILY, [], "not a model manifest"),
    ],
)
def test_what_is_no_manifest_is_refused(
    tmp_path: Path, family: object, model: object, complaint: str
) -> None:
    path = write(tmp_path, family, model)
    with pytest.raises(ManifestError, match=f"{path}: .*{complaint}"):
        read_manifest(path)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ManifestError, match=r"manifest\.json: not a model manifest"):
        read_manifest(tmp_path / "manifest.json")
