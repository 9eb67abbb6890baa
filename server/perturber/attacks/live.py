"""The attack of a running session: begun on the picture shown, taken on step by step, shown faded."""

import secrets
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from perturber.attacks.attack import AttackState, logits_of
from perturber.attacks.catalog import METHODS, AttackSettings, Norm, make
from perturber.attacks.goal import Goal, toward
from perturber.attacks.history import History
from perturber.attacks.overlay import overlay
from perturber.nets.classifier import Classifier, Prediction
from perturber.parameters import SceneState

Before = WeakKeyDictionary[Classifier, Prediction]


class Story(TypedDict):
    """What an attack does to one network: its first class before and after, and its first class now."""

    original_before: Prediction
    original_after: Prediction
    top_after: Prediction


@dataclass(frozen=True, eq=False)
class Aim:
    """What the attack is after: in which slot's network, away from `original` or towards the goal's class."""

    source: str
    classifier: Classifier
    target: str
    original: Prediction
    goal: Goal


@dataclass(frozen=True, eq=False)
class LiveAttack:
    """An attack on one picture, with its steps so far; never changed.

    Everything but the picture is read from the newest state at each step: settings, source and target may
    change on the way. `name` is a secret by which its files can be asked for.
    """

    name: str
    aim: Aim
    history: History
    _before: Before = field(repr=False)

    @staticmethod
    def begin(picture: Tensor, state: SceneState, classifier: Classifier) -> "LiveAttack":
        """The attack before its first step, on `picture` (1, 3, H, W), RGB in [0, 1].

        Raises:
            AttackError: the state's target names no class, or several.
        """
        before: Before = WeakKeyDictionary()
        aim = _aim(state, classifier, _first(classifier, picture, before))
        start = AttackState.begin(picture, aim.goal, int(state.number("attack.seed")))
        return LiveAttack(secrets.token_urlsafe(12), aim, History((start,)), before)

    @property
    def now(self) -> AttackState:
        """The state that is shown."""
        return self.history.current

    def stepped(self, state: SceneState, classifier: Classifier) -> "LiveAttack":
        """The attack one step further, by the settings of `state` against its source's network.

        Raises:
            AttackError: as `begin`.
        """
        aim = self.aim
        if (aim.source, aim.classifier, aim.target) != _asked(state, classifier):
            aim = _aim(state, classifier, _first(classifier, self.now.original, self._before))
        current = replace(self.now, goal=aim.goal, seed=int(state.number("attack.seed")))
        after = make(settings_of(state)).step(logits_of(classifier), current)
        return replace(self, aim=aim, history=self.history.added(after))

    def undone(self) -> "LiveAttack":
        """The attack without its last step."""
        return replace(self, history=self.history.undone())

    def picture(self, state: SceneState) -> Tensor:
        """What lies over the scene, (1, 3, H, W): picture and perturbation, faded as `state` says."""
        return overlay(self.now, state.number("attack.original_alpha"), state.number("attack.attack_alpha"))

    def story(self, classifier: Classifier, logits: Tensor) -> Story:
        """What `classifier` made of its first class; its `logits` (outputs,) are what it says now."""
        before = _first(classifier, self.now.original, self._before)
        value, share = logits[before["index"]], logits.float().softmax(0)[before["index"]]
        after: Prediction = {**before, "logit": float(value), "probability": float(share)}
        return {
            "original_before": before,
            "original_after": after,
            "top_after": classifier.top(logits, 1)[0],
        }

    def describe(self, state: SceneState) -> dict[str, Any]:
        """The attack as JSON, with the settings that its next step will have."""
        settings = settings_of(state)
        return {
            "name": self.name,
            "steps": self.now.steps,
            "method": settings.method,
            "norm": settings.norm,
            "epsilon": settings.epsilon,
            "norm_used": float(self.now.size(settings.norm)),
            "source": self.aim.source,
            "target": self._target(),
            "original_class": self.aim.original["class"],
        }

    def _target(self) -> str | None:
        if not self.aim.goal.targeted:
            return None
        name = self.aim.classifier.classes[self.aim.goal.classes[0]]
        return name.name if name is not None else None


def settings_of(state: SceneState) -> AttackSettings:
    """The settings in `state`, as far as its method has them; a method without the norm takes its own."""
    method = METHODS[state.text("attack.method")]
    norm, step_size = cast(Norm, state.text("attack.norm")), state.number("attack.step_size")
    return AttackSettings(
        method.name,
        norm if norm in method.norms else method.norms[0],
        state.number("attack.epsilon"),
        step_size if step_size > 0 and method.step_share is not None else None,
        state.flag("attack.random_start") and method.random_start,
    )


def _asked(state: SceneState, classifier: Classifier) -> tuple[str, Classifier, str]:
    return state.text("attack.source"), classifier, state.text("attack.target")


def _aim(state: SceneState, classifier: Classifier, original: Prediction) -> Aim:
    source, classifier, target = _asked(state, classifier)
    goal = toward(classifier, target) if target else Goal((original["index"],), targeted=False)
    return Aim(source, classifier, target, original, goal)


def _first(classifier: Classifier, original: Tensor, known: Before) -> Prediction:
    """What `classifier` sees in the picture before the attack; asked once."""
    if classifier not in known:
        with torch.inference_mode():
            logits = classifier.answer(original).logits
        assert logits is not None
        known[classifier] = classifier.top(logits[0], 1)[0]
    return known[classifier]
