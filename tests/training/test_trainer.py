"""A resumed training equals an uninterrupted one, whatever the number of cores, and it lowers the loss."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from perturber.training.adversarial import Adversarial, AdversarialRecipe
from perturber.training.course import Course
from perturber.training.data import Pictures
from perturber.training.decoder import DecoderCourse, DecoderRecipe
from perturber.training.recipe import Recipe
from perturber.training.standard import Standard, StandardRecipe
from perturber.training.stylized import Stylized, StylizedRecipe
from perturber.training.trainer import Trainer, TrainingError

SMALL = {"epochs": 4, "batch": 4, "shard": 2, "stages": ((0.0, 32), (0.5, 48)), "warm_up": 2}
RECIPE = AdversarialRecipe(**SMALL)
COURSES: tuple[tuple[type[Course], Recipe], ...] = (
    (Adversarial, RECIPE),
    (Stylized, StylizedRecipe(**SMALL, paintings=13)),
    (Standard, StandardRecipe(**SMALL, rate=0.01)),
    (DecoderCourse, DecoderRecipe(**SMALL, paintings=13)),
)
every_course = pytest.mark.parametrize(
    ("kind", "recipe"), COURSES, ids=[kind.__name__ for kind, _ in COURSES]
)


def trainer(pictures: Pictures, recipe: Recipe = RECIPE, kind: type[Course] = Adversarial) -> Trainer:
    return Trainer(kind(recipe, pictures))


def assert_equal_weights(first: Trainer, second: Trainer) -> None:
    for one, other in ((first.network, second.network), (first.average, second.average)):
        for name, tensor in one.state_dict().items():
            torch.testing.assert_close(tensor, other.state_dict()[name], rtol=0, atol=0, msg=name)


@every_course
def test_resuming_equals_running_through(
    kind: type[Course], recipe: Recipe, pictures: Pictures, tmp_path: Path
) -> None:
    through = trainer(pictures, recipe, kind)
    for _ in range(3):
        through.step()
    through.save(tmp_path / "checkpoint.pt")
    resumed = trainer(pictures, recipe, kind)
    resumed.load(tmp_path / "checkpoint.pt")
    assert [resumed.step() for _ in range(2)] == [through.step() for _ in range(2)]
    assert_equal_weights(through, resumed)


@every_course
def test_the_number_of_threads_changes_nothing(
    kind: type[Course], recipe: Recipe, pictures: Pictures
) -> None:
    threads = torch.get_num_threads()
    trainers = []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            trainers.append(trainer(pictures, recipe, kind))
            for _ in range(2):
                trainers[-1].step()
    finally:
        torch.set_num_threads(threads)
    assert_equal_weights(*trainers)


@every_course
def test_another_seed_takes_other_steps(kind: type[Course], recipe: Recipe, pictures: Pictures) -> None:
    other = replace(recipe, seed=1)
    assert trainer(pictures, recipe, kind).step() != trainer(pictures, other, kind).step()


@pytest.mark.parametrize(
    ("kind", "recipe", "reached"),
    [
        (Adversarial, replace(RECIPE, epochs=5, rate=2e-3), 0.8),
        (Stylized, StylizedRecipe(**{**SMALL, "epochs": 5}, rate=2e-3, paintings=13), 0.9),
        (Standard, StandardRecipe(epochs=20, batch=16, shard=16, stages=((0, 32),), rate=0.02), 0.75),
        (DecoderCourse, DecoderRecipe(**{**SMALL, "epochs": 10}, paintings=13), 0.6),
    ],
)
def test_steps_lower_the_loss(kind: type[Course], recipe: Recipe, reached: float, pictures: Pictures) -> None:
    run = trainer(pictures, recipe, kind)
    losses = [run.step()["loss"] for _ in range(run.iterations)]
    assert sum(losses[-4:]) < reached * sum(losses[:4]), losses


def test_the_rate_of_a_fine_tuning_warms_up_stays_and_falls_to_zero() -> None:
    recipe = Recipe(rate=1.0, warm_up=10, cool_down=0.5)
    rates = [recipe.rate_at(iteration, 100) for iteration in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:51] == [1.0] * 42
    assert rates[75] == pytest.approx(0.5)
    assert rates[99] == pytest.approx(0.02)


def test_the_rate_of_the_standard_training_warms_up_and_follows_a_cosine() -> None:
    recipe = StandardRecipe(rate=1.0, warm_up=10)
    rates = [recipe.rate_at(iteration, 100) for iteration in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[50] == pytest.approx(0.5)
    assert rates[75] == pytest.approx((1 - 0.5**0.5) / 2)
    assert 0 < rates[99] < 1e-3


@pytest.mark.parametrize(
    ("recipe", "sizes"),
    [
        (Recipe(epochs=4, stages=((0, 64), (2, 96))), {0: 64, 1.9: 64, 2: 96, 7: 96}),
        (StandardRecipe(epochs=10, stages=((0, 64), (0.5, 128))), {0: 64, 4.9: 64, 5: 128, 9: 128}),
    ],
)
def test_pictures_grow_from_stage_to_stage(recipe: Recipe, sizes: dict[float, int]) -> None:
    assert {epoch: recipe.size(epoch) for epoch in sizes} == sizes


def test_lengthening_a_run_leaves_its_steps_so_far_as_they_are(pictures: Pictures, tmp_path: Path) -> None:
    short, long = (trainer(pictures, replace(RECIPE, epochs=epochs)) for epochs in (2, 4))
    for run in (short, long):
        for _ in range(4):
            run.step()
    assert_equal_weights(short, long)
    short.save(tmp_path / "checkpoint.pt")
    long.load(tmp_path / "checkpoint.pt")


def test_a_checkpoint_of_another_recipe_is_refused(pictures: Pictures, tmp_path: Path) -> None:
    trainer(pictures).save(tmp_path / "checkpoint.pt")
    other = trainer(pictures, replace(RECIPE, epsilon=2.0))
    with pytest.raises(
        TrainingError, match=r"expected a checkpoint of AdversarialRecipe\(.*epsilon=2.0.*got one of"
    ):
        other.load(tmp_path / "checkpoint.pt")


def test_a_checkpoint_of_another_kind_is_refused(pictures: Pictures, tmp_path: Path) -> None:
    trainer(pictures).save(tmp_path / "checkpoint.pt")
    kind, recipe = COURSES[1]
    with pytest.raises(TrainingError, match="expected a checkpoint of this program"):
        trainer(pictures, recipe, kind).load(tmp_path / "checkpoint.pt")


def test_a_broken_checkpoint_is_named(pictures: Pictures, tmp_path: Path) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"nothing")
    with pytest.raises(TrainingError, match="expected a checkpoint of this program"):
        trainer(pictures).load(tmp_path / "checkpoint.pt")
