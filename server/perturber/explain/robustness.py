"""Transformation robustness: a visualization has to please however moved a little (Olah et al. 2017)."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

TURN, ZOOM, SHIFT = 10.0, 0.125, 1 / 16
"""Largest rotation in degrees, change of scale, and shift as a share of the picture's size, each way."""

_GREY = 0.5


def jitter(picture: Tensor, generator: torch.Generator) -> Tensor:
    """`picture` (N, 3, S, S) shifted, scaled and turned at random, all N alike; what moves in is grey.

    One bilinear warp does what lucent's pad, jitter, random_scale and random_rotate do one after the other.
    Alike for all, so that a picture's way doesn't hang on which others are in its batch.
    """
    zoom, turn, right, down = (2 * torch.rand(4, generator=generator, dtype=torch.float64) - 1).tolist()
    scale = 1 / (1 + ZOOM * zoom)
    angle = math.radians(TURN * turn)
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    # In the grid's units the picture is 2 wide.
    rows = [[cosine, -sine, 2 * SHIFT * right], [sine, cosine, 2 * SHIFT * down]]
    affine = torch.tensor(rows, dtype=picture.dtype, device=picture.device)
    grid = F.affine_grid(affine[None], [1, *picture.shape[1:]], align_corners=False)
    grid = grid.expand(len(picture), -1, -1, -1)
    return F.grid_sample(picture - _GREY, grid, align_corners=False) + _GREY
