"""Pictures that maximise what a network answers."""

import torch

from perturber.explain.featurevis import Recipe, visualize_classes
from perturber.nets.zoo import Zoo

CLASSES = [11, 22]
QUICK = Recipe(size=128, steps=6, grain=2)


def logits_of(pictures: torch.Tensor) -> torch.Tensor:
    with torch.inference_mode():
        logits = Zoo("cpu").load("standard").answer(pictures).logits
    assert logits is not None
    return logits[:, CLASSES].diagonal()


def test_the_classes_logits_rise_and_the_picture_stays_a_picture() -> None:
    network = Zoo("cpu").load("standard")
    start = visualize_classes(network, CLASSES, Recipe(size=128, steps=0, grain=2))
    end = visualize_classes(network, CLASSES, QUICK)
    assert end.shape == (2, 3, 128, 128)
    assert 0 <= float(end.min()) <= float(end.max()) <= 1
    assert (logits_of(end) > logits_of(start) + 1).all()


def test_the_same_seed_gives_the_same_picture() -> None:
    network = Zoo("cpu").load("standard")
    recipe = Recipe(size=128, steps=2, grain=2, seed=5)
    first, again = (visualize_classes(network, CLASSES, recipe) for _ in range(2))
    assert torch.equal(first, again)
    other = visualize_classes(network, CLASSES, Recipe(size=128, steps=2, grain=2, seed=6))
    assert not torch.equal(first, other)


def test_steps_are_told_as_they_are_done() -> None:
    told: list[tuple[int, int]] = []
    recipe = Recipe(size=64, steps=3)
    visualize_classes(Zoo("cpu").load("standard"), [0], recipe, lambda *step: told.append(step))
    assert told == [(1, 3), (2, 3), (3, 3)]
