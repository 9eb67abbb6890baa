"""`perturber train`: make a bundled network again."""

import argparse
import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from perturber.nets.zoo import Zoo
from perturber.training.adversarial import Adversarial, AdversarialRecipe
from perturber.training.course import Course
from perturber.training.decoder import DecoderCourse, DecoderRecipe
from perturber.training.loop import train
from perturber.training.recipe import Recipe
from perturber.training.standard import Standard, StandardRecipe
from perturber.training.stylized import Stylized, StylizedRecipe

_KINDS: Mapping[str, tuple[type[Course], type[Recipe]]] = {
    "standard": (Standard, StandardRecipe),
    "adversarial": (Adversarial, AdversarialRecipe),
    "stylized": (Stylized, StylizedRecipe),
    "decoder": (DecoderCourse, DecoderRecipe),
}


def run(options: argparse.Namespace) -> int:
    """Train, or go on training; a pause by `--minutes` is no failure."""
    course, kind = _KINDS[options.variant]
    recipe = replace(kind(), **_chosen(options, kind))
    device = Zoo(options.device).device
    if device.type != "cpu":  # shards are for a processor's cores; an accelerator takes a batch at once
        recipe = replace(recipe, shard=recipe.batch)
    finished = train(
        course, recipe, options.data, options.out, device, resume=options.resume, minutes=options.minutes
    )
    if not finished:
        print("paused: the same command with --resume goes on", file=sys.stderr)
    print(options.out / course.weights)
    return 0


def _chosen(options: argparse.Namespace, kind: type[Recipe]) -> dict[str, Any]:
    """The recipe's numbers that the command line gives."""
    given = {field.name: getattr(options, field.name, None) for field in fields(kind)}
    return {name: value for name, value in given.items() if value is not None}
