"""The training of the decoder that style transfer needs: back from the encoder's activations to pictures."""

from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from perturber.training.course import Batch, Course, Loss
from perturber.training.data import Pictures
from perturber.training.paintings import paintings
from perturber.training.recipe import Recipe
from perturber.training.stylization import (
    DECODER,
    ENCODING,
    Decoder,
    Stylizer,
    adain,
    encoder,
    encodings,
    moments,
)
from perturber.training.workers import Workers

_LAYERS = ("conv2d0", "conv2d1", "conv2d2", "mixed3a")
"""Whose moments the stylized picture shall share with the style."""


@dataclass(frozen=True)
class DecoderRecipe(Recipe):
    """The loss is that of Huang & Belongie (2017), and that a picture's own activations give that picture."""

    epochs: float = 0.3
    stages: tuple[tuple[float, int], ...] = ((0.0, 64),)
    batch: int = 16
    shard: int = 8
    rate: float = 0.1
    warm_up: int = 30
    checkpoints: tuple[int, ...] = field(default=())
    paintings: int = 2000
    style_weight: float = 0.5
    reconstruction_weight: float = 10.0


class DecoderCourse(Course):
    """`perturber train decoder`."""

    weights = DECODER.name

    def __init__(self, recipe: DecoderRecipe, pictures: Pictures) -> None:
        super().__init__(recipe, pictures)
        self._recipe = recipe
        self._encoder = encoder(self.device)
        self._paintings = paintings(recipe.paintings, recipe.seed).to(self.device)
        with torch.inference_mode():
            typical = encodings(self._encoder, pictures.first(256).images / 255, _LAYERS)
        self._variances = {layer: float(features.var()) for layer, features in typical.items()}

    def start(self) -> Decoder:
        """A random one."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed)
            decoder = Decoder()
        return decoder.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def loss(self, network: nn.Module, batch: Batch) -> Loss:
        """Content, style and reconstruction: mean squares, in units of each layer's variance."""
        with torch.autocast(self.device.type, torch.bfloat16):
            return self._loss(network, batch.images / 255, self._styles(batch) / 255)

    def _styles(self, batch: Batch) -> Tensor:
        """Paintings for every second picture, other pictures for the others."""
        styles = batch.images.roll(1, 0)
        half = len(styles[::2])
        chosen = torch.randint(len(self._paintings), (half,), generator=batch.generator, device=self.device)
        styles[::2] = self._paintings[chosen]
        return styles

    def _loss(self, decoder: nn.Module, contents: Tensor, styles: Tensor) -> Loss:
        stylizer = Stylizer(self._encoder, decoder)
        with torch.no_grad():
            content = stylizer.encode(contents)
            wanted = encodings(self._encoder, styles, _LAYERS)
            target = adain(content, wanted[ENCODING])
        own = max(1, len(contents) // 4)
        decoded = stylizer.decode(torch.cat([target, content[:own]]))
        made = encodings(self._encoder, decoded[: len(contents)], _LAYERS)
        content_loss = F.mse_loss(made[ENCODING], target) / self._variances[ENCODING]
        style_loss = torch.stack([self._unlike(made[layer], wanted[layer], layer) for layer in _LAYERS]).sum()
        mistake = F.mse_loss(decoded[len(contents) :], contents[:own])
        beyond = (decoded - decoded.clamp(0, 1)).square().mean()
        weight = self._recipe.reconstruction_weight
        loss = content_loss + self._recipe.style_weight * style_loss + weight * (mistake + beyond)
        figures = {"loss": loss, "content": content_loss, "style": style_loss, "mistake": mistake}
        return Loss(loss, {name: value.detach() for name, value in figures.items()})

    def _unlike(self, features: Tensor, style: Tensor, layer: str) -> Tensor:
        """How far the moments of `features` are from those of `style`."""
        pairs = zip(moments(features), moments(style), strict=True)
        return torch.stack([F.mse_loss(one, other) for one, other in pairs]).sum() / self._variances[layer]

    def validate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, float]:
        """The loss and its parts."""
        generator = torch.Generator(self.device).manual_seed(0)
        batch = Batch(pictures.images, pictures.labels, self.recipe.size(0), generator)
        with torch.inference_mode():
            figures = workers.run(lambda network: self.loss(network, batch).figures, released)
        return {name: round(value.item(), 4) for name, value in figures.items()}

    def evaluate(self, released: nn.Module, pictures: Pictures, workers: Workers) -> dict[str, Any]:
        """The same on the first thousand pictures."""
        some = pictures.first(1000)
        return {"pictures": len(some), **self.validate(released, some, workers)}
