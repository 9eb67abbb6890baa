"""Projected gradient descent in one go, without a state to watch: to train against and to measure with."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.attacks.ball import project, steepest
from perturber.attacks.catalog import Norm

Logits = Callable[[Tensor], Tensor]
"""Pictures (N, 3, H, W) in [0, 1] to logits (N, classes), differentiable."""


def attack(
    logits: Logits,
    pictures: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    norm: Norm = "l2",
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
        attacked = (pictures + radius * steepest(noise, norm)).clamp(0, 1)
    for _ in range(steps):
        attacked = attacked.detach().requires_grad_(True)
        loss = F.cross_entropy(logits(attacked), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, attacked)
        attacked = ascend(attacked.detach(), gradient, pictures, epsilon, norm, step_size)
    return attacked


def ascend(
    attacked: Tensor, gradient: Tensor, pictures: Tensor, epsilon: float, norm: Norm, step_size: float
) -> Tensor:
    """`attacked` one step along the gradient, then back into the ball around `pictures`, then into [0, 1]."""
    moved = attacked + step_size * steepest(gradient, norm)
    return (pictures + project(moved - pictures, norm, epsilon)).clamp(0, 1)
