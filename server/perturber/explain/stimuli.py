"""Synthetic pictures with known orientation, frequency, colour and curvature, for tuning curves.

After the synthetic tuning curves of OpenAI Microscope and the Circuits thread (Cammarata et al. 2020).
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

AXES: dict[str, tuple[float, float, float]] = {
    "black-white": (1 / math.sqrt(3), 1 / math.sqrt(3), 1 / math.sqrt(3)),
    "red-green": (1 / math.sqrt(2), -1 / math.sqrt(2), 0.0),
    "blue-yellow": (-1 / math.sqrt(6), -1 / math.sqrt(6), 2 / math.sqrt(6)),
}
"""Opponent directions in RGB, orthogonal and of length 1 (Buchsbaum and Gottschalk 1983)."""

_CONTRAST = 0.5
_SOFT = 1.0


def gratings(
    size: int, orientations: Sequence[float], periods: Sequence[float], phases: int, axis: str = "black-white"
) -> Tensor:
    """Sine gratings around grey: `(len(orientations), len(periods), phases, 3, size, size)` in [0, 1].

    orientations: of the stripes, in degrees, counter-clockwise from horizontal; periods in pixels. All `AXES`
    have the same amplitude in RGB.
    """
    y, x = _grid(size)
    angle = torch.tensor(orientations).deg2rad()[:, None, None, None, None]
    period = torch.tensor(periods)[:, None, None, None]
    shift = torch.arange(phases)[:, None, None] / phases
    # Across stripes that rise to the right by `angle`; rows count downwards.
    across = x * angle.sin() + y * angle.cos()
    wave = torch.sin(2 * math.pi * (across / period + shift))
    colour = torch.tensor(AXES[axis])[:, None, None]
    return 0.5 + _CONTRAST * colour * wave[:, :, :, None]


def arcs(size: int, radii: Sequence[float], directions: int) -> Tensor:
    """White arcs of a third of a circle on black, and black ones on white, through the middle of the picture:
    `(len(radii), directions, 2, 3, size, size)` in [0, 1].

    radii: in pixels; infinity is a straight line of 64 pixels. Direction k turns the arc by k whole turns
    over `directions`.
    """
    y, x = _grid(size)
    turns = torch.arange(directions)[:, None, None] * (2 * math.pi / directions)
    along, across = x * turns.cos() + y * turns.sin(), y * turns.cos() - x * turns.sin()
    lines = torch.stack([_arc(along, across, radius) for radius in radii])
    pair = torch.stack([lines, 1 - lines], 2)
    return pair[:, :, :, None].expand(-1, -1, -1, 3, -1, -1)


def _arc(along: Tensor, across: Tensor, radius: float) -> Tensor:
    """Brightness of a line two pixels wide that bends towards positive `across`."""
    if math.isinf(radius):
        distance, inside = across.abs(), along.abs() < 32
    else:
        distance = (torch.hypot(along, across - radius) - radius).abs()
        inside = torch.atan2(along, radius - across).abs() < math.pi / 3
    return ((1 + _SOFT - distance) / _SOFT).clamp(0, 1) * inside


def _grid(size: int) -> tuple[Tensor, Tensor]:
    """Rows and columns from the middle of the picture, in pixels."""
    place = torch.arange(size) - (size - 1) / 2
    return place[:, None].expand(size, size), place[None, :].expand(size, size)
