"""Adversarial fine-tuning: one step, and all that must be kept to go on later."""

import math
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.errors import PerturberError
from perturber.nets.inception import InceptionV1
from perturber.nets.weights import build
from perturber.training.attack import attack
from perturber.training.augment import random_crops
from perturber.training.data import Pictures
from perturber.training.recipe import Recipe
from perturber.training.workers import Workers


class TrainingError(PerturberError):
    """A training that can't start or go on; the message says what was expected and what came."""


class Progress(NamedTuple):
    """Means over one step's attacked pictures."""

    loss: float
    accuracy: float


class _Part(NamedTuple):
    """A shard's gradients, loss and accuracy, weighted with its share of the batch."""

    gradients: Sequence[Tensor]
    loss: float
    accuracy: float


class Trainer:
    """A network under training. All randomness follows from the seed and the iteration, so that a resumed run
    takes the steps that an uninterrupted one would have taken."""

    def __init__(
        self,
        recipe: Recipe,
        start: Mapping[str, Tensor],
        pictures: Pictures,
        input_size: int,
        device: torch.device,
    ) -> None:
        if len(pictures) < recipe.batch:
            raise TrainingError(f"--data: expected at least {recipe.batch} pictures, got {len(pictures)}")
        self.recipe = recipe
        self.pictures = pictures.to(device)
        self.workers = Workers(device)
        self.iteration = 0
        self.iterations = recipe.iterations(len(pictures))
        self.network = build({name: tensor.clone() for name, tensor in start.items()}, device)
        self.average = deepcopy(self.network)
        self.network.requires_grad_(True)
        self._input_size = input_size
        self._parameters = list(self.network.parameters())
        self._scales = [
            float(parameter.detach().double().square().mean().sqrt()) for parameter in self._parameters
        ]
        self._optimizer = torch.optim.Adam(
            [{"params": [parameter]} for parameter in self._parameters],
            betas=(recipe.momentum, recipe.second_momentum),
        )

    def step(self) -> Progress:
        """One batch: attack it, go down the gradient of the loss on what the attack made.

        Raises:
            TrainingError: the loss is no longer finite.
        """
        recipe = self.recipe
        shards = torch.split(self._batch(), recipe.shard)
        results = self.workers.map(self._shard, enumerate(shards))
        loss = sum(result.loss for result in results)
        accuracy = sum(result.accuracy for result in results)
        if not math.isfinite(loss):
            raise TrainingError(f"the loss at iteration {self.iteration} is {loss}; a lower rate may help")
        self.workers.run(self._descend, [result.gradients for result in results])
        return Progress(loss, accuracy)

    def _batch(self) -> Tensor:
        """The pictures' numbers for this iteration: each once an epoch, in an order of its own."""
        per_epoch = len(self.pictures) // self.recipe.batch
        epoch, place = divmod(self.iteration, per_epoch)
        order = np.random.default_rng((self.recipe.seed, epoch)).permutation(len(self.pictures))
        return torch.from_numpy(order[place * self.recipe.batch :][: self.recipe.batch])

    def _shard(self, numbered: tuple[int, Tensor]) -> _Part:
        """What one attacked shard contributes to the batch."""
        place, numbers = numbered
        recipe, device = self.recipe, self.pictures.labels.device
        generator = torch.Generator(device).manual_seed(seed_of(recipe.seed, self.iteration, place))
        numbers = numbers.to(device)
        labels = self.pictures.labels[numbers]
        size = recipe.size(self.iteration / (len(self.pictures) // recipe.batch))
        epsilon = recipe.epsilon * size / self._input_size
        crops = random_crops(self.pictures.images[numbers], size, generator)
        attacked = attack(
            self._logits,
            crops,
            labels,
            epsilon=epsilon,
            steps=recipe.attack_steps,
            step_size=recipe.attack_stride * epsilon / recipe.attack_steps,
            generator=generator,
        )
        logits = self._logits(attacked)
        share = len(labels) / recipe.batch
        loss = share * F.cross_entropy(logits, labels, label_smoothing=recipe.label_smoothing)
        gradients = torch.autograd.grad(loss, self._parameters)
        accuracy = share * (logits.argmax(1) == labels).float().mean()
        return _Part(gradients, loss.item(), accuracy.item())

    def _logits(self, pictures: Tensor) -> Tensor:
        return half_precision_logits(self.network, pictures)

    def _descend(self, gradients: Sequence[Sequence[Tensor]]) -> None:
        """Follow the sum of the shards' gradients, and let the average follow."""
        for parameter, *parts in zip(self._parameters, *gradients, strict=True):
            parameter.grad = torch.stack(parts).sum(0)
        rate = self.recipe.relative_rate(self.iteration, self.iterations)
        for group, scale in zip(self._optimizer.param_groups, self._scales, strict=True):
            group["lr"] = rate * scale
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
            content: dict[str, Any] = torch.load(
                file, map_location=self.pictures.labels.device, weights_only=True
            )
            kept = Recipe(**content["recipe"])
        except Exception as error:  # whatever a broken file leads torch to
            raise TrainingError(f"{file}: expected a checkpoint of this program, got: {error}") from error
        if replace(kept, epochs=self.recipe.epochs) != self.recipe:
            raise TrainingError(f"{file}: expected a checkpoint of {self.recipe}, got one of {kept}")
        self.iteration = content["iteration"]
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        self._optimizer.load_state_dict(content["optimizer"])


def half_precision_logits(network: InceptionV1, pictures: Tensor) -> Tensor:
    """float32 logits of pictures in [0, 1], computed in bfloat16 where that is safe."""
    x = (pictures * 255 - 117).contiguous(memory_format=torch.channels_last)
    with torch.autocast(x.device.type, torch.bfloat16):
        logits: Tensor = network(x).float()
    return logits


def seed_of(*numbers: int) -> int:
    """A seed of 63 bits that differs for other numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))
