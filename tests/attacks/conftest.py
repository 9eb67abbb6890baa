"""A small network and pictures that the tests of this room share."""

import pytest
import torch
from torch import Tensor, nn

from perturber.nets.classifier import Classifier
from perturber.nets.zoo import Zoo


@pytest.fixture(scope="session")
def small() -> nn.Module:
    """Ten classes, random weights, nothing that saturates: pictures of any size to logits."""
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 8, 5, 2), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.Softplus())
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10, bias=False)).eval()


@pytest.fixture
def pictures() -> Tensor:
    """Four pictures of 16 px, black and white pixels among them."""
    noise = torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    return (noise * 1.4 - 0.2).clamp(0, 1)


@pytest.fixture(scope="session")
def standard() -> Classifier:
    """The bundled network."""
    return Zoo("cpu").load("standard")


@pytest.fixture
def picture() -> Tensor:
    """One picture of 128 px: smooth noise."""
    noise = torch.rand(1, 3, 12, 12, generator=torch.Generator().manual_seed(2))
    return torch.nn.functional.interpolate(noise, (128, 128), mode="bicubic").clamp(0, 1)
