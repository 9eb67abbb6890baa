"""Feature visualization: pictures that maximise what a network answers (Olah et al. 2017).

Parameterization and transformations are lucent's; the loop is ours: many units in one batch, the network run
no further than their layer, in steps that a caller can stop between.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from perturber.explain.adam import Adam
from perturber.explain.objective import Objective, similarity
from perturber.explain.parameterization import Fourier, Pixels
from perturber.explain.robustness import jitter
from perturber.nets.classifier import Classifier

Progress = Callable[[int, int], None]

BATCH = 4
"""Pictures that go through the network together on a CPU. Always as many: a convolution's rounding depends on
the size of its batch, and an ascent makes much of it."""
_GPU_BATCH = 64

DIVERSITY = 1.0
"""What full similarity to the other facets costs, as a share of the activation."""


@dataclass(frozen=True)
class Recipe:
    """How a picture is made: `size` in pixels, Adam `steps` of `rate`, `seed` of all chance.

    `grain` is the size of the smallest detail, in pixels: 2 keeps to what a network saw that was trained on
    pictures enlarged twofold. `naive` writes pixels instead of Fourier coefficients, and knows no grain.
    With `facets` above 1 a unit gets that many pictures, each unlike the others.
    """

    size: int = 96
    steps: int = 48
    rate: float = 0.08
    seed: int = 0
    grain: int = 1
    naive: bool = False
    facets: int = 1


class Ascent:
    """The pictures of some units on their way up; a step at a time.

    A unit's start and all chance on its way are its own (seed, unit, step): on one machine its picture
    is the same, bit for bit, whichever others are made with it.
    """

    def __init__(
        self, network: Classifier, objective: Objective, units: Sequence[int], recipe: Recipe
    ) -> None:
        self.recipe, self.step = recipe, 0
        self._network, self._objective = network, objective
        self._form = Pixels(recipe.size) if recipe.naive else Fourier(recipe.size, recipe.grain)
        seeds = [_seed(recipe.seed, unit, facet) for unit in units for facet in range(recipe.facets)]
        self._count = len(seeds)
        self._coefficients = self._form.start(seeds).to(network.device)
        self._units = torch.tensor(units, device=network.device).repeat_interleave(recipe.facets)
        self._batch = BATCH if network.device.type == "cpu" else _GPU_BATCH
        self._adam = Adam(self._coefficients, recipe.rate)

    @property
    def done(self) -> bool:
        """Whether all steps are made."""
        return self.step >= self.recipe.steps

    def advance(self) -> None:
        """One step up."""
        gradients = [self._gradient(first) for first in range(0, self._count, self._batch)]
        self._adam.ascend(torch.cat(gradients)[: self._count])
        self.step += 1

    def _gradient(self, first: int) -> Tensor:
        """Of one batch, filled up by taking its own pictures again."""
        rows = torch.arange(first, first + self._batch)
        rows = torch.where(rows < self._count, rows, first + (rows - first) % (self._count - first))
        coefficients = self._coefficients[rows].requires_grad_()
        chance = torch.Generator().manual_seed(_seed(self.recipe.seed, -1, self.step))
        pictures = jitter(self._form.picture(coefficients), chance)
        values, maps = self._objective.measure(self._network, pictures, self._units[rows])
        if self.recipe.facets > 1:
            values = values - DIVERSITY * values.detach().abs() * similarity(maps, self.recipe.facets)
        (gradient,) = torch.autograd.grad(values.sum(), coefficients)
        return gradient

    def pictures(self) -> Tensor:
        """The pictures as they are: `(units * facets, 3, size, size)` in [0, 1], a unit's facets in a row."""
        return self._form.picture(self._coefficients)

    @torch.no_grad()
    def activations(self) -> list[float]:
        """What each picture's unit answers to it, untransformed and rounded to 8 bits as it is shown."""
        shown = self.pictures().mul(255).round_().div_(255)
        return self._objective.measure(self._network, shown, self._units)[0].tolist()


def visualize(
    network: Classifier,
    objective: Objective,
    units: Sequence[int],
    recipe: Recipe,
    progress: Progress | None = None,
) -> Ascent:
    """The finished ascent of `units`; `progress` is told steps made and steps in all."""
    ascent = Ascent(network, objective, units, recipe)
    while not ascent.done:
        ascent.advance()
        if progress:
            progress(ascent.step, recipe.steps)
    return ascent


def _seed(*parts: int) -> int:
    """A generator's seed for some numbers: neighbours give unrelated ones."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8]) >> 1
