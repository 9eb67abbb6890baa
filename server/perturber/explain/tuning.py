"""Tuning curves of a layer's units, and what they are selective for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from perturber.explain import stimuli
from perturber.nets.classifier import Classifier

ORIENTATIONS = tuple(180 / 12 * step for step in range(12))
PERIODS = (4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0)
PHASES = 4
RADII = (8.0, 12.0, 16.0, 24.0, 32.0, math.inf)
DIRECTIONS = 16
_BATCH = 48


@dataclass(frozen=True)
class Selectivity:
    """Of each unit (channels,): its `index` in [-1, 1], what it `prefers`, its `peak` response."""

    index: Tensor
    prefers: Tensor
    peak: Tensor

    def best(self, count: int) -> list[int]:
        """The units of highest index among those whose peak is above half of the layer's median.

        Of equal indices, to two places, the one with the higher peak comes first.
        """
        answering = (self.peak > 0.5 * self.peak.median()).nonzero()[:, 0].tolist()
        rank = {unit: (-round(float(self.index[unit]), 2), -float(self.peak[unit])) for unit in answering}
        return sorted(answering, key=rank.__getitem__)[:count]


def responses(network: Classifier, pictures: Tensor, layer: str) -> Tensor:
    """Each unit's highest activation after the ReLU in the middle half of its map.

    pictures: (..., 3, H, W) in [0, 1]. Gives (..., channels). The border is left out: padding is no stimulus.
    """
    flat = pictures.flatten(0, -4)
    rows = []
    with torch.inference_mode():
        for start in range(0, len(flat), _BATCH):
            maps = network.answer(flat[start : start + _BATCH], layer, logits=False).activations
            assert maps is not None
            rows.append(_middle(maps).amax(dim=(2, 3)).clamp(min=0).cpu())
    return torch.cat(rows).reshape(*pictures.shape[:-3], -1)


def _middle(maps: Tensor) -> Tensor:
    height, width = maps.shape[2:]
    top, left = height // 4, width // 4
    return maps[:, :, top : height - top, left : width - left]


class Gratings:
    """A layer's answers to all gratings: `curves[axis]` is (orientations, periods, channels), best phase."""

    def __init__(self, network: Classifier, layer: str, axes: Sequence[str] = tuple(stimuli.AXES)) -> None:
        self.curves = {
            axis: responses(
                network,
                stimuli.gratings(network.input_size, ORIENTATIONS, PERIODS, PHASES, axis),
                layer,
            ).amax(2)
            for axis in axes
        }

    def orientation(self) -> Selectivity:
        """One minus circular variance (Ringach et al. 2002); prefers an orientation, in degrees.

        Black-white gratings, best period. 0 answers all orientations alike, 1 a single one.
        """
        curve = self.curves["black-white"]
        best = curve.amax(0).argmax(0)
        at_best = curve.gather(1, best.expand(len(curve), 1, -1))[:, 0]
        twice = 2 * torch.tensor(ORIENTATIONS).deg2rad()[:, None]
        real, imaginary = (at_best * twice.cos()).sum(0), (at_best * twice.sin()).sum(0)
        length = torch.hypot(real, imaginary) / at_best.sum(0).clamp(min=1e-12)
        prefers = torch.rad2deg(torch.atan2(imaginary, real) / 2) % 180
        return Selectivity(length, prefers, at_best.amax(0))

    def frequency(self) -> Selectivity:
        """Sparseness of the answers over the periods (Vinje and Gallant 2000); prefers a period in pixels.

        Black-white gratings, best orientation. 0 answers all periods alike, 1 a single one.
        """
        curve = self.curves["black-white"].amax(0)
        count = len(curve)
        squares = (curve**2).mean(0).clamp(min=1e-12)
        sparseness = (1 - curve.mean(0) ** 2 / squares) / (1 - 1 / count)
        return Selectivity(sparseness, torch.tensor(PERIODS)[curve.argmax(0)], curve.amax(0))

    def colour(self) -> Selectivity:
        """(c - b) / (c + b) of the best answers to colour and to black-white (after Johnson et al. 2001).

        1 answers colour alone, -1 brightness alone. Prefers 1, red-green, or 2, blue-yellow.
        """
        peaks = torch.stack([curve.amax(dim=(0, 1)) for curve in self.curves.values()])
        coloured, which = peaks[1:].max(0)
        index = (coloured - peaks[0]) / (coloured + peaks[0]).clamp(min=1e-12)
        return Selectivity(index, which + 1, coloured)


def curvature(network: Classifier, layer: str) -> Selectivity:
    """(a - l) / (a + l) of the best answers to arcs and to straight lines; prefers a radius in pixels."""
    curve = responses(network, stimuli.arcs(network.input_size, RADII, DIRECTIONS), layer).amax(dim=(1, 2))
    bent, which = curve[:-1].max(0)
    index = (bent - curve[-1]) / (bent + curve[-1]).clamp(min=1e-12)
    return Selectivity(index, torch.tensor(RADII)[which], bent)
