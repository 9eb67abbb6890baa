"""The zoo: each network once, safe from several threads, and no file that isn't the manifest's."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from perturber import paths
from perturber.nets import catalog, zoo
from perturber.nets.inception import BLOCKS, InceptionV1
from perturber.nets.layers import CHANNELS
from perturber.nets.weights import ModelError
from perturber.nets.zoo import Zoo


@pytest.fixture
def rewrite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, random_network: InceptionV1) -> Iterator[Path]:
    """A model folder of its own with checkpoints 1 to 12 of one variant, each file with the same weights."""
    monkeypatch.setattr(paths, "MODELS", tmp_path)
    monkeypatch.setenv("PERTURBER_CACHE", str(tmp_path / "cache"))
    content = save(dict(random_network.state_dict()))
    (tmp_path / "weights.safetensors").write_bytes(content)
    (tmp_path / "classes.tsv").write_text("".join(f"n{index}\tname {index}\n" for index in range(1008)))
    family = {"label": "F", "input_size": 64, "classes": "classes.tsv", "num_classes": 1008, "licence": "MIT"}
    model = {"family": "f", "variant": "v", "label": "V", "file": "weights.safetensors"}
    model |= {"sha256": hashlib.sha256(content).hexdigest()}
    models = []
    for number in range(1, 13):
        file = "weights.safetensors" if number == 12 else f"weights-{number}.safetensors"
        if number < 12:
            (tmp_path / file).hardlink_to(tmp_path / "weights.safetensors")
        models.append(model | {"checkpoint": number, "final": number == 12, "file": file})
    manifest = {"families": {"f": family}, "models": models}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    catalog.entries.cache_clear()
    yield tmp_path
    catalog.entries.cache_clear()


def test_the_bundled_network_is_what_the_manifest_says() -> None:
    network = Zoo().load("standard")
    assert network.input_size == 128
    assert len(network.classes) == 200
    assert all(parameter.dtype == torch.float32 for parameter in network.network.parameters())
    assert not any(parameter.requires_grad for parameter in network.network.parameters())


def test_the_layer_table_agrees_with_the_architecture() -> None:
    assert {block: widths.total for block, widths in BLOCKS.items()}.items() <= CHANNELS.items()


@pytest.mark.usefixtures("rewrite")
def test_a_network_is_loaded_once_even_when_many_threads_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[int] = []
    open_classifier = zoo.open_classifier

    def counting(entry: catalog.ModelEntry, *rest: Any) -> object:
        opened.append(entry.checkpoint)
        return open_classifier(entry, *rest)

    monkeypatch.setattr(zoo, "open_classifier", counting)
    shared = Zoo()
    with ThreadPoolExecutor(8) as threads:
        loaded = list(threads.map(lambda _: shared.load("v", 3), range(32)))
    assert opened == [3]
    assert len({id(network) for network in loaded}) == 1
    assert shared.load("v") is shared.load("v", 12)


@pytest.mark.usefixtures("rewrite")
def test_a_network_loaded_for_a_frame_serves_gradients_later() -> None:
    picture = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        network = Zoo().load("v")
        network.answer(picture)
    logits = network.answer(picture.requires_grad_(True)).logits
    assert logits is not None
    logits.sum().backward()
    assert picture.grad is not None
    assert float(picture.grad.abs().max()) > 0


@pytest.mark.usefixtures("rewrite")
def test_old_checkpoints_leave_the_memory() -> None:
    shared = Zoo()
    for checkpoint in range(1, 13):
        shared.load("v", checkpoint)
    assert [number for number in range(1, 13) if shared.holds("v", number)] == list(range(5, 13))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [(("w", 0), "variant: expected one of v, got 'w'"), (("v", 99), "checkpoint of v: .*got 99")],
)
@pytest.mark.usefixtures("rewrite")
def test_unknown_networks_are_named(arguments: tuple[str, int], complaint: str) -> None:
    with pytest.raises(LookupError, match=complaint):
        Zoo().load(*arguments)


def test_an_altered_file_is_refused(rewrite: Path) -> None:
    content = (rewrite / "weights.safetensors").read_bytes()
    (rewrite / "weights.safetensors").write_bytes(content[:-1] + b"x")
    with pytest.raises(ModelError, match=r"weights.safetensors: expected SHA-256 [0-9a-f]{64}, got"):
        Zoo().load("v")


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("num_classes", 1000, r"expected shape \(1000, 1024\), got \(1008, 1024\)"),
        ("classes", "manifest.json", "manifest.json: not a class list of 1008"),
    ],
)
def test_a_file_that_is_not_as_described_is_refused(
    rewrite: Path, field: str, value: object, complaint: str
) -> None:
    manifest = json.loads((rewrite / "manifest.json").read_text())
    manifest["families"]["f"][field] = value
    (rewrite / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=complaint):
        Zoo().load("v")
