"""The fine-tuning of Standard into Adv. Trained: every batch is attacked first (Madry et al. 2018)."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import nn

from perturber.training.attack import attack
from perturber.training.augment import random_crops
from perturber.training.course import Batch, FineTuning, Loss, classified
from perturber.training.data import Pictures
from perturber.training.evaluate import half_precision_logits, report, robust_accuracy
from perturber.training.recipe import Recipe
from perturber.training.workers import Workers

_REPORT_PICTURES = 500


@dataclass(frozen=True)
class AdversarialRecipe(Recipe):
    """Fast adversarial training (Wong et al. 2020) where `attack_steps` is 1."""

    epochs: float = 3.4
    stages: tuple[tuple[float, int], ...] = ((0.0, 64), (1.6, 96))
    epsilon: float = 1.0
    """Radius of the L2 ball in pictures of the network's input size; in smaller ones it shrinks with the
    side, as the norm of a picture does when it is scaled."""
    attack_steps: int = 1
    attack_stride: float = 1.5
    """Length of all attack steps together, in units of epsilon."""


class Adversarial(FineTuning):
    """`perturber train adversarial`."""

    weights = "tiny-imagenet-adversarial.safetensors"

    def __init__(self, recipe: AdversarialRecipe, pictures: Pictures) -> None:
        super().__init__(recipe, pictures)
        self._recipe = recipe

    def loss(self, network: nn.Module, batch: Batch) -> Loss:
        """The loss on crops of the pictures, after the attack on them."""
        recipe = self._recipe
        epsilon = recipe.epsilon * batch.size / self.input_size
        logits = partial(half_precision_logits, network)
        attacked = attack(
            logits,
            random_crops(batch.images, batch.size, batch.generator),
            batch.labels,
            epsilon=epsilon,
            steps=recipe.attack_steps,
            step_size=recipe.attack_stride * epsilon / recipe.attack_steps,
            generator=batch.generator,
        )
        return classified(logits(attacked), batch.labels, recipe.label_smoothing)

    def validate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, float]:
        """Clean and PGD-10 accuracy: single-step training can go blind to stronger attacks (Wong et al.
        2020)."""
        logits, epsilon = partial(half_precision_logits, released), self._recipe.epsilon
        robust = robust_accuracy(
            logits, pictures, self.input_size, workers, epsilon=epsilon, norm="l2", steps=10
        )
        return {**super().validate(released, pictures, workers), "pgd10": robust}

    def evaluate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, Any]:
        """Clean and robust accuracies."""
        return report(released, pictures, self.input_size, workers, _REPORT_PICTURES)
