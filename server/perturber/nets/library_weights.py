"""Weights for a library's architecture: the library's own, or random ones for tests and teaching."""

import torch
from torch import Tensor, nn

from perturber.nets.library_catalog import (
    ArchitectureError,
    create,
    load,
    preprocessing,
    split,
    torchvision_weights,
)

_PICTURES = 8


def pretrained(name: str) -> dict[str, Tensor]:
    """The state of the library's own weights for that architecture, downloaded by the library itself.

    Raises:
        ArchitectureError: it has none, or they can't be fetched.
    """
    library, model = split(name)
    try:
        if library == "torchvision":
            return dict(torchvision_weights(model).get_state_dict(progress=True, check_hash=True))
        return dict(load("timm").create_model(model, pretrained=True).state_dict())
    except Exception as error:  # whatever the library's client raises
        reason = str(error).partition("\n")[0][:200] or type(error).__name__
        raise ArchitectureError(
            f"{name}: expected weights from {library}'s own address, got: {reason}"
        ) from error


def random_weights(name: str, num_classes: int, seed: int) -> dict[str, Tensor]:
    """The state of a network with random weights, as its library starts training; the same for one `seed`.

    Batch normalization takes its statistics from a few pictures of smooth noise: without, the values of deep
    networks vanish from layer to layer, and there would be nothing to see.

    Raises:
        ArchitectureError: no such architecture.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        network = create(name, num_classes)
        size = preprocessing(name).size
        coarse = torch.randn(_PICTURES, 3, size // 16, size // 16)
        _wake(network)
        _settle(network, nn.functional.interpolate(coarse, (size, size), mode="bicubic"))
    return dict(network.state_dict())


def _wake(network: nn.Module) -> None:
    """Some classifiers start at zero: they would answer every picture alike, and have no gradient."""
    for module in network.modules():
        if isinstance(module, nn.Linear) and not bool(module.weight.any()):
            nn.init.normal_(module.weight, std=0.02)


def _settle(network: nn.Module, pictures: Tensor) -> None:
    """Gives every batch normalization the statistics of what it gets for `pictures`."""
    norms = [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.momentum = None  # a plain average
        norm.train()
    if norms:
        network(pictures)
