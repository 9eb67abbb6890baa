"""The attack on the picture shown, faded: thesis 5.2.2's Attack Alpha and Original Alpha."""

from torch import Tensor

from perturber.attacks.attack import AttackState

GREY = 0.5


def overlay(state: AttackState, original_alpha: float = 1.0, attack_alpha: float = 1.0) -> Tensor:
    """original * o + grey * (1 - o) + perturbation * a, clamped to [0, 1].

    (N, 3, H, W). At 1 and 1 it is the attacked picture and at 1 and 0 the original, to the bit.
    """
    if original_alpha == 1:
        if attack_alpha == 1:
            return state.picture
        if attack_alpha == 0:
            return state.original
    shown = GREY + original_alpha * (state.original - GREY) + attack_alpha * state.perturbation
    return shown.clamp(0, 1)
