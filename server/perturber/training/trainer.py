"""Training: one step, and all that must be kept to go on later."""

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from perturber.errors import PerturberError
from perturber.training.course import Batch, Course
from perturber.training.workers import Workers


class TrainingError(PerturberError):
    """A training that can't start or go on; the message says what was expected and what came."""


class _Part(NamedTuple):
    """A shard's gradients and figures, weighted with its share of the batch."""

    gradients: Sequence[Tensor]
    figures: Mapping[str, float]


class Trainer:
    """A network under training. All randomness follows from the seed and the iteration, so that a resumed run
    takes the steps that an uninterrupted one would have taken."""

    def __init__(self, course: Course) -> None:
        self.course, self.recipe, self.pictures = course, course.recipe, course.pictures
        if len(self.pictures) < self.recipe.batch:
            raise TrainingError(
                f"--data: expected at least {self.recipe.batch} pictures, got {len(self.pictures)}"
            )
        self.workers = Workers(course.device)
        self.iteration = 0
        self.iterations = self.recipe.iterations(len(self.pictures))
        self.network = course.start()
        self.average = deepcopy(self.network).requires_grad_(False)
        self.network.requires_grad_(True)
        self._parameters = list(self.network.parameters())
        self._optimizer = course.optimizer(self.network)

    def step(self) -> dict[str, float]:
        """One batch: go down the gradient of its loss. Gives the batch's figures.

        Raises:
            TrainingError: the loss is no longer finite.
        """
        shards = torch.split(self._batch(), self.recipe.shard)
        results = self.workers.map(self._shard, enumerate(shards))
        figures = {name: sum(result.figures[name] for result in results) for name in results[0].figures}
        if not all(math.isfinite(value) for value in figures.values()):
            raise TrainingError(f"the loss at iteration {self.iteration}: {figures}; a lower rate may help")
        self.workers.run(self._descend, [result.gradients for result in results])
        return figures

    def _batch(self) -> Tensor:
        """The pictures' numbers for this iteration: each once an epoch, in an order of its own."""
        per_epoch = len(self.pictures) // self.recipe.batch
        epoch, place = divmod(self.iteration, per_epoch)
        order = np.random.default_rng((self.recipe.seed, epoch)).permutation(len(self.pictures))
        return torch.from_numpy(order[place * self.recipe.batch :][: self.recipe.batch])

    def _shard(self, numbered: tuple[int, Tensor]) -> _Part:
        """What one shard contributes to the batch."""
        place, numbers = numbered
        device = self.course.device
        generator = torch.Generator(device).manual_seed(seed_of(self.recipe.seed, self.iteration, place))
        numbers = numbers.to(device)
        size = self.recipe.size(self.iteration / (len(self.pictures) // self.recipe.batch))
        batch = Batch(self.pictures.images[numbers], self.pictures.labels[numbers], size, generator)
        loss = self.course.loss(self.network, batch)
        share = len(numbers) / self.recipe.batch
        gradients = torch.autograd.grad(share * loss.value, self._parameters)
        return _Part(gradients, {name: share * value.item() for name, value in loss.figures.items()})

    def _descend(self, gradients: Sequence[Sequence[Tensor]]) -> None:
        """Follow the sum of the shards' gradients, and let the average follow."""
        for parameter, *parts in zip(self._parameters, *gradients, strict=True):
            parameter.grad = torch.stack(parts).sum(0)
        rate = self.recipe.rate_at(self.iteration, self.iterations)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        self._optimizer.step()
        self.iteration += 1
        # A young average would still be full of the start: it looks back over a tenth of its age at most.
        decay = min(self.recipe.average, (1 + self.iteration) / (10 + self.iteration))
        with torch.no_grad():
            for average, parameter in zip(self.average.parameters(), self._parameters, strict=True):
                average.lerp_(parameter, 1 - decay)

    def save(self, file: Path) -> None:
        """Everything that `load` needs; the old file stays whole until the new one is."""
        content = {
            "recipe": asdict(self.recipe),
            "iteration": self.iteration,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        fresh = file.with_suffix(".new")
        torch.save(content, fresh)
        fresh.replace(file)

    def load(self, file: Path) -> None:
        """Go on where `save` left off. Only the number of epochs may have changed.

        Raises:
            TrainingError: the file can't be read, or was made by another recipe.
        """
        try:
            content: dict[str, Any] = torch.load(file, map_location=self.course.device, weights_only=True)
            kept = type(self.recipe)(**content["recipe"])
        except Exception as error:  # whatever a broken file leads torch to
            raise TrainingError(f"{file}: expected a checkpoint of this program, got: {error}") from error
        if replace(kept, epochs=self.recipe.epochs) != self.recipe:
            raise TrainingError(f"{file}: expected a checkpoint of {self.recipe}, got one of {kept}")
        self.iteration = content["iteration"]
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        self._optimizer.load_state_dict(content["optimizer"])


def seed_of(*numbers: int) -> int:
    """A seed of 63 bits that differs for other numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))
