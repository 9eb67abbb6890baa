"""Frequency decomposition: a picture as a low band (a Gaussian blur) plus a high band (the rest)."""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from perturber.perturb.color import turn_hue

TRUNCATE = 4.0
"""The Gaussian ends at this many standard deviations, as in scipy."""

GREY = 0.5
"""What the low band fades to."""


@dataclass(frozen=True)
class Band:
    """What is done to one band: opacity in [0, 1], blur (standard deviation in pixels), hue in turns."""

    alpha: float = 1.0
    sigma: float = 0.0
    hue: float = 0.0

    @property
    def neutral(self) -> bool:
        """Whether the band stays as it is."""
        return self == Band()


def decompose(picture: Tensor, cutoff: float, low: Band, high: Band) -> Tensor:
    """`picture` (..., 3, H, W) with its bands, split at a Gaussian of `cutoff` px, changed and added again.

    grey (1 - low.alpha) + low.alpha low' + high.alpha high', clamped to [0, 1]; each band is blurred, then
    its hue turned. Two neutral bands give the very same tensor.
    """
    if low.neutral and high.neutral:
        return picture
    low_band = blur(picture, cutoff)
    low_changed = turn_hue(blur(low_band, low.sigma), low.hue)
    result = low.alpha * low_changed + GREY * (1 - low.alpha)
    if high.alpha > 0:
        high_band = picture - low_band
        result = result + high.alpha * turn_hue(blur(high_band, high.sigma), high.hue)
    return result.clamp(0, 1)


def blur(picture: Tensor, sigma: float) -> Tensor:
    """`picture` (..., H, W) convolved with a Gaussian of `sigma` px; at 0 the very same tensor.

    Beyond its edge the picture goes on mirrored (d c b a | a b c d | d c b a), which keeps its mean. Equals
    `scipy.ndimage.gaussian_filter(mode="reflect")` for any size, sigma above the picture's included.
    """
    if sigma == 0:
        return picture
    rows, columns = (_blur_matrix(side, sigma, picture.device, picture.dtype) for side in picture.shape[-2:])
    return rows @ (picture.contiguous() @ columns.T)


# A product with a whole matrix costs the same at every sigma. At 224 px that is half of what a separable
# convolution costs at sigma 1, a third at 4 and an eightieth at 30. Outside of inference mode, as a matrix
# that is made for a frame serves gradients later.
@lru_cache(maxsize=64)
@torch.inference_mode(False)
def _blur_matrix(side: int, sigma: float, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Row i holds the weight of every pixel of a line of `side` in the blurred pixel i."""
    radius = int(TRUNCATE * sigma + 0.5)
    offsets = torch.arange(-radius, radius + 1)
    weights = torch.exp(-0.5 * (offsets.double() / sigma) ** 2)
    weights /= math.fsum(weights.tolist())
    source = (torch.arange(side)[:, None] + offsets) % (2 * side)
    source = torch.minimum(source, 2 * side - 1 - source)
    matrix = torch.zeros(side, side, dtype=torch.float64)
    matrix.scatter_add_(1, source, weights.expand(side, -1))
    return matrix.to(device=device, dtype=dtype)
