"""What all attacks share: a state that never changes, and a step that makes the next one."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from perturber.attacks.ball import length
from perturber.attacks.catalog import Norm
from perturber.attacks.errors import AttackError
from perturber.attacks.goal import Goal
from perturber.nets.classifier import Classifier, check_picture


class Network(Protocol):
    """What is attacked: pictures (N, 3, H, W), RGB in [0, 1], to logits (N, outputs).

    A black-box attack asks for no more; the others need it differentiable.
    """

    def __call__(self, pictures: Tensor, /) -> Tensor: ...


class Attack(Protocol):
    """An attack with its settings. It keeps nothing of its own: all that goes on is in the state."""

    def step(self, network: Network, state: "AttackState") -> "AttackState":
        """The state one step further; `state` stays as it is."""


@dataclass(frozen=True, eq=False)
class AttackState:
    """An attack after `steps` steps; never changed, so that to undo a step is to keep the state before.

    `original` and `picture` are (N, 3, H, W), RGB in [0, 1]: before the attack, and now. `picture` is what a
    network sees, to the bit. Randomness comes from `seed` and `steps` alone: the same step twice is the same.
    `memory` is what a method hands on to its next step; another method ignores it. Settings, goal and network
    may change between steps (`dataclasses.replace(state, goal=...)`).
    """

    original: Tensor
    picture: Tensor
    goal: Goal
    seed: int = 0
    steps: int = 0
    memory: object = field(default=None, repr=False)

    @staticmethod
    def begin(original: Tensor, goal: Goal, seed: int = 0) -> "AttackState":
        """The state before the first step.

        Raises:
            PictureError: `original` isn't (N, 3, H, W), floating point and finite.
            AttackError: it leaves [0, 1], the goal isn't for as many pictures, or the seed is negative.
        """
        check_picture(original)
        low, high = float(original.min()), float(original.max())
        if low < 0 or high > 1:
            raise AttackError(f"picture: expected values in [0, 1], got [{low:g}, {high:g}]")
        if len(goal.classes) != len(original):
            raise AttackError(f"goal: expected {len(original)} classes, got {len(goal.classes)}")
        if seed < 0:
            raise AttackError(f"seed: expected a number of at least 0, got {seed}")
        original = original.detach().clone()
        return AttackState(original, original, goal, seed)

    @property
    def perturbation(self) -> Tensor:
        """What was added to the original, (N, 3, H, W) in [-1, 1]."""
        return self.picture - self.original

    def size(self, norm: Norm) -> Tensor:
        """How large each perturbation is in `norm`, (N,): compare it with epsilon."""
        return length(self.perturbation, norm)

    def moved(self, picture: Tensor, memory: object = None) -> "AttackState":
        """The state one step further, at `picture`."""
        return replace(self, picture=picture, steps=self.steps + 1, memory=memory)

    def randomness(self) -> np.random.Generator:
        """The random numbers of the next step, the same on every device."""
        return np.random.default_rng((self.seed, self.steps))


def logits_of(classifier: Classifier) -> Network:
    """The classifier as attacks ask it: pictures of any size to logits, without softmax."""

    def network(pictures: Tensor, /) -> Tensor:
        logits = classifier.answer(pictures).logits
        assert logits is not None
        return logits

    return network


def advance(attack: Attack, network: Network, state: AttackState, steps: int) -> Iterator[AttackState]:
    """Each of the next `steps` states, made as it is asked for: to cancel, ask no more."""
    for _ in range(steps):
        state = attack.step(network, state)
        yield state


def gradient(network: Network, picture: Tensor, goal: Goal) -> Tensor:
    """How each value of `picture` moves the goal's objective, (N, 3, H, W).

    One forward and one backward pass; no gradient is left on the network's parameters.
    """
    # A frame's tensors may come from inference mode, which allows no gradients: hence the clone outside it.
    with torch.inference_mode(False), torch.enable_grad():
        x = picture.clone().requires_grad_(True)
        (result,) = torch.autograd.grad(goal.objective(network(x)).sum(), x)
    return result
