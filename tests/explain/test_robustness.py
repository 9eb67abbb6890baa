"""The small movements that a visualization has to bear."""

import torch

from perturber.explain.robustness import SHIFT, TURN, ZOOM, jitter


def moved(seed: int, count: int = 1) -> torch.Tensor:
    rows = torch.linspace(-1, 1, 64)
    blob = torch.exp(-(rows[:, None] ** 2 + rows[None] ** 2) * 8)
    pictures = (0.5 + 0.5 * blob).expand(count, 3, -1, -1)
    return jitter(pictures, torch.Generator().manual_seed(seed))


def test_a_picture_moves_no_further_than_the_bounds() -> None:
    places = torch.arange(64.0) - 31.5
    shifts = []
    for seed in range(64):
        weight = moved(seed)[0, 0] - 0.5
        shifts.append(
            ((weight * places).sum() / weight.sum(), (weight * places[:, None]).sum() / weight.sum())
        )
    furthest = float(torch.tensor(shifts).abs().max())
    turned_and_zoomed = 2**0.5 * (1 + ZOOM)
    assert 2.0 < furthest <= 64 * SHIFT * turned_and_zoomed
    assert TURN < 45


def test_all_pictures_of_a_batch_move_alike_and_what_moves_in_is_grey() -> None:
    batch = moved(3, count=4)
    assert torch.equal(batch[0], batch[3])
    grey = jitter(torch.full((1, 3, 32, 32), 0.5), torch.Generator().manual_seed(1))
    torch.testing.assert_close(grey, torch.full_like(grey, 0.5))
