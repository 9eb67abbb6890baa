"""Feature visualization: pictures that maximise what a network answers (Olah et al. 2017).

Parameterization and transformations are lucent's; the loop is ours: one batch, many objectives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.nets.classifier import Classifier
from perturber.nets.lucent_compat import lucent

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Recipe:
    """How a picture is made: `size` in pixels, Adam `steps` of `rate`, `seed` of all chance.

    `grain` is the size of the smallest detail, in pixels: 2 keeps to what a network saw that was trained on
    pictures enlarged twofold.
    """

    size: int = 128
    steps: int = 256
    rate: float = 0.05
    seed: int = 0
    grain: int = 1


def visualize_classes(
    network: Classifier, classes: Sequence[int], recipe: Recipe, progress: Progress | None = None
) -> Tensor:
    """A picture for each class index that maximises its logit: `(len(classes), 3, size, size)` in [0, 1].

    Fourier parameterization with decorrelated colour; jitter, scaling and rotation for robustness.
    """
    _seed(recipe.seed)
    parameters, coarse = lucent("optvis.param").image(recipe.size // recipe.grain, batch=len(classes))
    transform = lucent("optvis.transform").compose(_transformations())
    optimizer = torch.optim.Adam(parameters, lr=recipe.rate)
    rows, columns = torch.arange(len(classes)), torch.tensor(classes)
    for step in range(recipe.steps):
        optimizer.zero_grad()
        logits = network.answer(transform(_enlarged(coarse(), recipe.size))).logits
        assert logits is not None
        (-logits[rows, columns].sum()).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if progress:
            progress(step + 1, recipe.steps)
    with torch.no_grad():
        return _enlarged(coarse(), recipe.size)


def _enlarged(picture: Tensor, size: int) -> Tensor:
    return picture if picture.shape[-1] == size else F.interpolate(picture, (size, size), mode="bilinear")


def _transformations() -> list[Callable[[Tensor], Tensor]]:
    transform = lucent("optvis.transform")
    return [
        transform.pad(8, mode="constant", constant_value=0.5),
        transform.jitter(8),
        transform.random_scale([1 + (step - 5) / 40 for step in range(11)]),
        transform.random_rotate([*range(-10, 11), 0, 0, 0, 0, 0]),
        transform.jitter(4),
    ]


def _seed(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - lucent's transformations draw from numpy's global generator
