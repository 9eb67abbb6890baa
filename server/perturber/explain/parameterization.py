"""How a feature visualization is written down: as coefficients that an ascent changes.

Fourier coefficients in a decorrelated colour space by default (Olah et al. 2017), with lucent's constants;
"Naive Parameterization" (thesis 5.3) writes plain pixels.
"""

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

_SPREAD = 0.01
"""Standard deviation of the start's coefficients, as in lucid."""
_CONTRAST = 4.0
"""Lucid divides by it, so that a picture saturates later."""

_COLOURS = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]], device="cpu")
"""Square root of the covariance of RGB over ImageNet (lucid): a column is a decorrelated direction."""


class Fourier:
    """Pictures as Fourier coefficients of decorrelated colours: every frequency learns at its natural pace.

    `grain` is the size of the smallest detail in pixels: coefficients above that frequency stay zero.
    """

    def __init__(self, size: int, grain: int = 1) -> None:
        self._size, self._grain = size, grain

    def start(self, seeds: Sequence[int]) -> Tensor:
        """Coefficients `(len(seeds), 3, size, size // 2 + 1, 2)` of faint noise, each from its own seed."""
        return _noise((3, self._size, self._size // 2 + 1, 2), seeds)

    def picture(self, coefficients: Tensor) -> Tensor:
        """RGB `(N, 3, size, size)` in (0, 1)."""
        scale = _scale(self._size, self._grain).to(coefficients.device)
        spectrum = torch.view_as_complex(coefficients) * scale
        planes = torch.fft.irfft2(spectrum, s=(self._size, self._size), norm="ortho") / _CONTRAST
        colours = (_COLOURS / _COLOURS.norm(dim=0).max()).to(coefficients.device)
        return torch.einsum("rc,ncyx->nryx", colours, planes).sigmoid()


class Pixels:
    """Pictures as their own pixels in plain RGB: the network's favourite frequencies win."""

    def __init__(self, size: int) -> None:
        self._size = size

    def start(self, seeds: Sequence[int]) -> Tensor:
        """Values `(len(seeds), 3, size, size)` of faint noise before the sigmoid, each from its own seed."""
        return _noise((3, self._size, self._size), seeds)

    def picture(self, values: Tensor) -> Tensor:
        """RGB `(N, 3, size, size)` in (0, 1)."""
        return values.sigmoid()


@lru_cache(16)
def _scale(size: int, grain: int) -> Tensor:
    """What a coefficient weighs: 1/f, as in natural pictures, and nothing beyond the grain."""
    rows, columns = torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)[None]
    frequency = (rows * rows + columns * columns).sqrt()
    scale: Tensor = (frequency <= 0.5 * 2**0.5 / grain) / frequency.clamp(min=1 / size)
    return scale


def _noise(shape: tuple[int, ...], seeds: Sequence[int]) -> Tensor:
    generator = torch.Generator()
    return (
        torch.stack([torch.randn(shape, generator=generator.manual_seed(seed)) for seed in seeds]) * _SPREAD
    )
