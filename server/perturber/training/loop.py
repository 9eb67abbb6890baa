"""A whole training, from the data to the weight file and its figures."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from perturber.training.course import Course, export
from perturber.training.data import Pictures, read_pictures
from perturber.training.journal import Journal, ProgressLine
from perturber.training.recipe import Recipe
from perturber.training.trainer import Trainer, TrainingError

_LOG_EVERY = 25
_VALIDATE_EVERY = 500
_VALIDATION_PICTURES = 128
_SAVE_SECONDS = 120


def train(
    kind: type[Course],
    recipe: Recipe,
    data: Path,
    out: Path,
    device: torch.device,
    *,
    resume: bool = False,
    minutes: float | None = None,
) -> bool:
    """Train; True once finished, False when `minutes` were over before.

    Writes into `out`: the running average's weights (`kind.weights`, float16), at the recipe's checkpoints
    `checkpoint-ITERATION.safetensors`, `checkpoint.pt` to resume from, `log.jsonl`, at the end
    `evaluation.json`.

    Raises:
        DataError: the data can't be read.
        ModelError: the weights that it begins with can't be read.
        TrainingError: no checkpoint to resume, one that would be overwritten, or a loss gone infinite.
    """
    checkpoint = out / "checkpoint.pt"
    if resume != checkpoint.is_file():
        cure = "leave --resume out" if resume else "go on with --resume, or choose another folder"
        raise TrainingError(f"--out: expected {'a' if resume else 'no'} checkpoint in {out}; {cure}")
    validation = read_pictures(data, "val").to(device)
    course = kind(recipe, read_pictures(data, "train").to(device))
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(course)
    if resume:
        trainer.load(checkpoint)
    finished = _loop(trainer, validation.first(_VALIDATION_PICTURES), out, checkpoint, minutes)
    released = export(course.released(trainer.average), out / kind.weights)
    if finished:
        print(f"\nmeasuring the result on {len(validation):,} pictures ...", file=sys.stderr, flush=True)
        evaluation = course.evaluate(released, validation, trainer.workers)
        (out / "evaluation.json").write_text(json.dumps(evaluation, indent=2) + "\n", encoding="utf-8")
    return finished


def _loop(trainer: Trainer, validation: Pictures, out: Path, checkpoint: Path, minutes: float | None) -> bool:
    """Step until the end or until the time is over; log, validate and save on the way."""
    journal = Journal(out / "log.jsonl", trainer.iteration)
    line = ProgressLine(trainer.iterations, trainer.iteration, trainer.recipe.batch)
    course = trainer.course
    began = saved = time.monotonic()
    recent: list[dict[str, float]] = []
    while trainer.iteration < trainer.iterations:
        if minutes is not None and time.monotonic() - began > 60 * minutes:
            break
        recent.append(trainer.step())
        if trainer.iteration in trainer.recipe.checkpoints:
            export(course.released(trainer.average), out / f"checkpoint-{trainer.iteration:05}.safetensors")
        if trainer.iteration % _LOG_EVERY == 0 or trainer.iteration == trainer.iterations:
            figures = _means(recent)
            recent.clear()
            journal.write(trainer.iteration, **figures)
            line.show(trainer.iteration, figures)
        if trainer.iteration % _VALIDATE_EVERY == 0:
            released = course.released(trainer.average)
            journal.write(trainer.iteration, **course.validate(released, validation, trainer.workers))
        if time.monotonic() - saved > _SAVE_SECONDS:
            trainer.save(checkpoint)
            saved = time.monotonic()
    trainer.save(checkpoint)
    return trainer.iteration == trainer.iterations


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: round(sum(row[name] for row in rows) / len(rows), 4) for name in rows[0]}
