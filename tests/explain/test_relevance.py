"""Activation times gradient against finite differences, and its aggregation against a count by hand."""

import pytest
import torch
from torch import nn

from perturber.explain.relevance import likeliest, most_relevant, relevance
from perturber.nets.classes import ClassName
from perturber.nets.classifier import Classifier
from perturber.nets.inception import InceptionV1

CLASSES = [ClassName(f"n{index}", f"class {index}") for index in range(5)]

BRANCHES = {
    "mixed4c_1x1": (0, 128),
    "mixed4c_3x3": (128, 384),
    "mixed4c_5x5": (384, 448),
    "mixed4c_pool_reduce": (448, 512),
}


class Scaled(InceptionV1):
    """A network whose units of mixed4c are multiplied by `factors` after the ReLU."""

    factors: torch.Tensor | None = None

    def conv(self, name: str, x: torch.Tensor, *, rectify: bool) -> torch.Tensor:
        x = super().conv(name, x, rectify=rectify)
        ends = {
            "mixed4c_1x1": (0, 128),
            "mixed4c_3x3": (128, 384),
            "mixed4c_5x5": (384, 448),
            "mixed4c_pool_reduce": (448, 512),
        }
        if self.factors is None or name not in ends:
            return x
        first, last = ends[name]
        return x * self.factors[first:last, None, None]

    def reduce(
        self, block: str, x: torch.Tensor, *, rectify: bool
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        one, three, five = super().reduce(block, x, rectify=rectify)
        return one, three, five


@pytest.fixture(scope="module")
def network() -> Scaled:
    torch.manual_seed(0)
    made = Scaled(5).eval().requires_grad_(False)
    for parameter in made.parameters():
        nn.init.normal_(parameter, 0, (2 / parameter[0].numel()) ** 0.5 if parameter.dim() > 1 else 0.1)
    return made.double()


def test_it_is_the_logits_slope_as_the_units_activation_is_scaled(network: Scaled) -> None:
    """d logit / d s at s = 1, where s multiplies a unit's activations, is activation times gradient."""
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    classes = [3, 0]
    classifier = Classifier(network, 64, CLASSES)
    got = relevance(classifier, pictures, "mixed4c", classes)
    assert got.shape == (2, 512)
    step = 1e-5
    for unit in (0, 127, 130, 383, 400, 511):
        slopes = []
        for sign in (1, -1):
            network.factors = torch.ones(512, dtype=torch.float64)
            network.factors[unit] += sign * step
            logits = classifier.answer(pictures).logits
            assert logits is not None
            slopes.append(logits[range(2), classes] * sign / (2 * step))
        network.factors = None
        torch.testing.assert_close(got[:, unit], sum(slopes), rtol=1e-4, atol=1e-6)


def test_the_likeliest_is_sought_among_the_given_classes_only(network: Scaled) -> None:
    classifier = Classifier(network, 64, CLASSES)
    picture = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    logits = classifier.answer(picture).logits
    assert logits is not None
    expected = [max((1, 4), key=lambda index: float(row[index])) for row in logits]
    assert likeliest(classifier, picture, [1, 4]).tolist() == expected


def test_units_are_ranked_by_how_often_they_are_among_a_pictures_most_relevant() -> None:
    rows = torch.tensor(
        [
            [9.0, 8.0, 1.0, 0.0, -5.0],
            [0.0, 7.0, 6.0, 0.0, -5.0],
            [9.0, 8.0, 7.0, 0.0, -5.0],
        ]
    )
    # Two a picture: unit 1 in three, unit 0 in two, unit 2 in one; units 3 and 4 never.
    assert most_relevant(rows, 8, per_picture=2) == [
        (1, pytest.approx(1.0)),
        (0, pytest.approx(2 / 3)),
        (2, pytest.approx(1 / 3)),
    ]
    assert [unit for unit, _ in most_relevant(rows, 1, per_picture=2)] == [1]
