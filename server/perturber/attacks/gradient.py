"""Along the gradient, within a ball: PGD (Madry et al. 2018) and FGSM (Goodfellow et al. 2015)."""

from dataclasses import dataclass

from torch import Tensor

from perturber.attacks.attack import AttackState, Network, gradient
from perturber.attacks.ball import project, random_point, steepest
from perturber.attacks.catalog import AttackSettings


@dataclass(frozen=True)
class GradientAttack:
    """Step up the gradient, project onto the ball, clamp to [0, 1]: the order of foolbox and torchattacks.

    The gradient is that of the logits' cross-entropy; a second softmax would flatten it. FGSM is the same
    with a step as large as epsilon.
    """

    settings: AttackSettings

    def step(self, network: Network, state: AttackState) -> AttackState:
        """One forward and one backward pass; where the gradient vanishes the picture stays."""
        norm, start = self.settings.norm, self._start(state)
        direction = steepest(gradient(network, start, state.goal), norm)
        moved = start + self.settings.step * direction - state.original
        picture = (state.original + project(moved, norm, self.settings.epsilon)).clamp(0, 1)
        return state.moved(picture)

    def _start(self, state: AttackState) -> Tensor:
        if state.steps > 0 or not self.settings.random_start:
            return state.picture
        offset = random_point(state.original, self.settings.norm, self.settings.epsilon, state.randomness())
        return (state.original + offset).clamp(0, 1)
