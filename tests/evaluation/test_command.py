"""`perturber models evaluate` as a user calls it."""

import json
from pathlib import Path

import pytest
from PIL import Image

from perturber.cli import main
from perturber.nets import catalog

CORRUPTED = {"severity", "noise", "blur", "contrast", "pixelate"}


def test_every_figure_of_the_card_from_mosaics_and_the_same_twice(
    mosaics: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    variant = next(entry for entry in catalog.entries() if entry.base is not None and not entry.final)
    models = ["standard", f"{variant.variant}@{variant.checkpoint}"]
    command = ["models", "evaluate", "--quick", "--attacked", "2", "--data", str(mosaics), "--device", "cpu"]
    reports = []
    for name in ("first.json", "second.json"):
        assert main([*command, "--models", *models, "--out", str(tmp_path / name)]) == 0
        reports.append(json.loads((tmp_path / name).read_text()))
    assert reports[0] == reports[1]
    assert list(reports[0]["models"]) == models
    for model in reports[0]["models"].values():
        figures = model["figures"]
        assert figures["clean"]["pictures"] == 6
        assert figures["robust"]["pictures"] == 2
        assert [len(figures["robust"][norm]) for norm in ("l2", "linf")] == [3, 3]
        assert figures["corrupted"].keys() == CORRUPTED
        assert 0 <= figures["stylized"]["top1"] <= figures["stylized"]["top5"] <= 1
    output = capsys.readouterr()
    assert "| PGD-20, L∞, epsilon 2/255 |" in output.out
    assert "standard, PGD-20, l2, epsilon 0.5: top-1" in output.err


def test_a_strangers_folder_of_one_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "own" / "lemon"
    folder.mkdir(parents=True)
    for number in range(3):
        Image.new("RGB", (200, 150), (250, 220, 40 * number)).save(folder / f"{number}.jpg")
    command = ["models", "evaluate", "--quick", "--data", str(folder.parent), "--models", "standard"]
    assert main([*command, "--device", "cpu", "--attacked", "1"]) == 0
    table = capsys.readouterr().out
    assert "top-1 / top-5" in table
    assert "cues" not in table  # they need two groups of classes


@pytest.mark.parametrize(
    ("models", "complaint"),
    [
        (["standard@x"], "expected VARIANT or VARIANT@ITERATION, got 'standard@x'"),
        (["nobody"], "variant: expected one of"),
        (["standard@7"], "checkpoint of standard: expected"),
    ],
)
def test_unknown_networks_are_named(
    mosaics: Path, models: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["models", "evaluate", "--data", str(mosaics), "--models", *models]) == 1
    assert complaint in capsys.readouterr().err
