"""The training of Standard from scratch: batch normalization, one cosine, pictures that grow."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from perturber.nets.inception import InceptionV1
from perturber.training import distort
from perturber.training.augment import random_crops
from perturber.training.course import Batch, Classification, Loss, classified
from perturber.training.data import Pictures
from perturber.training.evaluate import half_precision_logits
from perturber.training.normalized import NormalizedInception, folded
from perturber.training.recipe import Recipe


@dataclass(frozen=True)
class StandardRecipe(Recipe):
    """Made for a GPU; two processor cores need six minutes an epoch at 64 px, twenty at 128.

    The rate rises over `warm_up` iterations, then follows a cosine to zero.
    """

    epochs: float = 60.0
    stages: tuple[tuple[float, int], ...] = ((0.0, 64), (0.4, 96), (0.7, 128))
    """From which share of the epochs on, unlike for fine-tuning: the whole run is planned."""
    batch: int = 128
    shard: int = 64
    """Also what is normalized together."""
    rate: float = 0.12
    warm_up: int = 500
    weight_decay: float = 1e-4
    checkpoints: tuple[int, ...] = ()
    average: float = 0.9995
    distorted: float = 0.3
    """Probability of each distortion."""
    calibration: int = 2048
    """Pictures whose statistics are folded into the released network."""

    def rate_at(self, iteration: int, iterations: int) -> float:
        """The rate of step `iteration` (from 0) of `iterations`."""
        warm = (iteration + 1) / max(1, min(self.warm_up, iterations // 4))
        return self.rate * min(1.0, warm) * (1 + math.cos(math.pi * iteration / iterations)) / 2

    def size(self, epoch: float) -> int:
        """Side of the training pictures after so many epochs."""
        return super().size(epoch / self.epochs)


class Standard(Classification):
    """`perturber train standard`."""

    weights = "tiny-imagenet-standard.safetensors"

    def __init__(self, recipe: StandardRecipe, pictures: Pictures) -> None:
        super().__init__(recipe, pictures)
        self._recipe = recipe

    def start(self) -> NormalizedInception:
        """A random one."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed)
            network = NormalizedInception(self.standard.num_classes)
        return network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """Nesterov momentum; only kernels decay, gains and biases don't."""
        recipe, parameters = self._recipe, list(network.parameters())
        kernels = [parameter for parameter in parameters if parameter.dim() > 1]
        others = [parameter for parameter in parameters if parameter.dim() <= 1]
        groups = [
            {"params": kernels, "scale": 1.0, "weight_decay": recipe.weight_decay},
            {"params": others, "scale": 1.0},
        ]
        return torch.optim.SGD(groups, lr=recipe.rate, momentum=recipe.momentum, nesterov=True)

    def loss(self, network: nn.Module, batch: Batch) -> Loss:
        """The loss on crops of the pictures, some of them distorted."""
        crops = random_crops(batch.images, batch.size, batch.generator)
        share = self._recipe.distorted
        for change in (distort.background, distort.colours, distort.sharpness, distort.compression):
            crops = distort.sometimes(change(crops, batch.generator), crops, share, batch.generator)
        return classified(half_precision_logits(network, crops), batch.labels, self.recipe.label_smoothing)

    def released(self, average: nn.Module) -> InceptionV1:
        """Folded, with statistics of crops of the first training pictures at the network's input size."""
        assert isinstance(average, NormalizedInception)
        generator = torch.Generator(self.device).manual_seed(self.recipe.seed)
        shards = torch.split(self.pictures.first(self._recipe.calibration).images, 64)
        return folded(average, (self._prepared(images, generator) for images in shards))

    def _prepared(self, images: Tensor, generator: torch.Generator) -> Tensor:
        crops = random_crops(images, self.input_size, generator)
        return (crops * 255 - 117).contiguous(memory_format=torch.channels_last)
