"""Projected gradient descent on whole batches, for training against it and for measuring robustness."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Logits = Callable[[Tensor], Tensor]
"""Pictures (N, 3, H, W) in [0, 1] to logits (N, classes), differentiable."""

_TINY = 1e-12


def attack(
    logits: Logits,
    pictures: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    norm: str = "l2",
    steps: int,
    step_size: float,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Pictures within `epsilon` of `pictures` and in [0, 1] on which the loss of `labels` is higher.

    Untargeted PGD (Madry et al. 2018): step along the gradient, project onto the ball, clamp.
    epsilon, step_size: pixel values where 1.0 is the full range; `norm` is `l2` or `linf`. With a `generator`
    it starts at a random point of the ball, else at the pictures themselves.
    """
    attacked = pictures.detach()
    if generator is not None:
        noise = torch.randn(pictures.shape, generator=generator, device=pictures.device)
        radius = epsilon * torch.rand((len(pictures), 1, 1, 1), generator=generator, device=pictures.device)
        attacked = (pictures + radius * _direction(noise, norm)).clamp(0, 1)
    for _ in range(steps):
        attacked = attacked.detach().requires_grad_(True)
        loss = F.cross_entropy(logits(attacked), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, attacked)
        moved = attacked.detach() + step_size * _direction(gradient, norm)
        attacked = (pictures + _project(moved - pictures, epsilon, norm)).clamp(0, 1)
    return attacked


def _direction(gradient: Tensor, norm: str) -> Tensor:
    return gradient.sign() if norm == "linf" else gradient / lengths(gradient).clamp_min(_TINY)


def _project(shift: Tensor, epsilon: float, norm: str) -> Tensor:
    if norm == "linf":
        return shift.clamp(-epsilon, epsilon)
    return shift * (epsilon / lengths(shift).clamp_min(_TINY)).clamp_max(1)


def lengths(batch: Tensor) -> Tensor:
    """L2 norm of each element of a batch (N, C, H, W), as (N, 1, 1, 1)."""
    norms: Tensor = torch.linalg.vector_norm(batch, dim=(1, 2, 3), keepdim=True)
    return norms
