"""Patch shuffling (Zhang and Zhu 2019): keeps local texture, destroys global shape."""

import random
from functools import cache

import torch
from torch import Tensor


def shuffle_patches(picture: Tensor, cells: int) -> Tensor:
    """`picture` (..., H, W) cut into `cells` by `cells` equal cells, in a fixed random order.

    An exact permutation of pixels. Where a side isn't divisible, the cells take the largest size that fits
    and the last rows and columns, fewer than `cells`, stay where they are. With one cell, or a picture of
    fewer pixels than cells, it is the very same tensor.
    """
    *lead, rows, columns = picture.shape
    height, width = rows // cells, columns // cells
    if cells == 1 or height == 0 or width == 0:
        return picture
    inside = (..., slice(cells * height), slice(cells * width))
    patches = picture[inside].reshape(*lead, cells, height, cells, width).movedim(-2, -3)
    order = torch.tensor(cell_order(cells), device=picture.device)
    shuffled = patches.flatten(-4, -3).index_select(-3, order)
    grid = shuffled.reshape(*lead, cells, cells, height, width).movedim(-3, -2)
    grid = grid.reshape(*lead, cells * height, cells * width)
    if grid.shape == picture.shape:
        return grid
    whole = picture.clone()
    whole[inside] = grid
    return whole


@cache
def cell_order(cells: int) -> tuple[int, ...]:
    """Which cell each place shows, row by row: fixed for a given `cells`, never the identity."""
    generator = random.Random(cells)
    identity = list(range(cells * cells))
    order = identity[:]
    while order == identity and cells > 1:
        generator.shuffle(order)
    return tuple(order)
