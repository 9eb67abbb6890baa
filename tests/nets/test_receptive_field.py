"""The receptive field against the support of the gradient."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.nets.inception import BLOCKS, InceptionV1
from perturber.nets.layers import CHANNELS
from perturber.nets.receptive_field import describe, fields

LENGTH, BREADTH = 512, 32


@pytest.fixture(scope="module")
def network() -> InceptionV1:
    """All weights positive: no ReLU cuts a gradient off."""
    torch.manual_seed(0)
    made = InceptionV1(3).eval().requires_grad_(False)
    for parameter in made.parameters():
        fan_in = parameter[0].numel() if parameter.dim() > 1 else 1
        parameter.uniform_(0.5, 1.5).div_(fan_in)
    return made


def average(x: Tensor, size: int, stride: int, padding: int = 0, ceil_mode: bool = False) -> Tensor:
    """What max pooling looks at: its gradient shows only where the maximum is."""
    return F.avg_pool2d(x, size, stride, padding, ceil_mode)


def support(network: InceptionV1, layer: str, unit: int, place: int, along: int) -> tuple[int, int]:
    """First and last pixel along an axis that one position depends on."""
    shape = (1, 3, LENGTH, BREADTH) if along == 2 else (1, 3, BREADTH, LENGTH)
    x = torch.ones(shape, requires_grad=True)
    maps = network.run(x, [layer], logits=False).taps[layer][0, unit]
    line = maps.sum(1 if along == 2 else 0)
    (gradient,) = torch.autograd.grad(line[place], x)
    touched = gradient.abs().sum(dim=(0, 1, 5 - along)).nonzero()
    return int(touched[0]), int(touched[-1])


def first_units(layer: str) -> list[int]:
    """The first unit of each branch."""
    widths = BLOCKS.get(layer)
    if widths is None:
        return [0]
    return [0, widths.one, widths.one + widths.three, widths.one + widths.three + widths.five]


@pytest.mark.parametrize("layer", list(CHANNELS))
def test_it_is_where_the_gradient_reaches(
    network: InceptionV1, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(F, "max_pool2d", average)
    for unit, (_, field) in zip(first_units(layer), fields()[layer], strict=True):
        places = LENGTH // field.stride
        for place, along in ((0, 3), (places // 2, 3), (places - 1, 3), (places // 2, 2)):
            first = field.start + place * field.stride
            expected = (max(0, first), min(LENGTH, first + field.size) - 1)
            assert support(network, layer, unit, place, along) == expected, (unit, place, along)


def test_each_unit_has_one_field() -> None:
    assert {
        layer: sum(row["units"] for row in describe("inception-v1", layer)) for layer in CHANNELS
    } == CHANNELS


def test_a_layer_of_another_network_has_none() -> None:
    assert describe("torchvision:resnet18", "layer1") == []
    assert describe("torchvision:resnet18", "conv2d0") == []
