"""The whole command: from mosaics to a weight file that the zoo takes."""

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest
import torch

from perturber.cli import main
from perturber.nets import catalog
from perturber.nets.zoo import Zoo, open_classifier
from perturber.training.adversarial import Adversarial
from tests.training.conftest import write_mosaics

WEIGHTS = Adversarial.weights


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Just enough for one batch."""
    write_mosaics(tmp_path / "data", "train", 64, 8, 8)
    write_mosaics(tmp_path / "data", "val", 6, 2, 3)
    return tmp_path / "data"


def test_a_pause_and_a_resumed_end_leave_weights_log_and_accuracies(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["train", "adversarial", "--data", str(data), "--out", str(out), "--device", "cpu"]
    assert main([*command, "--epochs", "2", "--minutes", "0"]) == 0
    assert "paused" in capsys.readouterr().err
    assert not (out / "evaluation.json").exists()
    assert main([*command, "--epochs", "2"]) == 1
    assert "go on with --resume" in capsys.readouterr().err
    assert main([*command, "--epochs", "2", "--resume"]) == 0
    assert capsys.readouterr().out.strip() == str(out / WEIGHTS)

    rows = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [row["iteration"] for row in rows] == [2]
    assert rows[0]["loss"] > 0
    evaluation = json.loads((out / "evaluation.json").read_text())
    assert evaluation["clean"]["pictures"] == 6
    assert 0 <= evaluation["clean"]["top1"] <= evaluation["clean"]["top5"] <= 1
    assert all(0 <= evaluation["robust"]["l2"][epsilon] <= 1 for epsilon in ("0.5", "1", "2"))


def test_the_exported_file_loads_through_the_zoo(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["train", "adversarial", "--data", str(data), "--out", str(out), "--device", "cpu"]
    assert main([*command, "--epochs", "1", "--minutes", "0"]) == 0
    standard = catalog.find("standard")
    checksum = hashlib.sha256((out / WEIGHTS).read_bytes()).hexdigest()
    exported = dataclasses.replace(standard, file=out / WEIGHTS, sha256=checksum)
    picture = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(7))
    classifiers = (open_classifier(entry, torch.device("cpu")) for entry in (exported, standard))
    trained, start = (classifier.answer(picture).logits for classifier in classifiers)
    # No step has been taken: the file must still be the network that it started from.
    torch.testing.assert_close(trained, start)


def test_the_bundled_adversarially_trained_network_is_another_than_standard() -> None:
    zoo = Zoo("cpu")
    picture = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(8))
    adversarial, standard = (zoo.load(name).answer(picture).logits for name in ("adversarial", "standard"))
    assert adversarial is not None
    assert standard is not None
    assert adversarial.shape == standard.shape == (1, 200)
    assert (adversarial - standard).abs().max() > 0.1


def test_missing_data_is_one_readable_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "adversarial", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "perturber train: --data: expected Tiny ImageNet mosaics in" in capsys.readouterr().err
    assert main(["train", "adversarial", "--data", str(tmp_path), "--out", str(tmp_path), "--resume"]) == 1
    assert "expected a checkpoint in" in capsys.readouterr().err
