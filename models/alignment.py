"""Measures how well the units of the bundled fine-tunings stayed aligned with Standard's.

    .venv/bin/python models/alignment.py --data DIR

Writes `alignment.json` beside this file: for every checkpoint of every fine-tuned variant the correlation of
its activations and of its weights with the start, by layer. `models/card.py` puts it into the model card.
"""

import argparse
import json
from pathlib import Path

from perturber.evaluation.alignment import activation_correlations, weight_correlations
from perturber.evaluation.pictures import read_validation
from perturber.nets import catalog
from perturber.nets.classes import read_classes
from perturber.nets.zoo import Zoo

FILE = Path(__file__).resolve().parent / "alignment.json"
START = "standard"


def main() -> None:
    """Measure all checkpoints on the same pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="validation pictures")
    parser.add_argument("--pictures", type=int, default=512, metavar="N", help="how many (default 512)")
    parser.add_argument("--device", default="auto", help="torch device (default auto)")
    options = parser.parse_args()
    zoo = Zoo(options.device)
    start = catalog.find(START)
    pictures = read_validation(options.data, read_classes(start.classes, start.num_classes))
    images = pictures.first(options.pictures).images.to(zoo.device)
    entries = [entry for entry in catalog.entries() if entry.base == START]
    networks = [zoo.load(entry.variant, entry.checkpoint) for entry in entries]
    weights = zoo.load(START).network.state_dict()
    activations = activation_correlations(zoo.load(START), networks, images)
    rows = [
        {
            "variant": entry.variant,
            "label": entry.label,
            "checkpoint": entry.checkpoint,
            "activations": {layer: round(value, 4) for layer, value in correlations.items()},
            "weights": {
                layer: round(value, 4)
                for layer, value in weight_correlations(weights, network.network.state_dict()).items()
            },
        }
        for entry, network, correlations in zip(entries, networks, activations, strict=True)
    ]
    FILE.write_text(json.dumps({"pictures": len(images), "rows": rows}, indent=2) + "\n", encoding="utf-8")
    print(FILE)


if __name__ == "__main__":
    main()
