"""Common corruptions after Hendrycks & Dietterich (2019), as they define them for Tiny ImageNet.

Each takes pictures (N, 3, H, W) uint8 and gives such. Severity 3 of 5 throughout; unlike in their published
files the result is not stored as JPEG.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

SEVERITY = 3
NOISE, BLUR, CONTRAST, PIXELS = 0.12, 1.0, 0.2, 0.7
"""Standard deviation of the noise (pixel values where 1.0 is the full range) and of the Gaussian blur (px),
factor of the contrast, and side of a pixelated picture as a share of the original's."""

_SHARD = 256
_TRUNCATE = 4
"""Where the Gaussian kernel ends, in standard deviations (scikit-image's default)."""


def noise(images: Tensor, seed: int) -> Tensor:
    """Gaussian noise on every value, then clipped; the same for the same seed, on every device."""
    generator = torch.Generator().manual_seed(seed)
    parts = []
    for part in torch.split(images, _SHARD):
        added = torch.randn(part.shape, generator=generator).to(part.device)
        parts.append(_to_bytes(part / 255 + NOISE * added))
    return torch.cat(parts)


def blur(images: Tensor, _: int) -> Tensor:
    """Gaussian blur; beyond the edge the outermost pixel goes on."""
    radius = round(_TRUNCATE * BLUR)
    place = torch.arange(-radius, radius + 1, device=images.device)
    kernel = torch.exp(-0.5 * (place / BLUR) ** 2)
    kernel = (kernel / kernel.sum()).repeat(3, 1)
    parts = []
    for part in torch.split(images, _SHARD):
        x = F.pad(part / 255, [radius] * 4, mode="replicate")
        x = F.conv2d(x, kernel[:, None, :, None], groups=3)
        parts.append(_to_bytes(F.conv2d(x, kernel[:, None, None, :], groups=3)))
    return torch.cat(parts)


def contrast(images: Tensor, _: int) -> Tensor:
    """Each channel drawn towards its mean over the picture."""
    x = images / 255
    mean = x.mean(dim=(2, 3), keepdim=True)
    return _to_bytes((x - mean) * CONTRAST + mean)


def pixelate(images: Tensor, _: int) -> Tensor:
    """Smaller and large again, both with Pillow's box filter, which is part of the definition."""
    pixels = images.cpu().permute(0, 2, 3, 1).numpy()
    parts = [np.asarray(_pixelated(Image.fromarray(picture))) for picture in pixels]
    return torch.from_numpy(np.stack(parts)).permute(0, 3, 1, 2).to(images.device)


def _pixelated(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    small = picture.resize((int(width * PIXELS), int(height * PIXELS)), Image.Resampling.BOX)
    return small.resize((width, height), Image.Resampling.BOX)


def _to_bytes(pictures: Tensor) -> Tensor:
    return (pictures.clamp(0, 1) * 255).round().to(torch.uint8)


CORRUPTIONS: Mapping[str, Callable[[Tensor, int], Tensor]] = MappingProxyType(
    {"noise": noise, "blur": blur, "contrast": contrast, "pixelate": pixelate}
)
"""All of them by name; each takes pictures and a seed."""
