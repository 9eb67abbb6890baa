"""Puts the measured figures into the model card, between its markers.

    .venv/bin/python models/card.py

The figures come from `evaluation.json` (`perturber models evaluate --out`), `packing.json` (`perturber models
pack`) and `alignment.json` (`alignment.py`), all beside this file. A test checks that the card has them.
"""

import json
import re
from pathlib import Path
from typing import Any

from perturber.evaluation import table

FOLDER = Path(__file__).resolve().parent
CARD = FOLDER / "README.md"
_MARKED = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(card: str) -> str:
    """The card's text with today's figures."""
    sections = {
        "accuracy": lambda: table.accuracies(_read("evaluation.json")),
        "packing": lambda: table.packing(_read("packing.json")),
        "alignment": lambda: table.alignment(_read("alignment.json")),
    }
    return _MARKED.sub(lambda found: f"{found[1]}\n{sections[found[2]]()}\n\n{found[3]}", card)


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


if __name__ == "__main__":
    CARD.write_text(filled(CARD.read_text(encoding="utf-8")), encoding="utf-8")
