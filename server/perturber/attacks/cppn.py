"""Indirect encoding: a compositional pattern-producing network paints the pattern (Stanley 2007).

Its nodes are regular functions of the place in the picture, so that it paints symmetries and repetitions. As
in Nguyen et al. (2015) weights, functions and the network itself evolve.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from perturber.attacks.catalog import AttackSettings
from perturber.attacks.evolution import Evolution

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "sine": lambda z: torch.sin(math.pi * z),
    "gaussian": lambda z: torch.exp(-z * z),
    "sigmoid": lambda z: torch.tanh(z),  # the sigmoid about zero: in [-1, 1]
    "linear": lambda z: z,
}
INPUTS = 4  # x, y, distance from the centre, 1
OUTPUTS = 3
FOUNDER_MUTATIONS = 6
MAX_HIDDEN = 24
"""A network that grows without end would take ever longer to paint."""

ADD_NODE, ADD_LINK, CHANGE_FUNCTION, CHANGE_WEIGHT = 0.3, 0.4, 0.1, 0.2
"""How likely a child changes so; the last one for each weight."""


@dataclass(frozen=True)
class Node:
    """A function of the weighted sum of earlier values: (source, weight) pairs, inputs first."""

    function: str
    links: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Cppn:
    """Hidden nodes, each reading inputs and earlier nodes, and one output for each colour."""

    hidden: tuple[Node, ...]
    outputs: tuple[Node, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        return self.hidden + self.outputs


class CppnEncoding:
    """The outputs' sigmoids are the colours; no links at all paint grey."""

    name = "cppn"

    def neutral(self, size: tuple[int, int]) -> Cppn:  # noqa: ARG002 - it paints any size
        return Cppn((), (Node("linear"),) * OUTPUTS)

    def founder(self, size: tuple[int, int], randomness: np.random.Generator) -> Cppn:
        genome = self.neutral(size)
        for _ in range(FOUNDER_MUTATIONS):
            genome = _link(_grow(genome, randomness), randomness)
        return genome

    def child(self, mother: Cppn, father: Cppn, generation: int, randomness: np.random.Generator) -> Cppn:  # noqa: ARG002
        genome = _cross(mother, father, randomness)
        if randomness.random() < ADD_NODE:
            genome = _grow(genome, randomness)
        if randomness.random() < ADD_LINK:
            genome = _link(genome, randomness)
        return _vary(genome, randomness)

    def paint(self, genome: Cppn, size: tuple[int, int]) -> Tensor:
        y, x = (torch.linspace(-1, 1, extent) for extent in size)
        x, y = x.expand(size), y[:, None].expand(size)
        values = [x, y, (x * x + y * y).sqrt(), torch.ones(size)]
        for node in genome.nodes[: len(genome.hidden)]:
            values.append(_value(node, values))
        return torch.stack([_value(node, values) for node in genome.outputs]).sigmoid()


class CppnEvolution(Evolution[Cppn]):
    """Evolution of pattern-producing networks."""

    def __init__(self, settings: AttackSettings) -> None:
        super().__init__(settings, CppnEncoding())


def _value(node: Node, values: list[Tensor]) -> Tensor:
    total = torch.zeros_like(values[0])
    for source, weight in node.links:
        total = total + weight * values[source]
    return FUNCTIONS[node.function](total)


def _grow(genome: Cppn, randomness: np.random.Generator) -> Cppn:
    """One hidden node more, which reads something and which one output reads."""
    if len(genome.hidden) >= MAX_HIDDEN:
        return genome
    source = int(randomness.integers(INPUTS + len(genome.hidden)))
    node = Node(str(randomness.choice(list(FUNCTIONS))), ((source, float(randomness.normal(0, 3))),))
    place = INPUTS + len(genome.hidden)
    reader = int(randomness.integers(OUTPUTS))
    outputs = list(genome.outputs)
    links = (*outputs[reader].links, (place, float(randomness.normal(0, 2))))
    outputs[reader] = replace(outputs[reader], links=links)
    return Cppn((*genome.hidden, node), tuple(outputs))


def _link(genome: Cppn, randomness: np.random.Generator) -> Cppn:
    """One link more, from an input or a hidden node to a later node."""
    nodes = list(genome.nodes)
    reader = int(randomness.integers(len(nodes)))
    source = int(randomness.integers(INPUTS + min(reader, len(genome.hidden))))
    nodes[reader] = replace(
        nodes[reader], links=(*nodes[reader].links, (source, float(randomness.normal(0, 2))))
    )
    return _of(nodes)


def _vary(genome: Cppn, randomness: np.random.Generator) -> Cppn:
    """Some weights shifted, and now and then a hidden node's function replaced."""
    nodes = []
    for place, node in enumerate(genome.nodes):
        links = tuple(
            (source, weight + float(randomness.normal(0, 0.5)))
            if randomness.random() < CHANGE_WEIGHT
            else (source, weight)
            for source, weight in node.links
        )
        function = node.function
        if place < len(genome.hidden) and randomness.random() < CHANGE_FUNCTION:
            function = str(randomness.choice(list(FUNCTIONS)))
        nodes.append(Node(function, links))
    return _of(nodes)


def _cross(mother: Cppn, father: Cppn, randomness: np.random.Generator) -> Cppn:
    """The mother, with some nodes from the same place of the father, less links to what she doesn't have."""
    count = len(mother.hidden)
    hidden = [
        father.hidden[place] if place < len(father.hidden) and randomness.random() < 0.5 else node
        for place, node in enumerate(mother.hidden)
    ]
    outputs = [
        theirs if randomness.random() < 0.5 else own
        for own, theirs in zip(mother.outputs, father.outputs, strict=True)
    ]
    known = [
        replace(node, links=tuple(link for link in node.links if link[0] < INPUTS + count))
        for node in outputs
    ]
    return _of([*hidden, *known])


def _of(nodes: list[Node]) -> Cppn:
    return Cppn(tuple(nodes[:-OUTPUTS]), tuple(nodes[-OUTPUTS:]))
