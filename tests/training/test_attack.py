"""The attack keeps to its ball, raises the loss, and takes the steps that the closed form says."""

import copy
from functools import partial

import foolbox
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.attacks.catalog import Norm
from perturber.nets.inception import InceptionV1
from perturber.training.attack import attack
from perturber.training.augment import enlarge
from perturber.training.data import Pictures
from perturber.training.evaluate import exact_logits, robust_accuracy
from perturber.training.workers import Workers


@pytest.mark.parametrize(("norm", "epsilon"), [("l2", 0.25), ("l2", 2.0), ("linf", 1 / 255)])
@pytest.mark.parametrize("random_start", [False, True])
@pytest.mark.parametrize("steps", [1, 5])
def test_attacked_pictures_stay_in_the_ball_and_in_range_and_their_loss_rises(
    network: InceptionV1, pictures: Pictures, norm: Norm, epsilon: float, random_start: bool, steps: int
) -> None:
    logits = partial(exact_logits, network)
    x = enlarge(pictures.images[:4], 64)
    labels = logits(x).argmax(1)
    generator = torch.Generator().manual_seed(1) if random_start else None
    step_size = 1.5 * epsilon / steps
    attacked = attack(
        logits, x, labels, epsilon=epsilon, norm=norm, steps=steps, step_size=step_size, generator=generator
    )
    shift = attacked - x
    size = torch.linalg.vector_norm(shift.flatten(1), 2 if norm == "l2" else torch.inf, dim=1).max()
    assert size <= epsilon * (1 + 1e-5)
    assert attacked.min() >= 0
    assert attacked.max() <= 1
    assert F.cross_entropy(logits(attacked), labels) > F.cross_entropy(logits(x), labels) + 0.05
    assert all(parameter.grad is None for parameter in network.parameters())


def linear_logits(weights: Tensor, pictures: Tensor) -> Tensor:
    return torch.stack([(pictures * weights).sum(dim=(1, 2, 3)), pictures.new_zeros(len(pictures))], 1)


@pytest.mark.parametrize(("norm", "power"), [("l2", 2), ("linf", torch.inf)])
def test_on_a_linear_model_it_finds_the_worst_point_of_the_ball(norm: Norm, power: float) -> None:
    """The worst shift for logit w·x lies along -w (L2) or -sign(w) (Linf): w·shift = -epsilon * dual norm."""
    weights = torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(2))
    x = torch.full((2, 3, 8, 8), 0.5)
    logits = partial(linear_logits, weights)
    generator = torch.Generator().manual_seed(3)
    attacked = attack(
        logits,
        x,
        torch.tensor([0, 0]),
        epsilon=0.1,
        norm=norm,
        steps=60,
        step_size=0.02,
        generator=generator,
    )
    dual = torch.linalg.vector_norm(weights, 2 if power == 2 else 1)
    reached = ((attacked - x) * weights).sum(dim=(1, 2, 3))
    torch.testing.assert_close(reached, -0.1 * dual.expand(2), rtol=1e-3, atol=0)


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_it_agrees_with_foolbox(network: InceptionV1, pictures: Pictures, norm: Norm) -> None:
    kind = foolbox.attacks.L2PGD if norm == "l2" else foolbox.attacks.LinfPGD
    epsilon, steps = (0.5, 8) if norm == "l2" else (2 / 255, 8)
    logits = partial(exact_logits, network)
    x = enlarge(pictures.images[:4], 64)
    labels = logits(x).argmax(1)
    attacked = attack(logits, x, labels, epsilon=epsilon, norm=norm, steps=steps, step_size=epsilon / 4)
    model = foolbox.PyTorchModel(Logits0To1(network).eval(), bounds=(0, 1), device="cpu")
    _, theirs, _ = kind(steps=steps, abs_stepsize=epsilon / 4, random_start=False)(
        model, x, labels, epsilons=epsilon
    )
    torch.testing.assert_close(attacked, theirs, rtol=0, atol=1e-5)


class Logits0To1(torch.nn.Module):
    """A network that takes pictures in [0, 1], as foolbox wants it."""

    def __init__(self, network: InceptionV1) -> None:
        super().__init__()
        self.network = copy.deepcopy(network)  # foolbox leaves gradients on the parameters

    def forward(self, pictures: Tensor) -> Tensor:
        return exact_logits(self.network, pictures)


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_the_robust_pictures_are_those_that_foolbox_does_not_fool_at_any_step(
    network: InceptionV1, pictures: Pictures, norm: Norm
) -> None:
    """foolbox judges its last step only: it is asked for one step, two steps, ... of the same size."""
    kind = foolbox.attacks.L2PGD if norm == "l2" else foolbox.attacks.LinfPGD
    epsilon, steps, size = (1.2 if norm == "l2" else 2 / 255), 4, 64
    x = enlarge(pictures.images, size)
    labels = exact_logits(network, x).argmax(1)
    model = foolbox.PyTorchModel(Logits0To1(network).eval(), bounds=(0, 1), device="cpu")
    fooled = torch.zeros(len(x), dtype=torch.bool)
    for count in range(1, steps + 1):
        run = kind(steps=count, abs_stepsize=2.5 * epsilon / steps, random_start=False)
        fooled |= run(model, x, labels, epsilons=epsilon)[2]
    ours = robust_accuracy(
        partial(exact_logits, network),
        Pictures(pictures.images, labels),
        size,
        Workers(torch.device("cpu")),
        epsilon=epsilon,
        norm=norm,
        steps=steps,
    )
    assert 0 < int(fooled.sum()) < len(x)
    assert ours == pytest.approx(1 - float(fooled.float().mean()))
