"""The table shows each figure once, in words and percent."""

from typing import Any

from perturber.evaluation.table import accuracies


def figures(clean: float, *, cues: bool = True) -> dict[str, Any]:
    accuracy = {"pictures": 1500, "top1": clean, "top5": 0.75}
    return {
        "clean": accuracy,
        "robust": {"pictures": 64, "steps": 20, "l2": {"0.5": 0.125}, "linf": {"0.00392157": 0.0625}},
        "corrupted": {"severity": 3} | dict.fromkeys(("noise", "blur", "contrast", "pixelate"), accuracy),
        "stylized": accuracy,
        "cue_conflict": {"shape": 0.2, "texture": 0.3, "shape_bias": 0.4, "pictures": 77} if cues else None,
    }


def report(*, cues: bool = True) -> dict[str, Any]:
    models = {"a": 0.5, "b": 0.25}
    return {
        "models": {
            name: {"label": name.upper(), "figures": figures(clean, cues=cues)}
            for name, clean in models.items()
        }
    }


def test_a_column_for_each_network_and_a_row_for_each_figure() -> None:
    lines = accuracies(report()).splitlines()
    assert lines[0] == "|  | A | B | pictures |"
    assert lines[1] == "| --- | --- | --- | --- |"
    assert lines[2] == "| top-1 / top-5 | 50.0% / 75.0% | 25.0% / 75.0% | 1,500 |"
    assert "| PGD-20, L2, epsilon 0.5 | 12.5% | 12.5% | 64 |" in lines
    assert "| PGD-20, L∞, epsilon 1/255 | 6.2% | 6.2% | 64 |" in lines
    assert "| low contrast | 50.0% | 25.0% | 1,500 |" in lines
    assert lines[-1] == "| shape bias | 40.0% | 40.0% | 77 |"
    assert len(lines) == 2 + 1 + 2 + 4 + 1 + 3


def test_figures_that_were_not_measured_are_left_out() -> None:
    assert "cues" not in accuracies(report(cues=False))
