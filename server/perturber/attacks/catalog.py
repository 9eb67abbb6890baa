"""The one table of all attacks, and the settings they share. Without torch.

A new attack is a row here and a file beside this one with a class that has `step` (see `attack.Attack`).
"""

import importlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, cast

from perturber.attacks.errors import AttackError

if TYPE_CHECKING:
    from perturber.attacks.attack import Attack

Norm = Literal["l2", "linf", "l0"]

NORMS: Mapping[Norm, str] = MappingProxyType({"l2": "L2", "linf": "L∞", "l0": "L0"})
"""What a perturbation's size is: its Euclidean length, its largest value, the number of changed pixels.

The first two in pixel values where 1.0 is the full range; a pixel counts once, whichever channels change.
"""

DEFAULT_EPSILON: Mapping[Norm, float] = MappingProxyType({"l2": 0.5, "linf": 8 / 255, "l0": 100})
"""A bound that a standard network seldom withstands and that is hard to see at 224 pixels."""


@dataclass(frozen=True)
class Method:
    """One attack: `module` and `kind` say where its class is.

    `step_share` is the default step size as a share of epsilon; None for attacks without a step size.
    `random_start` says whether it can start at a random point of the ball, `unbounded` whether epsilon may
    be infinite, `black_box` whether it works without gradients.
    """

    name: str
    label: str
    module: str
    kind: str
    norms: tuple[Norm, ...]
    help: str
    step_share: float | None = None
    random_start: bool = False
    unbounded: bool = False
    black_box: bool = False


def _table(*methods: Method) -> Mapping[str, Method]:
    return MappingProxyType({method.name: method for method in methods})


METHODS = _table(
    Method(
        "pgd", "PGD", "gradient", "GradientAttack", ("l2", "linf"),
        "Projected gradient descent (Madry et al. 2018): the strongest first-order attack.",
        step_share=1 / 8, random_start=True,
    ),
    Method(
        "fgsm", "FGSM", "gradient", "GradientAttack", ("linf", "l2"),
        "Fast gradient sign method (Goodfellow et al. 2015): all of epsilon in one step; each further step "
        "does so again from where the last one led.",
        step_share=1.0,
    ),
    Method(
        "jsma", "JSMA", "jsma", "Jsma", ("l0",),
        "Saliency map attack (Papernot et al. 2016): few pixels, changed as far as they go.",
        step_share=1 / 8,
    ),
    Method(
        "evolution", "Evolution, direct", "direct", "DirectEvolution", ("linf", "l2"),
        "Evolution of the pixels themselves (Nguyen et al. 2015); needs no gradient. A step is a generation.",
        unbounded=True, black_box=True,
    ),
    Method(
        "cppn", "Evolution, CPPN", "cppn", "CppnEvolution", ("linf", "l2"),
        "Evolution of a network that paints regular patterns (Nguyen et al. 2015); needs no gradient. "
        "A step is a generation.",
        unbounded=True, black_box=True,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class AttackSettings:
    """What an attack may do: always valid.

    `epsilon` is the largest size of the perturbation in `norm`; infinite lifts the bound where the method
    allows it. `step_size` is how much of it one step may use, None the method's own share.

    Raises:
        AttackError: an unknown method, or a value that doesn't fit it.
    """

    method: str = "pgd"
    norm: Norm = "l2"
    epsilon: float = 0.5
    step_size: float | None = None
    random_start: bool = False

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise AttackError(f"method: expected one of {', '.join(METHODS)}, got {self.method!r}")
        method = METHODS[self.method]
        if self.norm not in method.norms:
            raise AttackError(
                f"norm of {self.method}: expected {' or '.join(method.norms)}, got {self.norm!r}"
            )
        _check_size("epsilon", self.epsilon, unbounded=method.unbounded)
        if self.step_size is not None:
            if method.step_share is None:
                raise AttackError(f"step_size of {self.method}: expected none, got {self.step_size}")
            _check_size("step_size", self.step_size, unbounded=False)
        if self.random_start and not method.random_start:
            raise AttackError(f"random_start of {self.method}: expected none, got {self.random_start}")

    @property
    def step(self) -> float:
        """The step size in use, in units of the norm."""
        share = METHODS[self.method].step_share or 0.0
        return self.epsilon * share if self.step_size is None else self.step_size


def make(settings: AttackSettings) -> "Attack":
    """The attack of these settings."""
    method = METHODS[settings.method]
    module = importlib.import_module(f"perturber.attacks.{method.module}")
    return cast("Attack", getattr(module, method.kind)(settings))


def _check_size(name: str, value: float, *, unbounded: bool) -> None:
    if math.isnan(value) or value < 0 or (math.isinf(value) and not unbounded):
        expected = "a number of at least 0" + (" or inf" if unbounded else "")
        raise AttackError(f"{name}: expected {expected}, got {value}")
