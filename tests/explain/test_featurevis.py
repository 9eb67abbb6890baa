"""Pictures that maximise what a network answers."""

import dataclasses

import pytest
import torch

from perturber.explain.adam import Adam
from perturber.explain.featurevis import Ascent, Recipe, visualize
from perturber.explain.objective import Objective, ObjectiveError, check_units, similarity
from perturber.nets.classifier import Classifier
from perturber.nets.zoo import Zoo

QUICK = Recipe(size=64, steps=6, grain=2)
OBJECTIVES = {
    "neuron": Objective("neuron", "mixed3b"),
    "channel": Objective("channel", "conv2d2"),
    "class": Objective("class", None),
}


@pytest.fixture(scope="module")
def network() -> Classifier:
    return Zoo("cpu").load("standard")


@pytest.mark.parametrize("naive", [False, True])
@pytest.mark.parametrize("kind", OBJECTIVES)
def test_an_ascent_raises_what_it_maximises(network: Classifier, kind: str, naive: bool) -> None:
    recipe = dataclasses.replace(QUICK, naive=naive, grain=1)
    ascent = Ascent(network, OBJECTIVES[kind], [11, 22, 33], recipe)
    before = torch.tensor(ascent.activations())
    while not ascent.done:
        ascent.advance()
    assert (torch.tensor(ascent.activations()) > before).all()
    pictures = ascent.pictures()
    assert pictures.shape == (3, 3, 64, 64)
    assert 0 <= float(pictures.min()) <= float(pictures.max()) <= 1


def test_the_objectives_are_the_central_unit_the_mean_of_the_map_and_the_logit(network: Classifier) -> None:
    pictures, units = torch.rand(2, 3, 96, 96), torch.tensor([7, 5])
    expected = network.network.run(pictures * 255 - 117, ("mixed4a",))
    maps = expected.taps["mixed4a"]
    for kind, value in {
        "neuron": torch.stack([maps[0, 7, 3, 3], maps[1, 5, 3, 3]]),
        "channel": torch.stack([maps[0, 7].mean(), maps[1, 5].mean()]),
    }.items():
        measured, _ = Objective(kind, "mixed4a").measure(network, pictures, units)  # type: ignore[arg-type]
        torch.testing.assert_close(measured, value)
    assert expected.logits is not None
    measured, _ = Objective("class", None).measure(network, pictures, units)
    torch.testing.assert_close(measured, torch.stack([expected.logits[0, 7], expected.logits[1, 5]]))


def test_the_same_seed_gives_the_same_picture_and_another_seed_another(network: Classifier) -> None:
    first, again, other = (
        visualize(network, OBJECTIVES["neuron"], [3, 4], dataclasses.replace(QUICK, seed=seed)).pictures()
        for seed in (5, 5, 6)
    )
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=0.05)


@pytest.mark.parametrize("naive", [False, True])
def test_a_units_picture_does_not_depend_on_its_company(network: Classifier, naive: bool) -> None:
    recipe = Recipe(size=64, steps=8, grain=1, naive=naive)
    alone = visualize(network, OBJECTIVES["neuron"], [9], recipe).pictures()[0]
    for company in ([200, 9, 3], [1, 2, 3, 4, 5, 9, 6]):
        pictures = visualize(network, OBJECTIVES["neuron"], company, recipe).pictures()
        assert torch.equal(pictures[company.index(9)], alone)


def test_adam_goes_where_torchs_own_goes() -> None:
    ours, theirs = (torch.linspace(-1, 1, 9).clone() for _ in range(2))
    theirs.requires_grad_()
    adam, reference = Adam(ours, 0.1), torch.optim.Adam([theirs], lr=0.1)
    for step in range(20):
        gradient = torch.sin(7 * torch.linspace(0, 3, 9) + step) * 10.0 ** torch.arange(-4, 5)
        adam.ascend(gradient)
        theirs.grad = -gradient
        reference.step()
    torch.testing.assert_close(ours, theirs.detach(), rtol=1e-5, atol=1e-6)


def test_similarity_is_the_mean_cosine_of_gram_matrices() -> None:
    """Closed form: facets with one active channel each have Gram matrices with one entry each."""
    maps = torch.zeros(6, 3, 2, 2)
    maps[0, 0], maps[1, 0], maps[2, 1] = 5, 2, 1  # unit one: two facets of one style, one of another
    maps[3:, 2] = torch.tensor([1.0, -3.0, 7.0])[:, None, None]  # unit two: all of one style
    torch.testing.assert_close(similarity(maps, 3), torch.tensor([0.5, 0.5, 0.0, 1.0, 1.0, 1.0]))
    # Two channels that go together against one alone: G = [[1, 1], [1, 1]] and [[1, 0], [0, 0]].
    pair = torch.zeros(2, 2, 1, 1)
    pair[0], pair[1, 0] = 1, 1
    torch.testing.assert_close(similarity(pair, 2), torch.tensor([0.5, 0.5]))


def test_diversity_makes_facets_less_alike(network: Classifier) -> None:
    recipe = Recipe(size=64, steps=16)

    def alike(pictures: torch.Tensor) -> float:
        _, maps = OBJECTIVES["neuron"].measure(network, pictures, torch.full((4,), 17))
        return float(similarity(maps, 4).mean())

    diverse = visualize(network, OBJECTIVES["neuron"], [17], dataclasses.replace(recipe, facets=4))
    plain = [
        visualize(network, OBJECTIVES["neuron"], [17], dataclasses.replace(recipe, seed=seed)).pictures()
        for seed in range(4)
    ]
    assert alike(diverse.pictures()) < alike(torch.cat(plain)) - 0.05


def test_steps_are_told_as_they_are_done(network: Classifier) -> None:
    told: list[tuple[int, int]] = []
    recipe = Recipe(size=64, steps=3)
    visualize(network, OBJECTIVES["channel"], [0], recipe, lambda *step: told.append(step))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("layer", "units", "complaint"),
    [
        ("mixed9z", [0], "layer: expected one of conv2d0"),
        ("mixed4a", [508], r"units: expected numbers in \[0, 507\], got 508"),
        ("mixed4a", [-1], "got -1"),
        (None, [200], r"\[0, 199\]"),
    ],
)
def test_units_that_the_network_lacks_are_refused(
    layer: str | None, units: list[int], complaint: str
) -> None:
    with pytest.raises(ObjectiveError, match=complaint):
        check_units(layer, units, 200)
