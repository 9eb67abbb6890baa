"""What an adversarial fine-tuning is: every number that the result depends on, in one place."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The fine-tuning of Standard into Adv. Trained.

    The learning rate is relative: each tensor's rate is `rate` times the root mean square that its values
    start with, because folding the batch normalization left the layers on scales a thousandfold apart. It
    warms up, stays, and falls linearly to zero in the last part; so a run can be lengthened or shortened
    while it stays.
    """

    epochs: float = 3.4
    seed: int = 0
    epsilon: float = 1.0
    """Radius of the L2 ball in pictures of the network's input size; in smaller ones it shrinks with the
    side, as the norm of a picture does when it is scaled."""
    attack_steps: int = 1
    attack_stride: float = 1.5
    """Length of all attack steps together, in units of epsilon."""
    small_epochs: float = 1.6
    """How long the pictures are `small_size`, at less than half the cost, before they are `large_size`."""
    small_size: int = 64
    large_size: int = 96
    """Sides of the training pictures, px. Random crops show things larger than whole pictures do, so that
    96 px here look like more there (Touvron et al. 2019)."""
    batch: int = 64
    shard: int = 32
    """Pictures that are attacked and differentiated together; random numbers are drawn a shard."""
    rate: float = 4e-3
    momentum: float = 0.9
    second_momentum: float = 0.99
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

    def relative_rate(self, iteration: int, iterations: int) -> float:
        """The rate of step `iteration` (from 0) of `iterations`."""
        warm = (iteration + 1) / max(1, min(self.warm_up, iterations // 4))
        cool = (iterations - iteration) / max(1, round(self.cool_down * iterations))
        return self.rate * min(1.0, warm, cool)

    def size(self, epoch: float) -> int:
        """Side of the training pictures after so many epochs."""
        return self.small_size if epoch < self.small_epochs else self.large_size
