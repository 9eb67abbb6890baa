"""The kernels of a network's first convolution: the only ones that can be shown as pictures."""

from torch import Tensor, nn

from perturber.errors import PerturberError


class NoKernelsError(PerturberError):
    """A network whose first convolution doesn't look at colour pictures."""


def first_kernels(network: nn.Module) -> Tensor:
    """The weights (units, 3, height, width) of the first convolution; the channels are red, green, blue.

    Raises:
        NoKernelsError: there is none with three input channels.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            if module.in_channels != 3 or module.groups != 1:
                break
            return module.weight.detach().float().cpu()
    raise NoKernelsError("kernels: expected a first convolution on RGB, got a network without one")
