"""Which class a text names, and what an attack is after."""

import math

import pytest
import torch

from perturber.attacks.errors import AttackError
from perturber.attacks.goal import Goal, away, find_class, toward
from perturber.nets.classes import ClassName
from perturber.nets.classifier import Classifier

CLASSES = [
    None,
    ClassName("n02123045", "tabby, tabby cat"),
    ClassName("n02124075", "Egyptian cat"),
    ClassName("n02106662", "German shepherd, German shepherd dog, alsatian"),
    ClassName("", "crane"),
    ClassName("", "crane, hoist"),
    None,
]


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("n02124075", 2),
        ("Egyptian cat", 2),
        ("egyptian CAT", 2),
        ("  Egyptian   cat ", 2),
        ("egypt", 2),
        ("tabby", 1),
        ("alsatian", 3),
        ("shepherd dog", 3),
        ("crane", 4),  # the whole name goes before a synonym of another
        ("hoist", 5),
    ],
)
def test_a_class_is_found_by_what_names_it_alone(text: str, index: int) -> None:
    assert find_class(CLASSES, text) == index


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("cat", "got 'cat', which could be: tabby, tabby cat; Egyptian cat"),
        ("Egiptian cat", "got 'Egiptian cat'; close: Egyptian cat"),
        ("zzzzzz", "expected a class name, a unique part of one, or a wnid, got 'zzzzzz'$"),
        ("", "got ''"),
        ("   ", "got '   '"),
    ],
)
def test_a_target_that_names_none_or_several_gets_suggestions(text: str, complaint: str) -> None:
    with pytest.raises(AttackError, match=complaint):
        find_class(CLASSES, text)


def test_the_objective_is_the_cross_entropy_with_its_sign() -> None:
    logits = torch.tensor([[1.0, 2.0, 4.0], [0.0, 5.0, 1.0]])
    losses = [
        math.log(math.exp(1) + math.exp(2) + math.exp(4)) - 2,
        math.log(math.exp(0) + math.exp(5) + math.exp(1)) - 5,
    ]
    for targeted, sign in ((False, 1), (True, -1)):
        goal = Goal((1, 1), targeted)
        assert goal.objective(logits).tolist() == pytest.approx([sign * loss for loss in losses], rel=1e-5)
        assert goal.reached(logits).tolist() == [not targeted, targeted]


def test_untargeted_is_away_from_the_top_class_that_is_listed(standard: Classifier) -> None:
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    logits = standard.answer(pictures).logits
    assert logits is not None
    assert away(standard, pictures) == Goal(tuple(logits.argmax(1).tolist()), targeted=False)
    assert toward(standard, "Egyptian cat") == Goal((0,), targeted=True)
