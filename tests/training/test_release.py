"""From a training's folder to bundled files: what is chosen, written, named and removed."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from perturber import paths
from perturber.cli import main
from perturber.nets import catalog
from perturber.nets.weights import ModelError
from perturber.nets.zoo import Zoo
from perturber.training.release import spread, stages


def train(folder: Path, start: dict[str, Tensor], iterations: tuple[int, ...], last: int | None) -> Path:
    """A training's folder: weights that move further with every iteration."""
    folder.mkdir()
    generator = torch.Generator().manual_seed(3)
    way = {
        name: values.float().std(correction=0) * torch.randn(values.shape, generator=generator)
        for name, values in start.items()
    }

    def write(iteration: int, file: str) -> None:
        moved = {name: (start[name].float() + 1e-5 * iteration * way[name]).half() for name in start}
        save_file(moved, folder / file)

    for iteration in iterations:
        write(iteration, f"checkpoint-{iteration:05}.safetensors")
    if last is not None:
        write(last, "tiny-imagenet-adversarial.safetensors")
        (folder / "log.jsonl").write_text(json.dumps({"iteration": last}) + "\n")
    return folder


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A models folder with the standard network and the class list."""
    folder = tmp_path / "models"
    folder.mkdir()
    manifest = json.loads((paths.MODELS / "manifest.json").read_text())
    manifest["models"] = [model for model in manifest["models"] if model["variant"] == "standard"]
    for name in (manifest["models"][0]["file"], "tiny-imagenet-classes.tsv"):
        shutil.copy(paths.MODELS / name, folder)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(paths, "MODELS", folder)
    monkeypatch.setenv("PERTURBER_CACHE", str(tmp_path / "cache"))
    catalog.entries.cache_clear()
    yield folder
    catalog.entries.cache_clear()


def test_a_run_becomes_files_that_the_zoo_reads(
    bundle: Path,
    standard: dict[str, Tensor],
    mosaics: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = train(tmp_path / "run", standard, (25, 100), 400)
    command = ["models", "pack", f"adversarial={run}", "--data", str(mosaics), "--out", str(bundle)]
    assert main([*command, "--device", "cpu"]) == 0
    assert [line.split(",")[0].split()[-1] for line in capsys.readouterr().out.splitlines()] == [
        "25",
        "100",
        "400",
    ]
    catalog.entries.cache_clear()
    entries = [entry for entry in catalog.entries() if entry.variant == "adversarial"]
    assert [(entry.checkpoint, entry.final) for entry in entries] == [
        (1, False),
        (25, False),
        (100, False),
        (400, True),
    ]
    assert entries[-1].label == "Adv. Trained"
    zoo = Zoo("cpu")
    assert zoo.load("adversarial", 1) is zoo.load("standard")
    start = zoo.load("standard").network.state_dict()["mixed4a_3x3_pre_relu_conv.weight"]
    trained, packed = (
        (weight.float() - start).flatten()
        for weight in (
            load_file(run / "tiny-imagenet-adversarial.safetensors")["mixed4a_3x3_pre_relu_conv.weight"],
            zoo.load("adversarial").network.state_dict()["mixed4a_3x3_pre_relu_conv.weight"],
        )
    )
    assert torch.nn.functional.cosine_similarity(trained, packed, dim=0) > 0.99
    rows = json.loads((bundle / "packing.json").read_text())
    assert [row["checkpoint"] for row in rows] == [25, 100, 400]
    assert all(0 <= row[when]["top1"] <= 1 for row in rows for when in ("before", "after"))

    again = train(tmp_path / "again", standard, (50,), 80)
    command[2] = f"adversarial={again}"
    assert main([*command, "--device", "cpu"]) == 0
    named = {model["file"] for model in json.loads((bundle / "manifest.json").read_text())["models"]}
    assert {file.name for file in bundle.glob("*.safetensors")} == named
    assert [row["checkpoint"] for row in json.loads((bundle / "packing.json").read_text())] == [50, 80]


@pytest.mark.parametrize(
    ("iterations", "count", "expected"),
    [
        ([25, 50, 100, 200, 400, 800, 1600, 3200], 4, [25, 100, 800, 3200]),
        ([25, 50, 100, 200, 400, 800, 1600, 3200], 8, [25, 50, 100, 200, 400, 800, 1600, 3200]),
        ([25, 50], 5, [25, 50]),
        ([25, 50, 100], 1, [100]),
        ([25], 0, []),
        ([], 4, []),
    ],
)
def test_the_checkpoints_kept_are_spread_evenly_in_their_logarithm(
    iterations: list[int], count: int, expected: list[int]
) -> None:
    assert spread(iterations, count) == expected


def test_a_training_that_has_not_ended_ends_with_its_last_checkpoint(
    standard: dict[str, Tensor], tmp_path: Path
) -> None:
    run = train(
        tmp_path / "run", {"conv.weight": standard["conv2d0_pre_relu_conv.weight"]}, (25, 50, 100), None
    )
    found = stages(run, "adversarial", 5)
    assert [(stage.iteration, stage.final) for stage in found] == [(25, False), (50, False), (100, True)]


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"expected checkpoint-\*\.safetensors or tiny-imagenet-stylized"):
        stages(tmp_path, "stylized", 5)


@pytest.mark.parametrize("argument", ["adversarial", "robust=/tmp", "=x"])
def test_a_run_that_names_no_variant_is_refused(
    argument: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "pack", argument, "--data", str(tmp_path)]) == 1
    assert "expected adversarial=DIR or stylized=DIR" in capsys.readouterr().err
