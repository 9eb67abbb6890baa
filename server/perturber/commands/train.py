"""`perturber train`: make a bundled network again."""

import argparse
import sys

from perturber.nets.zoo import Zoo
from perturber.training.adversarial import WEIGHTS, train
from perturber.training.recipe import Recipe


def run(options: argparse.Namespace) -> int:
    """Train, or go on training; a pause by `--minutes` is no failure."""
    recipe = Recipe(epochs=options.epochs, seed=options.seed, epsilon=options.epsilon)
    device = Zoo(options.device).device
    finished = train(
        options.data, options.out, recipe, device, resume=options.resume, minutes=options.minutes
    )
    if not finished:
        print("paused: the same command with --resume goes on", file=sys.stderr)
    print(options.out / WEIGHTS)
    return 0
