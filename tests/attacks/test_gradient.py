"""PGD and FGSM against finite differences, foolbox and closed forms."""

import copy
import math

import eagerpy
import foolbox
import pytest
import torch
from torch import Tensor, nn

from perturber.attacks.attack import AttackState, Network, advance, gradient, logits_of
from perturber.attacks.catalog import AttackSettings, Norm, make
from perturber.attacks.goal import Goal, away
from perturber.nets.classifier import Classifier
from perturber.nets.inception import InceptionV1

ROUNDING = 2e-5
"""How far float32 may carry the L2 length of ten thousand values over epsilon."""


class AsModule(nn.Module):
    """A copy of a classifier as foolbox takes it; it leaves gradients on the parameters."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        network = copy.deepcopy(classifier.network)
        self._classifier = Classifier(network, classifier.input_size, classifier.classes)
        self.network = network

    def forward(self, pictures: Tensor) -> Tensor:
        return logits_of(self._classifier)(pictures)


def _foolbox(
    module: nn.Module, state: AttackState, norm: Norm, epsilon: float, steps: int, start: Tensor | None = None
) -> Tensor:
    """foolbox's picture after `steps` steps from `start`, or from the original."""
    kind = {"l2": foolbox.attacks.L2PGD, "linf": foolbox.attacks.LinfPGD}[norm]
    attack = kind(abs_stepsize=epsilon / 8, steps=steps, random_start=start is not None)
    attack.get_random_start = lambda x0, epsilon: eagerpy.astensor(start)  # noqa: ARG005
    criteria = (foolbox.criteria.Misclassification, foolbox.criteria.TargetedMisclassification)
    criterion = criteria[state.goal.targeted](torch.tensor(state.goal.classes))
    model = foolbox.PyTorchModel(module.eval(), bounds=(0, 1), device="cpu")
    return attack.run(model, state.original, criterion, epsilon=epsilon)


@pytest.mark.parametrize("targeted", [False, True])
def test_the_gradient_is_that_of_finite_differences(
    small: nn.Module, pictures: Tensor, targeted: bool
) -> None:
    network, x = copy.deepcopy(small).double(), pictures[:2].double()
    goal = Goal((3, 7), targeted)
    got = gradient(network, x, goal)
    for index in torch.randint(x.numel(), (40,), generator=torch.Generator().manual_seed(5)):
        shift = torch.zeros(x.numel(), dtype=torch.float64)
        shift[index] = 1e-5
        with torch.no_grad():
            above, below = (goal.objective(network(x + sign * shift.view_as(x))).sum() for sign in (1, -1))
        torch.testing.assert_close(got.flatten()[index], (above - below) / 2e-5, rtol=1e-5, atol=1e-9)


def test_the_gradient_of_a_classifier_goes_through_its_resize(picture: Tensor) -> None:
    torch.manual_seed(4)
    network = InceptionV1(20).double().eval()
    for parameter in network.parameters():
        parameter.data.normal_(0, (2 / max(1, parameter[0].numel())) ** 0.5 if parameter.dim() > 1 else 0.1)
    classifier = Classifier(network, 40, [None] * 20)
    x, goal = picture.double(), Goal((4,), targeted=False)
    got = gradient(logits_of(classifier), x, goal)
    direction = torch.randn(x.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    with torch.no_grad():
        above, below = (
            float(goal.objective(logits_of(classifier)(x + sign * 1e-7 * direction))) for sign in (1, -1)
        )
    assert float((got * direction).sum()) == pytest.approx((above - below) / 2e-7, rel=1e-4)
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize(("norm", "epsilon"), [("l2", 0.5), ("l2", 6.0), ("linf", 2 / 255), ("linf", 0.1)])
def test_every_step_is_foolboxs(
    standard: Classifier, picture: Tensor, norm: Norm, epsilon: float, targeted: bool
) -> None:
    goal = Goal((42,), True) if targeted else away(standard, picture)
    attack, module = make(AttackSettings("pgd", norm, epsilon)), AsModule(standard)
    state = AttackState.begin(picture, goal)
    for _ in range(10):
        expected = _foolbox(module, state, norm, epsilon, 1, state.picture)
        state = attack.step(logits_of(standard), state)
        torch.testing.assert_close(state.picture, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize(("norm", "epsilon"), [("l2", 0.5), ("l2", 6.0), ("linf", 2 / 255)])
def test_the_result_is_foolboxs(
    standard: Classifier, picture: Tensor, norm: Norm, epsilon: float, targeted: bool
) -> None:
    """In double precision: over many steps a network blows up the last bit of a float."""
    module = AsModule(standard).double()
    goal = Goal((42,), True) if targeted else away(standard, picture)
    begin = AttackState.begin(picture.double(), goal)
    *_, state = advance(make(AttackSettings("pgd", norm, epsilon)), module, begin, 10)
    torch.testing.assert_close(state.picture, _foolbox(module, begin, norm, epsilon, 10), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("norm", "epsilon"), [("l2", 0.7), ("linf", 0.05)])
def test_a_batch_is_attacked_as_foolbox_does(
    small: nn.Module, pictures: Tensor, norm: Norm, epsilon: float
) -> None:
    begin = AttackState.begin(pictures, Goal((0, 3, 3, 9), targeted=False))
    *_, state = advance(make(AttackSettings("pgd", norm, epsilon)), small, begin, 20)
    expected = _foolbox(copy.deepcopy(small), begin, norm, epsilon, 20)
    torch.testing.assert_close(state.picture, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("trial", range(12))
def test_ball_and_range_are_never_left(small: nn.Module, trial: int) -> None:
    generator = torch.Generator().manual_seed(trial)
    shape = (2, 3, *torch.randint(8, 60, (2,), generator=generator).tolist())
    start = torch.rand(shape, generator=generator).mul(1.6).sub(0.3).clamp(0, 1)
    epsilon = 10 ** float(torch.empty(1).uniform_(-3, 1.5, generator=generator))
    norm: Norm = "l2" if trial % 2 else "linf"
    method = "fgsm" if trial % 3 == 2 else "pgd"
    settings = AttackSettings(
        method, norm, epsilon, epsilon * 1.5, random_start=method == "pgd" and trial % 4 < 2
    )
    begin = AttackState.begin(start, Goal((1, 2), trial % 5 == 0), seed=trial)
    for state in advance(make(settings), small, begin, 6):
        assert float(state.size(norm).max()) <= epsilon + ROUNDING
        assert float(state.picture.min()) >= 0
        assert float(state.picture.max()) <= 1


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize(
    ("method", "norm"), [("pgd", "l2"), ("pgd", "linf"), ("fgsm", "linf"), ("fgsm", "l2")]
)
def test_the_objective_never_ends_lower(
    small: nn.Module, pictures: Tensor, method: str, norm: Norm, targeted: bool
) -> None:
    goal = Goal((0, 1, 2, 3), targeted)
    epsilon = 0.5 if norm == "l2" else 0.02
    state = AttackState.begin(pictures, goal)
    *_, ended = advance(make(AttackSettings(method, norm, epsilon)), small, state, 10)
    with torch.no_grad():
        before, after = (goal.objective(small(x)) for x in (pictures, ended.picture))
    assert bool((after > before).all())


def test_fgsm_is_epsilon_times_the_sign(small: nn.Module, pictures: Tensor) -> None:
    goal = Goal((0, 1, 2, 3), targeted=False)
    state = make(AttackSettings("fgsm", "linf", 0.03)).step(small, AttackState.begin(pictures, goal))
    expected = (pictures + 0.03 * gradient(small, pictures, goal).sign()).clamp(0, 1)
    torch.testing.assert_close(state.picture, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_without_a_gradient_the_picture_stays(pictures: Tensor, norm: Norm) -> None:
    def flat(x: Tensor, /) -> Tensor:
        return (x * 0).sum((1, 2, 3))[:, None].expand(-1, 5)

    state = AttackState.begin(pictures, Goal((0, 1, 2, 3), targeted=False))
    stepped = make(AttackSettings("pgd", norm, 1.0)).step(flat, state)
    assert torch.equal(stepped.picture, pictures)
    assert stepped.steps == 1


@pytest.mark.parametrize(("norm", "epsilon"), [("l2", 0.5), ("linf", 0.1)])
def test_a_random_start_fills_the_ball(small: nn.Module, norm: Norm, epsilon: float) -> None:
    start = torch.full((50, 3, 4, 4), 0.5)
    settings = AttackSettings("pgd", norm, epsilon, step_size=0.0, random_start=True)
    state = make(settings).step(_network(small), AttackState.begin(start, Goal((0,) * 50, targeted=False)))
    sizes = state.size(norm)
    assert float(sizes.max()) <= epsilon * (1 + 1e-6)
    # The median radius of a uniform ball of 48 dimensions is epsilon times the 48th root of a half.
    assert float(sizes.median()) == pytest.approx(epsilon * 0.5 ** (1 / 48), rel=0.02)
    assert abs(float(state.perturbation.mean())) < epsilon / 20


def _network(small: nn.Module) -> Network:
    return lambda x: small(torch.nn.functional.pad(x, (6, 6, 6, 6)))


def test_a_step_works_on_a_frame_made_in_inference_mode(small: nn.Module, pictures: Tensor) -> None:
    goal, attack = Goal((0, 1, 2, 3), targeted=False), make(AttackSettings())
    expected = attack.step(small, attack.step(small, AttackState.begin(pictures, goal)))
    with torch.inference_mode():
        state = AttackState.begin(pictures * 1.0, goal)
        state = attack.step(small, attack.step(small, state))
    assert torch.equal(state.picture, expected.picture)


def test_the_step_is_an_eighth_of_epsilon(small: nn.Module) -> None:
    grey = torch.full((1, 3, 16, 16), 0.5)
    state = AttackState.begin(grey, Goal((0,), targeted=False))
    for norm in ("l2", "linf"):
        stepped = make(AttackSettings("pgd", norm, 0.4)).step(small, state)
        assert math.isclose(float(stepped.size(norm)), 0.05, rel_tol=1e-5)
