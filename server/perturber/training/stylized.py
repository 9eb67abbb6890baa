"""The fine-tuning of Standard into Stylized: textures say nothing any more (Geirhos et al. 2019)."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from perturber.training.augment import random_crops
from perturber.training.course import Batch, FineTuning, Loss, classified
from perturber.training.cue_conflict import cue_conflict, score
from perturber.training.data import Pictures
from perturber.training.evaluate import clean_accuracy, exact_logits, half_precision_logits
from perturber.training.paintings import paintings
from perturber.training.recipe import Recipe
from perturber.training.stylization import stylized_pictures, stylizer, to_bytes
from perturber.training.workers import Workers

EVALUATION_SEED = 0
"""Of the styles that the validation pictures are given."""


@dataclass(frozen=True)
class StylizedRecipe(Recipe):
    """Of the stylized pictures, half are in the texture of a painting, half in that of another picture."""

    epochs: float = 1.5
    stages: tuple[tuple[float, int], ...] = ((0.0, 80), (0.75, 96))
    clean: float = 0.25
    """Share of the pictures that stay as they are, so that clean ones stay known."""
    paintings: int = 2000


class Stylized(FineTuning):
    """`perturber train stylized`."""

    weights = "tiny-imagenet-stylized.safetensors"

    def __init__(self, recipe: StylizedRecipe, pictures: Pictures) -> None:
        super().__init__(recipe, pictures)
        self._recipe = recipe
        self._stylizer = stylizer(self.device)
        self._paintings = paintings(recipe.paintings, recipe.seed).to(self.device)

    def loss(self, network: nn.Module, batch: Batch) -> Loss:
        """The loss on crops of the pictures, stylized before."""
        crops = random_crops(self._stylize(batch.images, batch.generator), batch.size, batch.generator)
        return classified(half_precision_logits(network, crops), batch.labels, self.recipe.label_smoothing)

    def _stylize(self, images: Tensor, generator: torch.Generator) -> Tensor:
        """The last of a shard's pictures in foreign textures; their order is random already."""
        clean = round(self._recipe.clean * len(images))
        contents = images[clean:]
        styles = images.roll(1, 0)[clean:]  # never itself
        places = range(0, len(contents), 2)
        chosen = torch.randint(len(self._paintings), (len(places),), generator=generator, device=self.device)
        styles[::2] = self._paintings[chosen]
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16):
            made = self._stylizer(contents / 255, styles / 255)
        return torch.cat([images[:clean], to_bytes(made)])

    def validate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, float]:
        """Accuracy on clean pictures and on stylized ones."""
        logits = partial(half_precision_logits, released)
        foreign = stylized_pictures(pictures, EVALUATION_SEED)
        first, five = clean_accuracy(logits, foreign, self.input_size, workers)
        return {
            **super().validate(released, pictures, workers),
            "stylized_top1": first,
            "stylized_top5": five,
        }

    def evaluate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, Any]:
        """Clean, stylized and cue-conflict accuracy."""
        logits = partial(exact_logits, released)
        foreign = stylized_pictures(pictures, EVALUATION_SEED)
        first, five = clean_accuracy(logits, foreign, self.input_size, workers)
        conflict = cue_conflict(pictures, EVALUATION_SEED)
        return {
            **super().evaluate(released, pictures, workers),
            "stylized": {"pictures": len(foreign), "top1": first, "top5": five},
            "cue_conflict": score(logits, conflict, self.input_size, workers)._asdict(),
        }
