"""Networks that the tests of this room share."""

import pytest
import torch
from torch import Tensor

from perturber.nets.inception import InceptionV1


@pytest.fixture(scope="session")
def random_network() -> InceptionV1:
    """A network of 1008 classes with random weights, scaled so that no layer's values vanish."""
    torch.manual_seed(0)
    network = InceptionV1(1008).eval().requires_grad_(False)
    for parameter in network.parameters():
        fan_in = parameter[0].numel() if parameter.dim() > 1 else 1
        parameter.normal_(0, (2 / fan_in) ** 0.5 if parameter.dim() > 1 else 0.1)
    return network


@pytest.fixture(scope="session")
def pixels() -> Tensor:
    """Two network inputs of 224 px: smooth noise in [-117, 138]."""
    noise = torch.rand(2, 3, 28, 28, generator=torch.Generator().manual_seed(1))
    return torch.nn.functional.interpolate(noise, (224, 224), mode="bicubic").clamp(0, 1) * 255 - 117
