"""The ball an attack stays in: lengths, projection, directions, random points.

Perturbations are (N, 3, H, W) in pixel values where 1.0 is the full range; each picture has its own ball.
"""

import numpy as np
import torch
from torch import Tensor

from perturber.attacks.catalog import Norm

_TINY = 1e-12
"""Lengths below it count as this, so that a zero gradient or perturbation stays zero."""


def length(perturbation: Tensor, norm: Norm) -> Tensor:
    """The size of each perturbation in `norm`, (N,)."""
    match norm:
        case "l2":
            return perturbation.flatten(1).square().sum(1).sqrt()
        case "linf":
            return perturbation.flatten(1).abs().amax(1)
        case "l0":
            return (perturbation != 0).any(1).flatten(1).sum(1).to(perturbation.dtype)


def project(perturbation: Tensor, norm: Norm, epsilon: float) -> Tensor:
    """The nearest perturbation whose size in `norm` is at most `epsilon`; one inside stays as it is."""
    match norm:
        case "l2":
            factor = (epsilon / length(perturbation, "l2").clamp_min(_TINY)).clamp_max(1)
            return perturbation * factor[:, None, None, None]
        case "linf":
            return perturbation.clamp(-epsilon, epsilon)
        case "l0":
            energies = perturbation.square().sum(1).flatten(1)
            keep = torch.zeros_like(energies, dtype=torch.bool)
            count = min(int(epsilon), energies.shape[1])
            keep.scatter_(1, energies.topk(count, dim=1).indices, True)
            return perturbation * keep.reshape(len(perturbation), 1, *perturbation.shape[2:])


def steepest(gradient: Tensor, norm: Norm) -> Tensor:
    """The direction of size 1 in `norm` (l2 or linf) in which a function of this gradient rises most.

    Raises:
        ValueError: l0, where it would be a choice of pixels.
    """
    match norm:
        case "l2":
            return gradient * (1 / length(gradient, "l2").clamp_min(_TINY))[:, None, None, None]
        case "linf":
            return gradient.sign()
        case "l0":
            raise ValueError("norm: expected l2 or linf, got 'l0'")


def random_point(like: Tensor, norm: Norm, epsilon: float, randomness: np.random.Generator) -> Tensor:
    """A perturbation drawn uniformly from the ball (l2 or linf), of the shape, type and device of `like`.

    Raises:
        ValueError: as `steepest`.
    """
    shape = tuple(like.shape)
    if norm == "linf":
        return _tensor(randomness.uniform(-epsilon, epsilon, shape), like)
    # Uniform in a ball of d dimensions: any direction, and a radius whose d-th power is uniform.
    radii = epsilon * randomness.uniform(size=shape[0]) ** (1 / like[0].numel())
    direction = steepest(_tensor(randomness.standard_normal(shape), like), norm)
    return direction * _tensor(radii, like)[:, None, None, None]


def _tensor(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], like: Tensor) -> Tensor:
    return torch.from_numpy(values).to(device=like.device, dtype=like.dtype)
