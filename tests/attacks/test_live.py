"""The live attack: what it reads from the state, and what it keeps when the state changes."""

import pytest
import torch

from perturber.attacks.attack import AttackState, logits_of
from perturber.attacks.catalog import AttackSettings, make
from perturber.attacks.goal import away
from perturber.attacks.live import LiveAttack, settings_of
from perturber.memo import Memo
from perturber.nets.classifier import Classifier
from perturber.parameters import SceneState
from perturber.studio import Studio

DEFAULT = SceneState.default()


@pytest.fixture(scope="module")
def standard(studio: Studio) -> Classifier:
    return studio.zoo.load("standard")


@pytest.mark.parametrize(
    ("patch", "settings"),
    [
        ({}, AttackSettings("pgd", "l2", 1.0)),
        ({"attack.step_size": 0.5}, AttackSettings("pgd", "l2", 1.0, 0.5)),
        ({"attack.random_start": True}, AttackSettings("pgd", "l2", 1.0, random_start=True)),
        ({"attack.method": "fgsm", "attack.random_start": True}, AttackSettings("fgsm", "l2", 1.0)),
        ({"attack.method": "jsma", "attack.epsilon": 40}, AttackSettings("jsma", "l0", 40)),
        ({"attack.method": "cppn", "attack.step_size": 2}, AttackSettings("cppn", "l2", 1.0)),
    ],
)
def test_a_method_takes_the_settings_it_has(patch: dict[str, object], settings: AttackSettings) -> None:
    assert settings_of(DEFAULT.changed(patch)) == settings


def test_the_dashboard_steps_as_the_command_does(studio: Studio, standard: Classifier) -> None:
    state, memo = DEFAULT.changed({"attack.epsilon": 2.0}), Memo()
    live = studio.pipeline.step_attack(state, memo, None)
    for _ in range(2):
        live = studio.pipeline.step_attack(state, memo, live)
    original = live.now.original
    alone = AttackState.begin(original, away(standard, original))
    attack = make(AttackSettings("pgd", "l2", 2.0))
    for _ in range(3):
        alone = attack.step(logits_of(standard), alone)
    torch.testing.assert_close(live.now.picture, alone.picture, rtol=0, atol=0)


def test_a_new_target_counts_from_the_next_step_on_and_undo_reaches_back(standard: Classifier) -> None:
    picture = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    live = LiveAttack.begin(picture, DEFAULT, standard).stepped(DEFAULT, standard)
    assert not live.now.goal.targeted
    goldfish = DEFAULT.changed({"attack.target": "goldfish"})
    turned = live.stepped(goldfish, standard)
    assert turned.now.goal.targeted
    assert turned.describe(goldfish)["target"] == "goldfish, Carassius auratus"
    assert turned.name == live.name
    assert turned.undone().now is live.now
    assert turned.undone().undone().undone().now.steps == 0, "before the first step there is none"
