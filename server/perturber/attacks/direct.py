"""Direct encoding: the genome is the pattern itself, as an array of values (Nguyen et al. 2015)."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.attacks.catalog import AttackSettings
from perturber.attacks.evolution import Evolution

CELL = 4
"""Pixels, each way, that share one value: the networks see half the dashboard's resolution anyway."""

MUTATION_RATE, RATE_HALVES = 0.1, 1000
"""Share of the values that mutate, and after how many generations it halves (the paper's)."""

MUTATION_STRENGTH = 3
"""The polynomial mutation's index: a higher one stays nearer. The paper's 15 is for its thousands of
generations; in the first 60, on the bundled network, 3 gained half as much again."""


class DirectEncoding:
    """Values in [0, 1], (3, ceil(H / 4), ceil(W / 4)); uniform crossover, polynomial mutation (Deb 2001)."""

    name = "direct"

    def neutral(self, size: tuple[int, int]) -> Tensor:
        return torch.full(_cells(size), 0.5)

    def founder(self, size: tuple[int, int], randomness: np.random.Generator) -> Tensor:
        return torch.from_numpy(randomness.random(_cells(size), dtype=np.float32))

    def child(
        self, mother: Tensor, father: Tensor, generation: int, randomness: np.random.Generator
    ) -> Tensor:
        shape = tuple(mother.shape)
        crossed = torch.where(torch.from_numpy(randomness.random(shape) < 0.5), mother, father)
        rate = MUTATION_RATE * 0.5 ** (generation / RATE_HALVES)
        mutates = torch.from_numpy(randomness.random(shape) < rate)
        shift = _polynomial(torch.from_numpy(randomness.random(shape, dtype=np.float32)))
        return torch.where(mutates, crossed + shift, crossed).clamp(0, 1)

    def paint(self, genome: Tensor, size: tuple[int, int]) -> Tensor:
        return F.interpolate(genome[None], scale_factor=CELL, mode="nearest")[0, :, : size[0], : size[1]]


class DirectEvolution(Evolution[Tensor]):
    """Evolution of the values themselves."""

    def __init__(self, settings: AttackSettings) -> None:
        super().__init__(settings, DirectEncoding())


def _cells(size: tuple[int, int]) -> tuple[int, int, int]:
    return 3, -(-size[0] // CELL), -(-size[1] // CELL)


def _polynomial(uniform: Tensor) -> Tensor:
    """Deb's shift for a uniform random number: small ones are likelier, none reaches ±1."""
    power = 1 / (MUTATION_STRENGTH + 1)
    return torch.where(uniform < 0.5, (2 * uniform) ** power - 1, 1 - (2 * (1 - uniform)) ** power)
