"""The figures as Markdown tables: on the screen, and in the model card."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
    rows = [
        (title, *(cell(model["figures"]) for model in models.values()), f"{pictures:,}")
        for title, pictures, cell in _rows(first)
    ]
    return _table(["", *(model["label"] for model in models.values()), "pictures"], rows)


def packing(rows: Sequence[Mapping[str, Any]]) -> str:
    """What packing costs: a row for each file that `perturber models pack` wrote."""
    return _table(
        ["variant", "iteration", "file", "top-1 / top-5 as trained", "packed", "pictures"],
        [
            (
                row["variant"],
                f"{row['checkpoint']:,}",
                f"{row['bytes'] / 2**20:.1f} MiB",
                _both(row["before"], 2),
                _both(row["after"], 2),
                f"{row['pictures']:,}",
            )
            for row in rows
        ],
    )


def alignment(report: Mapping[str, Any]) -> str:
    """For each fine-tuned variant the correlation of its activations and of its weights with the start."""
    parts = []
    for label in dict.fromkeys(row["label"] for row in report["rows"]):
        rows = [row for row in report["rows"] if row["label"] == label]
        iterations = [f"{row['checkpoint']:,}" for row in rows]
        for what, decimals in (("activations", 3), ("weights", 4)):
            cells = [
                (layer, *(f"{row[what][layer]:.{decimals}f}" for row in rows)) for layer in rows[0][what]
            ]
            title = f"**{label}, {what}** ({report['pictures']} pictures), by iteration:"
            parts.append(f"{title}\n\n{_table(['', *iterations], cells)}")
    return "\n\n".join(parts)


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


def _both(accuracy: Figures, decimals: int = 1) -> str:
    return f"{accuracy['top1']:.{decimals}%} / {accuracy['top5']:.{decimals}%}"


def _radius(norm: str, epsilon: float) -> str:
    return f"{epsilon * 255:.3g}/255" if norm == "linf" else f"{epsilon:.3g}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows))
