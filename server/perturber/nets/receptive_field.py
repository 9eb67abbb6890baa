"""Which pixels of its input a unit of Inception V1 can see: from kernels, strides and paddings alone."""

from dataclasses import dataclass
from functools import cache

from perturber.nets.inception import BLOCKS
from perturber.nets.layers import CHANNELS, INCEPTION_V1


@dataclass(frozen=True)
class Field:
    """Along each axis, position i of the map sees the `size` pixels from `start + i * stride` on.

    Pixels of the network's input; those outside it are padding.
    """

    size: int = 1
    stride: int = 1
    start: int = 0

    def through(self, kernel: int, stride: int = 1, padding: int = 0) -> "Field":
        """After a convolution or pooling; `padding` is that on the left and above (Araujo et al. 2019)."""
        return Field(
            self.size + (kernel - 1) * self.stride,
            self.stride * stride,
            self.start - padding * self.stride,
        )


@cache
def fields() -> dict[str, tuple[tuple[int, Field], ...]]:
    """For each layer: how many units follow each other with one field, and that field.

    The branches of a block differ: 1x1, 3x3, 5x5, and a convolution behind a 3x3 pooling.
    """
    stem = Field().through(7, 2, 2)
    table: dict[str, tuple[tuple[int, Field], ...]] = {"conv2d0": ((CHANNELS["conv2d0"], stem),)}
    pooled = stem.through(3, 2)
    table["conv2d1"] = ((CHANNELS["conv2d1"], pooled),)
    field = pooled.through(3, 1, 1)
    table["conv2d2"] = ((CHANNELS["conv2d2"], field),)
    for block, widths in BLOCKS.items():
        if block in ("mixed3a", "mixed4a", "mixed5a"):
            field = field.through(3, 2)
        three, five = field.through(3, 1, 1), field.through(5, 1, 2)
        table[block] = (
            (widths.one, field),
            (widths.three, three),
            (widths.five, five),
            (widths.pool_reduce, three),
        )
        field = five
    return table


def describe(architecture: str, layer: str) -> list[dict[str, int]]:
    """The fields of `layer` as JSON rows; none for another architecture than Inception V1."""
    rows = fields().get(layer, ()) if architecture == INCEPTION_V1.name else ()
    return [
        {"units": units, "size": field.size, "stride": field.stride, "start": field.start}
        for units, field in rows
    ]
