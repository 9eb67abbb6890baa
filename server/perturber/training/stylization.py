"""Style transfer: a picture's shapes in another picture's texture, by adaptive instance normalization.

AdaIN (Huang & Belongie 2017) with an encoder made of our own standard network's first layers, and a decoder
that `perturber train decoder` trains for it. Geirhos et al. (2019) made their stylized ImageNet in this way.
"""

from functools import cache
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from perturber import paths
from perturber.nets import catalog
from perturber.nets.inception import InceptionV1
from perturber.nets.layers import CHANNELS
from perturber.nets.weights import ModelError, build, read_checkpoint, read_safetensors
from perturber.training.data import Pictures
from perturber.training.paintings import paintings
from perturber.training.workers import Workers

ENCODING = "conv2d2"
"""Whose activations, before the ReLU, are given the style's moments: a quarter of the picture's size."""
DECODER = paths.MODELS / "tiny-imagenet-decoder.safetensors"
HELD_OUT_PAINTINGS = 1_000_000
"""Added to the seed of paintings that pictures for judging are given: no training has seen them."""
_DIFFERENT_PAINTINGS = 1000
_SHARD = 64


def moments(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation over the pixels, each (N, C, 1, 1), of features (N, C, h, w)."""
    variance, mean = torch.var_mean(features.float(), dim=(2, 3), keepdim=True, correction=0)
    return mean, (variance + 1e-5).sqrt()


def adain(content: Tensor, style: Tensor) -> Tensor:
    """`content` (N, C, h, w) with the mean and the standard deviation of `style`, channel by channel."""
    mean, deviation = moments(content)
    wanted_mean, wanted_deviation = moments(style)
    return (content - mean) / deviation * wanted_deviation + wanted_mean


class Decoder(nn.Module):
    """From activations of `ENCODING` (N, 192, h, w) to pictures (N, 3, 4 h, 4 w), about in [0, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.deep = _convolution(CHANNELS[ENCODING], 128)
        self.middle = _convolution(128, 96)
        self.fine = _convolution(96, 64)
        self.colours = _convolution(64, 3 * 2 * 2)

    def forward(self, x: Tensor) -> Tensor:
        """The pictures."""
        x = F.relu(self.middle(F.relu(self.deep(x))))
        x = F.relu(self.fine(F.interpolate(x, scale_factor=2)))
        return F.pixel_shuffle(self.colours(x), 2)


def _convolution(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)


class Stylizer(nn.Module):
    """Encoder, AdaIN and decoder. Contents and styles (N, 3, 64, 64) in [0, 1] to pictures in [0, 1]."""

    def __init__(self, encoder: InceptionV1, decoder: nn.Module) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def forward(self, contents: Tensor, styles: Tensor) -> Tensor:
        """The contents in the styles' textures."""
        return self.decode(adain(self.encode(contents), self.encode(styles))).clamp(0, 1)

    def encode(self, pictures: Tensor) -> Tensor:
        """Activations (N, 192, 16, 16) of pictures (N, 3, 64, 64) in [0, 1]."""
        return encodings(self.encoder, pictures, (ENCODING,))[ENCODING]

    def decode(self, features: Tensor) -> Tensor:
        """The pictures, not yet clamped."""
        return self.decoder(features.contiguous(memory_format=torch.channels_last)).float()  # type: ignore[no-any-return]


def encodings(encoder: InceptionV1, pictures: Tensor, layers: tuple[str, ...]) -> dict[str, Tensor]:
    """Activations of `layers` for pictures in [0, 1], before the ReLU, in float32."""
    x = (pictures * 255 - 117).contiguous(memory_format=torch.channels_last)
    return {layer: tapped.float() for layer, tapped in encoder.run(x, layers, logits=False).taps.items()}


@cache
def stylizer(device: torch.device) -> Stylizer:
    """The bundled one, frozen.

    Raises:
        ModelError: the standard network's or the decoder's weights can't be read.
    """
    return Stylizer(encoder(device), read_decoder(DECODER).to(device))


def encoder(device: torch.device) -> InceptionV1:
    """The standard network, of which only the first layers run.

    Raises:
        ModelError: its weights can't be read.
    """
    standard = catalog.find("standard")
    return build(read_safetensors(standard.file, standard.sha256), device)


def read_decoder(file: Path) -> Decoder:
    """The decoder stored in `file`, frozen, in float32.

    Raises:
        ModelError: no such file, or one that holds something else.
    """
    decoder = Decoder()
    try:
        decoder.load_state_dict(read_checkpoint(file, str(file)))
    except RuntimeError as error:  # names or shapes differ
        raise ModelError(f"{file}: expected a decoder, got: {error}") from error
    decoder.requires_grad_(False)
    return decoder.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def stylized_pictures(pictures: Pictures, seed: int) -> Pictures:
    """`pictures` with their labels, each in a foreign texture: every second one in that of a painting, the
    others in that of another of the pictures. The same for the same seed (to rounding, on other machines)."""
    count = len(pictures)
    device = pictures.images.device
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    styles = pictures.images[order.roll(1)[order.argsort()].to(device)].clone()  # never itself
    painted = torch.arange(len(styles[::2])) % _DIFFERENT_PAINTINGS
    made = paintings(min(len(painted), _DIFFERENT_PAINTINGS), HELD_OUT_PAINTINGS + seed)
    styles[::2] = made[painted].to(device)
    return Pictures(stylize(pictures.images, styles), pictures.labels)


def stylize(contents: Tensor, styles: Tensor) -> Tensor:
    """Contents in the styles' textures, by the bundled stylizer; all (N, 3, 64, 64) uint8."""
    transfer = stylizer(contents.device)

    def made(shard: tuple[Tensor, Tensor]) -> Tensor:
        content, style = shard
        with torch.inference_mode():
            return to_bytes(transfer(content / 255, style / 255))

    shards = zip(torch.split(contents, _SHARD), torch.split(styles, _SHARD), strict=True)
    return torch.cat(Workers(contents.device).map(made, shards))


def to_bytes(pictures: Tensor) -> Tensor:
    """Pictures in [0, 1] as uint8."""
    return (pictures * 255).round().to(torch.uint8)
