"""Every number of the model card that comes from looking at pictures, for one network after the other."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor

from perturber.attacks.catalog import Norm
from perturber.evaluation.corruptions import CORRUPTIONS, SEVERITY
from perturber.nets.classifier import Classifier
from perturber.training.cue_conflict import CueConflict, cue_conflict, memberships, score
from perturber.training.data import Pictures
from perturber.training.evaluate import (
    EPSILONS,
    clean_accuracy,
    exact_logits,
    half_precision_logits,
    robust_accuracy,
)
from perturber.training.stylization import stylized_pictures
from perturber.training.workers import Workers

SEED = 0
STEPS = 20

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Extent:
    """On how many pictures, at most, each kind of figure is measured."""

    clean: int = 10_000
    changed: int = 2_000
    """Corrupted, stylized and with conflicting cues."""
    attacked: int = 500


QUICK = Extent(500, 250, 100)


class Examination:
    """The same pictures for every network; corrupted and stylized ones are made once, when first needed."""

    def __init__(self, pictures: Pictures, extent: Extent, *, half_precision: bool, tell: Tell) -> None:
        """`tell` is called with a line for each figure when it is there."""
        self._clean = pictures.first(extent.clean)
        self._changed = pictures.first(extent.changed)
        self._attacked = pictures.first(extent.attacked)
        self._logits = half_precision_logits if half_precision else exact_logits
        self._workers = Workers(pictures.labels.device)
        self._tell = tell

    def of(self, name: str, classifier: Classifier) -> dict[str, Any]:
        """All figures of a network: shares from 0 to 1, each kind with its number of pictures."""
        logits, size = partial(self._logits, classifier.network), classifier.input_size
        return {
            "clean": self._accuracy(f"{name}, clean", logits, size, self._clean),
            "robust": {
                "pictures": len(self._attacked),
                "steps": STEPS,
                **{norm: self._robust(name, logits, size, norm) for norm in EPSILONS},
            },
            "corrupted": {"severity": SEVERITY}
            | {
                kind: self._accuracy(f"{name}, {kind}", logits, size, pictures)
                for kind, pictures in self._corrupted.items()
            },
            "stylized": self._accuracy(f"{name}, stylized", logits, size, self._stylized),
            "cue_conflict": self._cues(name, logits, size),
        }

    def _accuracy(
        self, what: str, logits: Callable[[Tensor], Tensor], size: int, pictures: Pictures
    ) -> dict[str, float]:
        start = time.monotonic()
        first, five = clean_accuracy(logits, pictures, size, self._workers)
        self._say(what, f"top-1 {first:.1%}, top-5 {five:.1%}", len(pictures), start)
        return {"pictures": len(pictures), "top1": first, "top5": five}

    def _robust(
        self, name: str, logits: Callable[[Tensor], Tensor], size: int, norm: Norm
    ) -> dict[str, float]:
        found = {}
        for epsilon in EPSILONS[norm]:
            start = time.monotonic()
            found[f"{epsilon:.6g}"] = robust = robust_accuracy(
                logits, self._attacked, size, self._workers, epsilon=epsilon, norm=norm, steps=STEPS
            )
            what = f"{name}, PGD-{STEPS}, {norm}, epsilon {epsilon:.4g}"
            self._say(what, f"top-1 {robust:.1%}", len(self._attacked), start)
        return found

    def _cues(self, name: str, logits: Callable[[Tensor], Tensor], size: int) -> dict[str, float] | None:
        if self._conflict is None:
            return None
        start = time.monotonic()
        found = score(logits, self._conflict, size, self._workers)
        said = f"shape {found.shape:.1%}, texture {found.texture:.1%}"
        self._say(f"{name}, conflicting cues", said, found.pictures, start)
        return found._asdict()

    @cached_property
    def _corrupted(self) -> dict[str, Pictures]:
        images, labels = self._changed.images, self._changed.labels
        return {kind: Pictures(corrupt(images, SEED), labels) for kind, corrupt in CORRUPTIONS.items()}

    @cached_property
    def _stylized(self) -> Pictures:
        return stylized_pictures(self._changed, SEED)

    @cached_property
    def _conflict(self) -> CueConflict | None:
        """None where the pictures aren't of two groups of classes."""
        labels = self._changed.labels
        groups = memberships(labels.device)[:, labels].any(1)
        return cue_conflict(self._changed, SEED) if int(groups.sum()) > 1 else None

    def _say(self, what: str, figure: str, pictures: int, start: float) -> None:
        self._tell(f"{what}: {figure} of {pictures:,} pictures ({time.monotonic() - start:.0f} s)")


def half_precision_is_fast(device: torch.device) -> bool:
    """Whether `device` computes in bfloat16 by hardware."""
    if device.type == "cpu":
        return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", bool)())
    return device.type == "cuda"
