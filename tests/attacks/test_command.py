"""`perturber attack` as a user calls it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from perturber.cli import main
from perturber.nets.classifier import Classifier


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("snapshot")
    assert main(["snapshot", "--set", "frequency.high_alpha=0.9", "--out", str(folder)]) == 0
    return folder


def _attack(*arguments: object, out: Path) -> dict[str, object]:
    assert main(["attack", *map(str, arguments), "--out", str(out)]) == 0
    report: dict[str, object] = json.loads((out / "attack.json").read_text())
    return report


def test_a_scene_is_attacked_and_all_files_agree(
    snapshot: Path, tmp_path: Path, standard: Classifier, capsys: pytest.CaptureFixture[str]
) -> None:
    report = _attack(
        "--state", snapshot / "frame.json", "--eps", "2", "--steps", "10", "--seed", "3", out=tmp_path
    )
    perturbation = np.load(tmp_path / "perturbation.npy")
    assert (perturbation.shape, perturbation.dtype) == ((224, 224, 3), np.float32)
    assert np.linalg.norm(perturbation) == pytest.approx(report["perturbation_norm"], rel=1e-5)
    expected = {
        "method": "pgd",
        "norm": "l2",
        "epsilon": 2,
        "steps": 10,
        "seed": 3,
        "reached": True,
        "note": None,
    }
    assert expected.items() <= report.items()
    frame = json.loads((snapshot / "frame.json").read_text())
    before, shown = report["before"]["top"], frame["models"]["model1"]["top"]  # type: ignore[index]
    assert [row["index"] for row in before] == [row["index"] for row in shown]
    assert before[0]["logit"] == pytest.approx(shown[0]["logit"], rel=1e-4)
    pixels = torch.from_numpy(np.array(Image.open(tmp_path / "adversarial.png"))).permute(2, 0, 1)[None] / 255
    logits = standard.answer(pixels).logits
    assert logits is not None
    assert standard.top(logits[0])[0]["index"] == report["quantised"]["top"][0]["index"]  # type: ignore[index]
    assert "reached" in capsys.readouterr().out


def test_a_picture_is_attacked_towards_a_class_and_all_networks_are_asked(
    snapshot: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("--target", "school bus", "--norm", "linf", "--eps", "8/255", "--compare")
    report = _attack(snapshot / "scene.png", *arguments, out=tmp_path)
    assert report["epsilon"] == pytest.approx(8 / 255)
    assert report["after"]["top"][0]["class"] == "school bus"  # type: ignore[index]
    assert report["models"]["standard"] == {"before": report["before"], "after": report["after"]}  # type: ignore[index]
    assert "school bus" in capsys.readouterr().out


@pytest.mark.parametrize("method", ["fgsm", "jsma", "evolution", "cppn"])
def test_every_method_runs_on_any_picture_with_its_own_norm(tmp_path: Path, method: str) -> None:
    Image.new("RGB", (90, 60), "orange").save(tmp_path / "flat.png")
    epsilon = {"jsma": "50", "evolution": "inf", "cppn": "inf"}.get(method, "0.1")
    report = _attack(
        tmp_path / "flat.png", "--method", method, "--eps", epsilon, "--steps", 2, out=tmp_path / "out"
    )
    assert report["method"] == method
    assert report["epsilon"] == {"50": 50, "inf": None}.get(epsilon, 0.1)
    assert np.load(tmp_path / "out" / "perturbation.npy").any()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "expected a picture file or --state FILE, got neither"),
        (["x.png", "--state", "frame.json"], "got both"),
        (["missing.png"], "missing.png: expected a picture file"),
        (["--state", "missing.json"], "expected a snapshot's frame.json, got missing.json"),
        (["x.png", "--method", "magic"], "--method: expected one of pgd"),
        (["x.png", "--norm", "l0"], "norm of pgd: expected l2 or linf, got 'l0'"),
        (["x.png", "--steps", "0"], "--steps: expected a number of at least 1, got 0"),
        (["x.png", "--model", "resnet"], "variant: expected one of standard"),
    ],
)
def test_what_was_wrong_is_said(
    arguments: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["attack", *arguments, "--out", str(tmp_path)]) == 1
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("text", ["much", "1/0", "8/", "1/2/3"])
def test_an_epsilon_that_is_no_number_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["attack", "x.png", "--eps", text, "--out", "x"])
    expected = f"argument --eps: expected a number or a fraction such as 8/255, got {text!r}"
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize("content", ["no json", "[]", "{}", '{"state": 3}'])
def test_a_file_that_is_no_snapshot_is_refused(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "frame.json"
    file.write_text(content)
    assert main(["attack", "--state", str(file), "--out", str(tmp_path)]) == 1
    assert "--state: expected a snapshot's frame.json" in capsys.readouterr().err
