"""What a kind of training is to the trainer: a network, a loss, an optimizer, and what is released."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from perturber.nets import catalog
from perturber.nets.inception import InceptionV1
from perturber.nets.weights import build, read_safetensors, verify
from perturber.training.data import Pictures
from perturber.training.evaluate import clean_accuracy, exact_logits, half_precision_logits
from perturber.training.recipe import Recipe
from perturber.training.workers import Workers


class Batch(NamedTuple):
    """What a loss is computed on."""

    images: Tensor
    """(N, 3, 64, 64) uint8."""
    labels: Tensor
    """(N,) int64."""
    size: int
    """Side that the pictures shall have, px."""
    generator: torch.Generator
    """The only source of randomness, on the pictures' device."""


class Loss(NamedTuple):
    """A batch's loss (a scalar with a gradient) and what is to be shown, means over its pictures."""

    value: Tensor
    figures: Mapping[str, Tensor]


class Course(ABC):
    """A kind of training on the pictures of a device. Stateless: what changes is in the network."""

    weights: ClassVar[str]
    """Name of the file that is released."""

    def __init__(self, recipe: Recipe, pictures: Pictures) -> None:
        """`pictures` are those to train on; they lie on the device where all is computed."""
        self.recipe = recipe
        self.pictures = pictures
        self.device = pictures.labels.device

    @abstractmethod
    def start(self) -> nn.Module:
        """The network at iteration 0, with gradients."""

    @abstractmethod
    def loss(self, network: nn.Module, batch: Batch) -> Loss:
        """The loss of `batch`. Called by several threads at once."""

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """Adam; each tensor's rate is relative to the root mean square that its values start with, because
        folding the batch normalization left the layers on scales a thousandfold apart."""
        groups = [
            {"params": [parameter], "scale": float(parameter.detach().double().square().mean().sqrt())}
            for parameter in network.parameters()
        ]
        return torch.optim.Adam(groups, betas=(self.recipe.momentum, 0.99))

    def released(self, average: nn.Module) -> nn.Module:
        """What the averaged network is released as, frozen."""
        return average

    @abstractmethod
    def validate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, float]:
        """Figures on a few validation pictures, on the way."""

    @abstractmethod
    def evaluate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, Any]:
        """Figures on all validation pictures, at the end."""


class Classification(Course):
    """A course whose released network is an Inception V1, of the standard network's family."""

    def __init__(self, recipe: Recipe, pictures: Pictures) -> None:
        super().__init__(recipe, pictures)
        self.standard = catalog.find("standard")
        self.input_size = self.standard.input_size

    def validate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, float]:
        """Clean accuracy."""
        logits = partial(half_precision_logits, released)
        first, five = clean_accuracy(logits, pictures, self.input_size, workers)
        return {"top1": first, "top5": five}

    def evaluate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, Any]:
        """Clean accuracy, in float32."""
        logits = partial(exact_logits, released)
        first, five = clean_accuracy(logits, pictures, self.input_size, workers)
        return {"clean": {"pictures": len(pictures), "top1": first, "top5": five}}


class FineTuning(Classification):
    """A classification that begins with the standard network.

    Raises:
        ModelError: its weights can't be read.
    """

    def __init__(self, recipe: Recipe, pictures: Pictures) -> None:
        super().__init__(recipe, pictures)
        self.state = read_safetensors(self.standard.file, self.standard.sha256)
        verify(self.state, self.standard.num_classes, str(self.standard.file))

    def start(self) -> InceptionV1:
        """The standard network."""
        return build({name: tensor.clone() for name, tensor in self.state.items()}, self.device)


def classified(logits: Tensor, labels: Tensor, smoothing: float) -> Loss:
    """Cross entropy with smoothed labels, and the accuracy."""
    loss = F.cross_entropy(logits, labels, label_smoothing=smoothing)
    return Loss(loss, {"loss": loss.detach(), "accuracy": (logits.argmax(1) == labels).float().mean()})


def export(network: nn.Module, file: Path) -> nn.Module:
    """Write the weights in float16, as the zoo reads them; gives the network that a reader gets."""
    state = {name: tensor.half().cpu().contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, file)
    read = deepcopy(network)
    read.load_state_dict(state)
    return read
