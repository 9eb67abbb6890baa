"""What a training is: every number that the result depends on, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """What all trainings have; each kind adds its own and gives its own defaults.

    The rate warms up, stays, and falls linearly to zero in the last part; so a run can be lengthened or
    shortened while it stays.
    """

    epochs: float = 3.0
    seed: int = 0
    stages: tuple[tuple[float, int], ...] = ((0.0, 96),)
    """From which epoch on the training pictures have which side, px: small ones cost less. Random crops show
    things larger than whole pictures do, so that 96 px here look like more there (Touvron et al. 2019)."""
    batch: int = 64
    shard: int = 32
    """Pictures that are handled together; random numbers are drawn a shard."""
    rate: float = 4e-3
    momentum: float = 0.9
    warm_up: int = 100
    """Iterations."""
    cool_down: float = 0.5
    """Share of the iterations."""
    label_smoothing: float = 0.1
    checkpoints: tuple[int, ...] = (25, 50, 100, 200, 400, 800, 1600, 3200)
    """Iterations whose weights are kept on the way: the early change is the great one."""
    average: float = 0.995
    """Decay of the running average of the weights, which is what is released."""

    def iterations(self, pictures: int) -> int:
        """How many steps the training has."""
        return max(1, round(self.epochs * (pictures // self.batch)))

    def rate_at(self, iteration: int, iterations: int) -> float:
        """The rate of step `iteration` (from 0) of `iterations`."""
        warm = (iteration + 1) / max(1, min(self.warm_up, iterations // 4))
        cool = (iterations - iteration) / max(1, round(self.cool_down * iterations))
        return self.rate * min(1.0, warm, cool)

    def size(self, epoch: float) -> int:
        """Side of the training pictures after so many epochs."""
        return next(side for start, side in reversed(self.stages) if epoch >= start)
