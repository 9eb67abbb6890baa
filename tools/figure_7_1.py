"""The thesis's figure 7.1 remade: attacks on networks whose early layers come from adversarial training.

    make figure

Standard, then mixes that take ever more early layers from Adv. Trained, then Adv. Trained itself: an
untargeted strong L2 attack on each, from the dashboard's default view. Writes `docs/attacks/figure-7-1.webp`
(pictures above, perturbations below) and `docs/attacks/figure-7-1.md` (each one's share of low frequencies).
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from perturber.attacks.attack import AttackState, advance, logits_of
from perturber.attacks.catalog import AttackSettings, make
from perturber.attacks.goal import away
from perturber.attacks.overlay import overlay
from perturber.memo import Memo
from perturber.nets.classifier import Classifier
from perturber.nets.edit import Base, Mix
from perturber.nets.editing import Editor
from perturber.parameters import SceneState
from perturber.studio import Studio, StudioSettings
from perturber.training.evaluate import low_frequency_share

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "attacks"
EPSILON = 20.0
STEPS = 24
UP_TO = ("conv2d1", "mixed3a", "mixed4c")


def main() -> None:
    """Attack every network and write the figure and its table."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Studio(StudioSettings(device="cpu")) as studio:
        pixels = studio.make(SceneState.default(), 1, Memo()).picture
        original = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255
        attacked = {title: attack(network, original) for title, network in networks(studio).items()}
    blank = torch.full_like(original, 0.5)
    above = [original, *(state.picture for state in attacked.values())]
    below = [blank, *(overlay(state, original_alpha=0) for state in attacked.values())]
    rows = [np.concatenate([as_bytes(picture) for picture in row], 1) for row in (above, below)]
    Image.fromarray(np.concatenate(rows, 0)).save(FOLDER / "figure-7-1.webp", quality=85)
    page = table(attacked)
    (FOLDER / "figure-7-1.md").write_text(page, encoding="utf-8")
    print(page)


def networks(studio: Studio) -> dict[str, Classifier]:
    """Standard, the mixes and Adv. Trained, by title."""
    editor, mix = Editor(studio.zoo), Mix(Base("standard"), Base("adversarial"))
    mixes = {
        f"up to {layer}": editor.load(mix.model2_up_to(layer), session=layer).classifier for layer in UP_TO
    }
    return {
        "none (Standard)": studio.zoo.load("standard"),
        **mixes,
        "all (Adv. Trained)": studio.zoo.load("adversarial"),
    }


def attack(network: Classifier, original: Tensor) -> AttackState:
    """Untargeted PGD at EPSILON, the default step of an eighth of it."""
    pgd = make(AttackSettings("pgd", "l2", EPSILON))
    state = AttackState.begin(original, away(network, original))
    for reached in advance(pgd, logits_of(network), state, STEPS):
        state = reached
    return state


def as_bytes(picture: Tensor) -> np.ndarray:
    """`(H, W, 3)` uint8 of `(1, 3, H, W)`."""
    return picture[0].mul(255).round().to(torch.uint8).permute(1, 2, 0).numpy()


def table(attacked: dict[str, AttackState]) -> str:
    """A Markdown page with the share of low frequencies of every perturbation."""
    lines = [
        "# Attacks on mixed networks\n",
        "Made by `make figure`, after the thesis's figure 7.1: the default view, then an untargeted attack",
        f"(PGD, L2, epsilon {EPSILON:g}, {STEPS} steps) on Standard, on mixes with more early layers from",
        "Adv. Trained, and on Adv. Trained; below each its perturbation on grey.\n",
        "![Figure](figure-7-1.webp)\n",
        "| layers from Adv. Trained | energy below a quarter of the Nyquist frequency |",
        "|---|---|",
    ]
    lines += [
        f"| {title} | {low_frequency_share(state.perturbation):.1%} |" for title, state in attacked.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
