"""The fine-tuning of Standard into Adv. Trained, from the data to the weight file and its accuracies."""

import json
import sys
import time
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file

from perturber.nets import catalog
from perturber.nets.inception import InceptionV1
from perturber.nets.weights import build, read_safetensors, verify
from perturber.training.data import Pictures, read_pictures
from perturber.training.evaluate import clean_accuracy, report, robust_accuracy
from perturber.training.journal import Journal, ProgressLine
from perturber.training.recipe import Recipe
from perturber.training.trainer import Trainer, TrainingError, half_precision_logits

WEIGHTS = "tiny-imagenet-adversarial.safetensors"
_LOG_EVERY = 25
_VALIDATE_EVERY = 500
_VALIDATION_PICTURES = 128
_REPORT_PICTURES = 500
_SAVE_SECONDS = 120


def train(
    data: Path,
    out: Path,
    recipe: Recipe,
    device: torch.device,
    *,
    resume: bool = False,
    minutes: float | None = None,
) -> bool:
    """Fine-tune; True once finished, False when `minutes` were over before.

    Writes into `out`: the running average's weights (`WEIGHTS`, float16), `checkpoint-ITERATION.safetensors`
    at the recipe's checkpoints, `checkpoint.pt` to resume from, `log.jsonl`, at the end `evaluation.json`.

    Raises:
        DataError: the data can't be read.
        ModelError: the standard network's weights can't be read.
        TrainingError: no checkpoint to resume, one that would be overwritten, or a loss gone infinite.
    """
    start = catalog.find("standard")
    checkpoint = out / "checkpoint.pt"
    if resume != checkpoint.is_file():
        cure = "leave --resume out" if resume else "go on with --resume, or choose another folder"
        raise TrainingError(f"--out: expected {'a' if resume else 'no'} checkpoint in {out}; {cure}")
    weights = read_safetensors(start.file, start.sha256)
    verify(weights, start.num_classes, str(start.file))
    out.mkdir(parents=True, exist_ok=True)
    validation = read_pictures(data, "val")
    trainer = Trainer(recipe, weights, read_pictures(data, "train"), start.input_size, device)
    if resume:
        trainer.load(checkpoint)
    finished = _loop(
        trainer, validation.first(_VALIDATION_PICTURES), start.input_size, out, checkpoint, minutes
    )
    released = export(trainer.average, out / WEIGHTS)
    if finished:
        print(f"\nmeasuring the result on {len(validation):,} pictures ...", file=sys.stderr, flush=True)
        evaluation = report(
            released, validation.to(device), start.input_size, trainer.workers, _REPORT_PICTURES
        )
        (out / "evaluation.json").write_text(json.dumps(evaluation, indent=2) + "\n", encoding="utf-8")
    return finished


def _loop(
    trainer: Trainer, validation: Pictures, size: int, out: Path, checkpoint: Path, minutes: float | None
) -> bool:
    """Step until the end or until the time is over; log, validate and save on the way."""
    journal = Journal(out / "log.jsonl", trainer.iteration)
    line = ProgressLine(trainer.iterations, trainer.iteration, trainer.recipe.batch)
    validation = validation.to(trainer.pictures.labels.device)
    began = saved = time.monotonic()
    recent: list[tuple[float, float]] = []
    while trainer.iteration < trainer.iterations:
        if minutes is not None and time.monotonic() - began > 60 * minutes:
            break
        recent.append(trainer.step())
        if trainer.iteration in trainer.recipe.checkpoints:
            export(trainer.average, out / f"checkpoint-{trainer.iteration:05}.safetensors")
        if trainer.iteration % _LOG_EVERY == 0 or trainer.iteration == trainer.iterations:
            loss, accuracy = (sum(column) / len(recent) for column in zip(*recent, strict=True))
            recent.clear()
            journal.write(trainer.iteration, loss=round(loss, 4), accuracy=round(accuracy, 4))
            line.show(trainer.iteration, loss, accuracy)
        if trainer.iteration % _VALIDATE_EVERY == 0:
            journal.write(trainer.iteration, **_validate(trainer, validation, size))
        if time.monotonic() - saved > _SAVE_SECONDS:
            trainer.save(checkpoint)
            saved = time.monotonic()
    trainer.save(checkpoint)
    return trainer.iteration == trainer.iterations


def _validate(trainer: Trainer, validation: Pictures, size: int) -> dict[str, float]:
    """Clean and PGD-10 accuracy: single-step training can go blind to stronger attacks (Wong et al. 2020)."""
    logits = partial(half_precision_logits, trainer.average)
    epsilon, workers = trainer.recipe.epsilon, trainer.workers
    first, five = clean_accuracy(logits, validation, size, workers)
    robust = robust_accuracy(logits, validation, size, workers, epsilon=epsilon, norm="l2", steps=10)
    return {"top1": first, "top5": five, "pgd10": robust}


def export(network: InceptionV1, file: Path) -> InceptionV1:
    """Write the weights in float16, as the zoo reads them; gives the network that a reader gets."""
    state = {name: tensor.half().cpu().contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, file)
    return build(state, next(network.parameters()).device)
