"""Computes a family's neuron groups and writes them into `neuron-groups.json` beside this file.

    .venv/bin/python models/neuron_groups.py standard --data DIR

`DIR` holds the validation pictures (see `perturber train`); without it, renders alone count. What the script
made of the family before is replaced. Nothing is drawn by chance: the same input gives the same groups.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from perturber.explain.groups import FILE
from perturber.explain.relevance import likeliest, most_relevant, relevance
from perturber.explain.tuning import Gratings, Selectivity, curvature
from perturber.memo import Memo
from perturber.nets import catalog
from perturber.nets.classifier import Classifier
from perturber.parameters import SceneState
from perturber.studio import Studio, StudioSettings
from perturber.training.data import read_pictures

UNITS = 8
CLASS_LAYERS = ("mixed4a", "mixed4b", "mixed4c", "mixed4d", "mixed4e", "mixed5a", "mixed5b")
EARLY_LAYERS = ("conv2d0", "conv2d1", "conv2d2", "mixed3a", "mixed3b")
CURVED_LAYERS = EARLY_LAYERS[2:]
"""What lies before sees 11 pixels: too few for a curve."""
YAWS = tuple(range(-165, 180, 30))
PLACES = ("lawn", "street")
BATCH = 25
COLOURS = {1.0: "red-green", 2.0: "blue-yellow"}

Row = dict[str, object]


@dataclass(frozen=True)
class Concept:
    """What the object at one end of a morph shows.

    `exact` holds the first and the last wnid of its classes, `nearest` those that stand in where a family has
    none of them.
    """

    name: str
    label: str
    object: str
    morph: float
    exact: tuple[str, ...]
    nearest: tuple[str, ...] = ()

    def classes(self, network: Classifier) -> list[int]:
        """The indices of its classes in `network`."""
        indexed = [(index, name.wnid) for index, name in enumerate(network.classes) if name is not None]
        first, last = self.exact[0], self.exact[-1]
        found = [index for index, wnid in indexed if first <= wnid <= last]
        return found or [index for index, wnid in indexed if wnid in self.nearest]


CONCEPTS = (
    Concept("dog", "Dog", "dog-cat", 0.0, ("n02085620", "n02113978")),
    Concept("cat", "Cat", "dog-cat", 1.0, ("n02123045", "n02124075")),
    Concept(
        "fire-truck", "Fire Truck", "truck-racecar", 0.0, ("n03345487",),
        ("n03796401", "n03977966", "n04146614", "n04487081"),
    ),
    Concept(
        "race-car", "Race Car", "truck-racecar", 1.0, ("n04037443",),
        ("n04285008", "n03444034", "n03100240"),
    ),
)  # fmt: skip


def main() -> None:
    """Compute the groups of the family of the variant named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("variant", help="the family's standard network, such as standard")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of val-000.jpg, ..., val-labels.npy")
    options = parser.parse_args()
    with Studio(StudioSettings(device="auto")) as studio:
        network = studio.zoo.load(options.variant)
        sources = [class_groups(studio, network, options.data)]
    sources += early_groups(network)
    write(catalog.find(options.variant).family, sources)


def class_groups(studio: Studio, network: Classifier, data: Path | None) -> Row:
    """The units of the later layers that count most for each concept."""
    labelled = read_pictures(data, "val") if data else None
    rows: list[Row] = []
    for concept in CONCEPTS:
        classes = concept.classes(network)
        scenes = renders(studio, concept)
        own = likeliest(network, scenes, classes)
        batches = list(zip(scenes.split(BATCH), own.split(BATCH), strict=True))
        if labelled is not None:
            mine = torch.isin(labelled.labels, torch.tensor(classes)).nonzero()[:, 0]
            parts = mine.split(BATCH)
            batches += [(labelled.images[part].float() / 255, labelled.labels[part]) for part in parts]
        for layer in CLASS_LAYERS:
            together = torch.cat([relevance(network, x, layer, labels) for x, labels in batches])
            best = most_relevant(together, UNITS)
            detail = f"Classes: {names_of(network, classes)}; {len(together)} pictures."
            rows.append(row(layer, concept.name, concept.label, [unit for unit, _ in best], detail))
            print(layer, concept.name, [(unit, round(share, 2)) for unit, share in best], flush=True)
    pictures = "renders and validation pictures" if data else "renders"
    return {
        "found": "Activation times gradient of the class's logit: most often among a picture's five most "
        f"relevant units, over {pictures} (after Summit, Hohman et al. 2019).",
        "groups": rows,
    }


def names_of(network: Classifier, classes: Sequence[int], most: int = 8) -> str:
    """The first names of `classes`, `most` at most."""
    names = [str(name.name).split(",")[0] for index in classes[:most] if (name := network.classes[index])]
    return ", ".join(names) + (f" and {len(classes) - most} more" if len(classes) > most else "")


def renders(studio: Studio, concept: Concept) -> Tensor:
    """The concept's object from all sides in front of two backgrounds: `(N, 3, 224, 224)`."""
    pictures = []
    for place in PLACES:
        for yaw in YAWS:
            patch = {
                "scene.object": concept.object,
                "morph.overall": concept.morph,
                "scene.background": place,
            }
            state = SceneState.default().changed(patch | {"camera.yaw": yaw})
            pictures.append(studio.pipeline.picture(state, Memo()).tensor)
    return torch.cat(pictures)


def early_groups(network: Classifier) -> Iterator[Row]:
    """The units of the early layers that are most selective for one property of synthetic pictures."""
    measured = {layer: Gratings(network, layer) for layer in EARLY_LAYERS}
    orientation = {layer: gratings.orientation() for layer, gratings in measured.items()}
    yield measured_source(
        "orientation", "Orientation", orientation, "prefer {}°", "{:.0f}".format,
        "Sine gratings of 12 orientations, best period: largest 1 - circular variance (Ringach et al. 2002).",
    )  # fmt: skip
    frequency = {layer: gratings.frequency() for layer, gratings in measured.items()}
    yield measured_source(
        "spatial-frequency", "Spatial Frequency", frequency, "prefer periods of {} px", "{:g}".format,
        "Sine gratings of 8 periods at the best orientation: largest sparseness (Vinje and Gallant 2000).",
    )  # fmt: skip
    colour = {layer: gratings.colour() for layer, gratings in measured.items()}
    yield measured_source(
        "colour-opponency", "Colour Opponency", colour, "prefer {}", COLOURS.__getitem__,
        "Colour against black-white gratings: largest (c - b) / (c + b) (Johnson et al. 2001).",
    )  # fmt: skip
    yield measured_source(
        "curvature", "Curvature", {layer: curvature(network, layer) for layer in CURVED_LAYERS},
        "prefer radii of {} px", "{:g}".format,
        "Arcs against straight lines: largest (a - l) / (a + l) (after Cammarata et al. 2020).",
    )  # fmt: skip


def measured_source(
    name: str,
    label: str,
    layers: dict[str, Selectivity],
    wording: str,
    number: Callable[[float], str],
    found: str,
) -> Row:
    """One property's groups; the detail gives the best units' indices and what they prefer."""
    rows = []
    for layer, selectivity in layers.items():
        best = selectivity.best(UNITS)
        indices = selectivity.index[best].tolist()
        preferred = ", ".join(map(number, selectivity.prefers[best].tolist()))
        detail = f"Index {indices[-1]:.2f} to {indices[0]:.2f}; the units {wording.format(preferred)}."
        rows.append(row(layer, name, label, best, detail))
        print(layer, name, best, detail, flush=True)
    return {"found": found, "groups": rows}


def row(layer: str, name: str, label: str, units: Sequence[int], detail: str) -> Row:
    """A group as it is kept in the file."""
    return {"layer": layer, "name": name, "label": label, "units": list(units), "detail": detail}


def write(family: str, sources: list[Row]) -> None:
    """Replace what this script made of `family`, and keep everything else; one group a line."""
    families = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
    kept = [source for source in families.get(family, []) if source.get("copied")]
    families[family] = kept + sources
    FILE.write_text(lines(families), encoding="utf-8")


def lines(families: dict[str, list[Row]]) -> str:
    """The file's text."""
    parts = []
    for family, sources in families.items():
        written = []
        for source in sources:
            head = {key: value for key, value in source.items() if key != "groups"}
            rows = source["groups"]
            assert isinstance(rows, list)
            groups = ",\n".join(f"   {json.dumps(group, ensure_ascii=False)}" for group in rows)
            written.append(f'  {json.dumps(head, ensure_ascii=False)[:-1]}, "groups": [\n{groups}\n  ]}}')
        joined = ",\n".join(written)
        parts.append(f"{json.dumps(family)}: [\n{joined}\n ]")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main())
