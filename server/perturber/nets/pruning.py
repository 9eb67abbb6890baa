"""Pruning filters by their magnitude (thesis 5.4, equations 5.2 to 5.6)."""

import torch
from torch import Tensor

from perturber.nets.edit import WHOLE, Range


def kept_filters(kernel: Tensor, kept: Range) -> Tensor:
    """Which filters of `kernel` (outputs, inputs, ...) stay: bool (outputs,).

    A filter's magnitude is the sum of its absolute weights, its rank n from 0 the place in ascending order of
    magnitude (equal ones in their own order). It stays where lower * outputs < n < upper * outputs, with
    strict bounds as the thesis writes them: a range from 0 drops the weakest filter, rank 0, too. The whole
    range alone is exempt: an untouched slider leaves the network as it is.
    """
    outputs = len(kernel)
    if kept == WHOLE:
        return kernel.new_ones(outputs, dtype=torch.bool)
    lower, upper = kept
    over_inputs = tuple(range(1, kernel.dim()))
    magnitudes = kernel.abs().sum(over_inputs, dtype=torch.float64)
    # In float64, as the bounds: in float32 a product such as 0.29 * 200 could pass for a whole rank.
    ranks = torch.arange(outputs, dtype=torch.float64, device=kernel.device)
    stays = torch.empty_like(ranks, dtype=torch.bool)
    stays[magnitudes.argsort(stable=True)] = (ranks > lower * outputs) & (ranks < upper * outputs)
    return stays


def pruned(kernel: Tensor, stays: Tensor) -> Tensor:
    """`kernel` with zeros for the filters that don't stay.

    Equation 5.6 multiplies the kernel alone: a pruned filter still gives its bias, the same everywhere.
    """
    return kernel * stays.view(-1, *(1 for _ in kernel.shape[1:]))
