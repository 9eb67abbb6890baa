"""Patch shuffling is an exact permutation of pixels, the same every time."""

import pytest
import torch
from torch import Tensor

from perturber.perturb.patches import cell_order, shuffle_patches

CELLS = range(2, 9)


@pytest.mark.parametrize("cells", CELLS)
def test_every_pixel_appears_exactly_once(cells: int, picture: Tensor) -> None:
    rows, columns = picture.shape[-2:]
    numbered = torch.arange(rows * columns, dtype=torch.float32).reshape(1, 1, rows, columns)
    shuffled = shuffle_patches(numbered, cells)
    assert torch.equal(shuffled.flatten().sort().values, numbered.flatten())
    assert shuffled.shape == numbered.shape
    assert not torch.equal(shuffled, numbered) or min(rows, columns) < cells


@pytest.mark.parametrize("cells", CELLS)
@pytest.mark.parametrize("size", [(224, 224), (37, 53)])
def test_each_place_shows_its_cell_and_the_border_stays(cells: int, size: tuple[int, int]) -> None:
    picture = torch.rand(3, *size)
    shuffled = shuffle_patches(picture, cells)
    rows, columns = size[0] // cells, size[1] // cells

    def cut(whole: Tensor, number: int) -> Tensor:
        down, right = divmod(number, cells)
        return whole[:, down * rows : (down + 1) * rows, right * columns : (right + 1) * columns]

    for place, cell in enumerate(cell_order(cells)):
        assert torch.equal(cut(shuffled, place), cut(picture, cell))
    assert torch.equal(shuffled[:, cells * rows :], picture[:, cells * rows :])
    assert torch.equal(shuffled[:, :, cells * columns :], picture[:, :, cells * columns :])


@pytest.mark.parametrize("cells", CELLS)
def test_the_order_is_a_permutation_and_never_the_identity(cells: int) -> None:
    order = cell_order(cells)
    assert sorted(order) == list(range(cells * cells))
    assert list(order) != sorted(order)


def test_the_order_is_the_same_on_every_machine() -> None:
    """Recorded: results with shuffled pictures stay comparable only while it holds."""
    assert cell_order(2) == (1, 2, 3, 0)
    assert cell_order(3) == (1, 5, 6, 0, 8, 4, 7, 2, 3)


def test_one_cell_and_pictures_smaller_than_the_grid_stay_as_they_are() -> None:
    picture = torch.rand(1, 3, 7, 9)
    assert shuffle_patches(picture, 1) is picture
    assert shuffle_patches(picture, 8) is picture


def test_the_gradient_is_shuffled_back() -> None:
    picture = torch.rand(1, 3, 11, 10, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: shuffle_patches(x, 3), (picture,))


def test_pictures_of_any_memory_layout_shuffle_alike() -> None:
    picture = torch.rand(2, 3, 24, 25)
    got = shuffle_patches(picture.contiguous(memory_format=torch.channels_last), 3)
    assert torch.equal(got, shuffle_patches(picture, 3))
