"""A resumed training equals an uninterrupted one, whatever the number of cores, and it lowers the loss."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from perturber.training.data import Pictures
from perturber.training.recipe import Recipe
from perturber.training.trainer import Trainer, TrainingError

RECIPE = Recipe(epochs=4, batch=4, shard=2, small_size=32, large_size=48, small_epochs=0.5, warm_up=2)
CPU = torch.device("cpu")


def trainer(standard: dict[str, Tensor], pictures: Pictures, recipe: Recipe = RECIPE) -> Trainer:
    return Trainer(recipe, standard, pictures, 128, CPU)


def assert_equal_weights(first: Trainer, second: Trainer) -> None:
    for one, other in ((first.network, second.network), (first.average, second.average)):
        for name, tensor in one.state_dict().items():
            torch.testing.assert_close(tensor, other.state_dict()[name], rtol=0, atol=0, msg=name)


def test_resuming_equals_running_through(
    standard: dict[str, Tensor], pictures: Pictures, tmp_path: Path
) -> None:
    through = trainer(standard, pictures)
    for _ in range(3):
        through.step()
    through.save(tmp_path / "checkpoint.pt")
    resumed = trainer(standard, pictures)
    resumed.load(tmp_path / "checkpoint.pt")
    assert [resumed.step() for _ in range(2)] == [through.step() for _ in range(2)]
    assert_equal_weights(through, resumed)


def test_the_number_of_threads_changes_nothing(standard: dict[str, Tensor], pictures: Pictures) -> None:
    threads = torch.get_num_threads()
    trainers = []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            trainers.append(trainer(standard, pictures))
            for _ in range(2):
                trainers[-1].step()
    finally:
        torch.set_num_threads(threads)
    assert_equal_weights(*trainers)


def test_another_seed_takes_other_steps(standard: dict[str, Tensor], pictures: Pictures) -> None:
    other = Recipe(**{**vars(RECIPE), "seed": 1})
    assert trainer(standard, pictures).step() != trainer(standard, pictures, other).step()


def test_steps_lower_the_loss_under_attack(standard: dict[str, Tensor], pictures: Pictures) -> None:
    run = trainer(standard, pictures, Recipe(**{**vars(RECIPE), "epochs": 5, "rate": 2e-3}))
    losses = [run.step().loss for _ in range(20)]
    assert sum(losses[-4:]) < 0.8 * sum(losses[:4])


def test_the_rate_warms_up_stays_and_falls_to_zero() -> None:
    recipe = Recipe(rate=1.0, warm_up=10, cool_down=0.5)
    rates = [recipe.relative_rate(iteration, 100) for iteration in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:51] == [1.0] * 42
    assert rates[75] == pytest.approx(0.5)
    assert rates[99] == pytest.approx(0.02)


def test_lengthening_a_run_leaves_its_steps_so_far_as_they_are(
    standard: dict[str, Tensor], pictures: Pictures, tmp_path: Path
) -> None:
    short, long = (
        trainer(standard, pictures, Recipe(**{**vars(RECIPE), "epochs": epochs})) for epochs in (2, 4)
    )
    for run in (short, long):
        for _ in range(4):
            run.step()
    assert_equal_weights(short, long)
    short.save(tmp_path / "checkpoint.pt")
    long.load(tmp_path / "checkpoint.pt")


def test_a_checkpoint_of_another_recipe_is_refused(
    standard: dict[str, Tensor], pictures: Pictures, tmp_path: Path
) -> None:
    trainer(standard, pictures).save(tmp_path / "checkpoint.pt")
    other = trainer(standard, pictures, Recipe(**{**vars(RECIPE), "epsilon": 2.0}))
    with pytest.raises(TrainingError, match=r"expected a checkpoint of Recipe\(.*epsilon=2.0.*got one of"):
        other.load(tmp_path / "checkpoint.pt")


def test_a_broken_checkpoint_is_named(
    standard: dict[str, Tensor], pictures: Pictures, tmp_path: Path
) -> None:
    (tmp_path / "checkpoint.pt").write_bytes(b"nothing")
    with pytest.raises(TrainingError, match="expected a checkpoint of this program"):
        trainer(standard, pictures).load(tmp_path / "checkpoint.pt")
