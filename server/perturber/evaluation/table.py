"""The figures as a Markdown table: on the screen, and in the model card."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Figures = Mapping[str, Any]
Row = tuple[str, int, Callable[[Figures], str]]
"""A row's title, on how many pictures it was measured, and its cell for one network's figures."""

NORMS = {"l2": "L2", "linf": "L∞"}
CORRUPTIONS = {
    "noise": "Gaussian noise",
    "blur": "Gaussian blur",
    "contrast": "low contrast",
    "pixelate": "pixelated",
}


def accuracies(report: Mapping[str, Any]) -> str:
    """A column for each network of a report (`perturber models evaluate --out`), a row for each figure."""
    models = report["models"]
    first = next(iter(models.values()))["figures"]
    lines = [
        _line("", *(model["label"] for model in models.values()), "pictures"),
        _line("---", *["---"] * len(models), "---"),
    ]
    for title, pictures, cell in _rows(first):
        cells = (cell(model["figures"]) for model in models.values())
        lines.append(_line(title, *cells, f"{pictures:,}"))
    return "\n".join(lines)


def _rows(first: Figures) -> Iterator[Row]:
    """What there is of `first` is there of all."""
    yield "top-1 / top-5", first["clean"]["pictures"], lambda of: _both(of["clean"])
    robust = first["robust"]
    for norm, label in NORMS.items():
        for epsilon in robust[norm]:
            title = f"PGD-{robust['steps']}, {label}, epsilon {_radius(norm, float(epsilon))}"
            yield title, robust["pictures"], _cell("robust", norm, epsilon)
    for kind, label in CORRUPTIONS.items():
        yield label, first["corrupted"][kind]["pictures"], _cell("corrupted", kind, "top1")
    yield "stylized, top-1 / top-5", first["stylized"]["pictures"], lambda of: _both(of["stylized"])
    if first["cue_conflict"] is not None:
        pictures = first["cue_conflict"]["pictures"]
        yield "conflicting cues: shape named", pictures, _cell("cue_conflict", "shape")
        yield "conflicting cues: texture named", pictures, _cell("cue_conflict", "texture")
        yield "shape bias", pictures, _cell("cue_conflict", "shape_bias")


def _cell(*path: str) -> Callable[[Figures], str]:
    def cell(figures: Figures) -> str:
        value: Any = figures
        for name in path:
            value = value[name]
        return f"{value:.1%}"

    return cell


def _both(accuracy: Figures) -> str:
    return f"{accuracy['top1']:.1%} / {accuracy['top5']:.1%}"


def _radius(norm: str, epsilon: float) -> str:
    return f"{epsilon * 255:.3g}/255" if norm == "linf" else f"{epsilon:.3g}"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
