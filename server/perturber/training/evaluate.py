"""How often a network is right: on clean pictures, and on pictures attacked for it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from perturber.attacks.catalog import Norm
from perturber.training.attack import Logits, ascend, attack
from perturber.training.augment import enlarge
from perturber.training.data import Pictures
from perturber.training.workers import Workers

_SHARD = 64
EPSILONS: dict[Norm, tuple[float, ...]] = {"l2": (0.5, 1.0, 2.0), "linf": (0.5 / 255, 1 / 255, 2 / 255)}
"""Radii that a report measures, in pixel values where 1.0 is the full range, for 128 px pictures."""


def exact_logits(network: nn.Module, pictures: Tensor) -> Tensor:
    """float32 logits of pictures (N, 3, H, W) in [0, 1]."""
    x: Tensor = network((pictures * 255 - 117).contiguous(memory_format=torch.channels_last))
    return x


def half_precision_logits(network: nn.Module, pictures: Tensor) -> Tensor:
    """float32 logits of pictures (N, 3, H, W) in [0, 1], computed in bfloat16 where that is safe."""
    x = (pictures * 255 - 117).contiguous(memory_format=torch.channels_last)
    with torch.autocast(x.device.type, torch.bfloat16):
        logits: Tensor = network(x).float()
    return logits


def clean_accuracy(logits: Logits, pictures: Pictures, size: int, workers: Workers) -> tuple[float, float]:
    """Share of pictures whose class is the first, and among the first five; enlarged to `size`."""

    def hits(images: Tensor, labels: Tensor) -> Tensor:
        with torch.inference_mode():
            ranked = logits(enlarge(images, size)).topk(5).indices == labels[:, None]
        return torch.stack([ranked[:, 0].sum(), ranked.sum()])

    first, five = (over_shards(hits, pictures.columns, workers) / len(pictures)).tolist()
    return first, five


def robust_accuracy(
    logits: Logits, pictures: Pictures, size: int, workers: Workers, *, epsilon: float, norm: Norm, steps: int
) -> float:
    """Share of pictures that are classified right, and still are after every step of PGD.

    `steps` steps of 2.5 epsilon / steps from the picture itself, untargeted; what is seen wrong is done with.
    """

    def hits(images: Tensor, labels: Tensor) -> Tensor:
        original = attacked = enlarge(images, size)
        for _ in range(steps):
            attacked = attacked.detach().requires_grad_(True)
            seen = logits(attacked)
            right = seen.detach().argmax(1) == labels
            if not right.any():
                return labels.new_zeros(())
            loss = F.cross_entropy(seen[right], labels[right], reduction="sum")
            (gradient,) = torch.autograd.grad(loss, attacked)
            original, labels = original[right], labels[right]
            attacked = ascend(
                attacked.detach()[right], gradient[right], original, epsilon, norm, 2.5 * epsilon / steps
            )
        with torch.no_grad():
            return (logits(attacked).argmax(1) == labels).sum()

    return float(over_shards(hits, pictures.columns, workers)) / len(pictures)


def low_frequency_share(shifts: Tensor) -> float:
    """Share of the energy of `shifts` (N, C, H, W) below a quarter of the Nyquist frequency (8 px a wave).

    White noise has about pi/64, 4.9 %.
    """
    energy = torch.fft.fft2(shifts).abs().square().sum(dim=(0, 1))
    down, across = (torch.fft.fftfreq(side, device=shifts.device) for side in shifts.shape[2:])
    low = (down[:, None] ** 2 + across**2).sqrt() < 1 / 8
    return float(energy[low].sum() / energy.sum())


def attack_low_frequency_share(
    logits: Logits, pictures: Pictures, size: int, workers: Workers, *, epsilon: float, steps: int
) -> float:
    """`low_frequency_share` of L2 attacks on the pictures, as in `robust_accuracy`."""

    def share(images: Tensor, labels: Tensor) -> Tensor:
        x = enlarge(images, size)
        step_size = 2.5 * epsilon / steps
        shift = attack(logits, x, labels, epsilon=epsilon, steps=steps, step_size=step_size) - x
        return torch.tensor(low_frequency_share(shift) * len(x))

    return float(over_shards(share, pictures.columns, workers)) / len(pictures)


def over_shards(hits: Callable[..., Tensor], columns: Sequence[Tensor], workers: Workers) -> Tensor:
    """The sum of `hits` over shards of pictures; `hits` takes a shard of each of `columns` (N, ...)."""
    shards = zip(*(torch.split(column, _SHARD) for column in columns), strict=True)
    return torch.stack(workers.map(lambda shard: hits(*shard).float(), shards)).sum(0)


def report(
    network: nn.Module, pictures: Pictures, size: int, workers: Workers, robust_pictures: int
) -> dict[str, Any]:
    """Clean accuracy over all `pictures`, PGD-20 robust accuracy over the first `robust_pictures`."""
    logits = partial(exact_logits, network)
    first, five = clean_accuracy(logits, pictures, size, workers)
    some = pictures.first(robust_pictures)
    robust = {
        norm: {
            f"{epsilon:.6g}": robust_accuracy(
                logits, some, size, workers, epsilon=epsilon, norm=norm, steps=20
            )
            for epsilon in epsilons
        }
        for norm, epsilons in EPSILONS.items()
    }
    return {
        "clean": {"pictures": len(pictures), "top1": first, "top5": five},
        "robust": {"pictures": len(some), "steps": 20, **robust},
        "low_frequency_share": attack_low_frequency_share(
            logits, pictures.first(robust_pictures // 4), size, workers, epsilon=1.0, steps=20
        ),
    }
