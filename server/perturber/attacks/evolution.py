"""Black-box attack by evolution (Nguyen, Yosinski and Clune 2015): only the network's outputs are asked for.

Bounded, a genome paints the perturbation: its pattern, turned to [-1, 1], fills the ball (times epsilon for
Linf, scaled to length epsilon for L2) and lies on the original. The first genome is neutral and
leaves the original. With an infinite epsilon a genome paints the whole picture, from random ones on: a
fooling image, which means nothing to a human.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from perturber.attacks.attack import AttackState, Network
from perturber.attacks.ball import steepest
from perturber.attacks.catalog import AttackSettings
from perturber.attacks.errors import AttackError

PARENTS, CHILDREN = 4, 12
"""Who survives a generation, and how many they have: sixteen pictures asked of the network."""

Genome = TypeVar("Genome")


class Encoding(Protocol[Genome]):
    """How a genome paints a pattern."""

    name: str

    def neutral(self, size: tuple[int, int]) -> Genome:
        """The genome that paints 0.5 everywhere."""

    def founder(self, size: tuple[int, int], randomness: np.random.Generator) -> Genome:
        """A random genome."""

    def child(
        self, mother: Genome, father: Genome, generation: int, randomness: np.random.Generator
    ) -> Genome:
        """A mutated crossing of the two."""

    def paint(self, genome: Genome, size: tuple[int, int]) -> Tensor:
        """The pattern (3, *size) in [0, 1] on the CPU."""


@dataclass(frozen=True)
class Population(Generic[Genome]):
    """The parents of the next generation, the fittest first, and their fitness: the goal's objective."""

    encoding: str
    genomes: tuple[Genome, ...]
    fitness: tuple[float, ...]


@dataclass(frozen=True)
class Evolution(Generic[Genome]):
    """A step is a generation. Parents compete with their children, so that the best is never lost."""

    settings: AttackSettings
    encoding: Encoding[Genome]

    def step(self, network: Network, state: AttackState) -> AttackState:
        """Sixteen pictures to the network, the fittest becomes the state's.

        Raises:
            AttackError: more pictures than one.
        """
        if len(state.original) != 1:
            raise AttackError(f"picture: expected one, got {len(state.original)}")
        genomes = self._generation(state)
        pictures = self._pictures(genomes, state.original)
        with torch.no_grad():
            logits = network(pictures)
            goal = type(state.goal)(state.goal.classes * len(genomes), state.goal.targeted)
            fitness = goal.objective(logits).tolist()
        best = sorted(range(len(genomes)), key=lambda index: -fitness[index])[:PARENTS]
        population = Population(
            self.encoding.name,
            tuple(genomes[index] for index in best),
            tuple(fitness[index] for index in best),
        )
        return state.moved(pictures[best[0]][None], population)

    def _generation(self, state: AttackState) -> list[Genome]:
        """Parents are asked again with their children: settings, goal or network may have changed."""
        size, randomness = _size(state.original), state.randomness()
        known = state.memory
        if not isinstance(known, Population) or known.encoding != self.encoding.name:
            founders = [self.encoding.founder(size, randomness) for _ in range(PARENTS + CHILDREN)]
            bounded = math.isfinite(self.settings.epsilon)
            return [self.encoding.neutral(size), *founders[1:]] if bounded else founders
        parents: Sequence[Genome] = known.genomes
        pairs = randomness.integers(len(parents), size=(CHILDREN, 2))
        children = (
            self.encoding.child(parents[mother], parents[father], state.steps, randomness)
            for mother, father in pairs
        )
        return [*parents, *children]

    def _pictures(self, genomes: Sequence[Genome], original: Tensor) -> Tensor:
        """What each genome makes of the original, (genomes, 3, H, W)."""
        patterns = torch.stack([self.encoding.paint(genome, _size(original)) for genome in genomes])
        patterns = patterns.to(device=original.device, dtype=original.dtype)
        if math.isinf(self.settings.epsilon):
            return patterns.clamp(0, 1)
        perturbations = 2 * patterns - 1
        if self.settings.norm == "l2":
            perturbations = steepest(perturbations, "l2")
        return (original + self.settings.epsilon * perturbations).clamp(0, 1)


def _size(picture: Tensor) -> tuple[int, int]:
    return picture.shape[2], picture.shape[3]
