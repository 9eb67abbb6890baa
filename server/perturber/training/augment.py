"""From stored pictures to network-sized ones: random crops for training, plain enlargement for judging."""

import torch
import torch.nn.functional as F
from torch import Tensor

SMALLEST_CROP = 0.5
"""Least share of the area that a crop keeps."""
WIDEST_ASPECT = 4 / 3
"""Greatest ratio of a crop's sides before it is stretched to a square."""
LIGHT = 0.2
"""Greatest change of brightness and of contrast, as a factor's distance from 1."""


def random_crops(images: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Random resized crops, half of them mirrored, brightness and contrast changed.

    images: (N, 3, h, w) uint8. Gives (N, 3, size, size) in [0, 1]; meant to enlarge (no low-pass filter).
    """
    count, device = len(images), images.device
    area, aspect, across, down, mirror, brightness, contrast = torch.rand(
        (7, count), generator=generator, device=device
    )
    side = (SMALLEST_CROP + (1 - SMALLEST_CROP) * area).sqrt()
    stretch = WIDEST_ASPECT ** (aspect - 0.5)
    width, height = (side * stretch).clamp_max(1), (side / stretch).clamp_max(1)
    affine = torch.zeros(count, 2, 3, device=device)
    affine[:, 0, 0] = torch.where(mirror < 0.5, width, -width)
    affine[:, 1, 1] = height
    affine[:, 0, 2] = (2 * across - 1) * (1 - width)
    affine[:, 1, 2] = (2 * down - 1) * (1 - height)
    grid = F.affine_grid(affine, [count, 3, size, size], align_corners=False)
    crops = F.grid_sample(images.float() / 255, grid, padding_mode="border", align_corners=False)
    mean = crops.mean(dim=(1, 2, 3), keepdim=True)
    contrasted = mean + (crops - mean) * _around_one(contrast)
    return (contrasted * _around_one(brightness)).clamp(0, 1)


def _around_one(uniform: Tensor) -> Tensor:
    return (1 + LIGHT * (2 * uniform - 1))[:, None, None, None]


def enlarge(images: Tensor, size: int) -> Tensor:
    """The whole pictures (N, 3, h, w) uint8 as (N, 3, size, size) in [0, 1], bilinear."""
    return F.interpolate(images.float() / 255, (size, size), mode="bilinear")
