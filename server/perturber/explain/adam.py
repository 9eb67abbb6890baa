"""Adam (Kingma and Ba 2015) for one tensor, upwards.

torch's own optimizer imports its compiler at the first step: seconds before the first picture.
"""

import torch
from torch import Tensor

_MEAN, _SQUARE, _EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """Moves `parameter` in place along gradients of what is to grow."""

    def __init__(self, parameter: Tensor, rate: float) -> None:
        self._parameter, self._rate, self._steps = parameter, rate, 0
        self._mean, self._square = torch.zeros_like(parameter), torch.zeros_like(parameter)

    @torch.no_grad()
    def ascend(self, gradient: Tensor) -> None:
        """One step, elementwise: no larger than about the rate."""
        self._steps += 1
        self._mean.lerp_(gradient, 1 - _MEAN)
        self._square.lerp_(gradient * gradient, 1 - _SQUARE)
        mean = self._mean / (1 - _MEAN**self._steps)
        square = self._square / (1 - _SQUARE**self._steps)
        self._parameter.add_(mean / (square.sqrt() + _EPSILON), alpha=self._rate)
