"""What an attack is after: away from a class, or towards one."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.attacks.errors import AttackError
from perturber.nets.classes import ClassName
from perturber.nets.classifier import Classifier

_SUGGESTIONS = 8


@dataclass(frozen=True)
class Goal:
    """A class for each picture: to arrive at (`targeted`) or to leave."""

    classes: tuple[int, ...]
    targeted: bool

    def objective(self, logits: Tensor) -> Tensor:
        """What the attack raises, (N,): the cross-entropy of the class to leave, or minus the target's."""
        loss = F.cross_entropy(logits, self._indices(logits), reduction="none")
        return -loss if self.targeted else loss

    def reached(self, logits: Tensor) -> Tensor:
        """Whether each picture's top class is (targeted) or no longer is (untargeted) the goal's, (N,)."""
        return (logits.argmax(1) == self._indices(logits)) == self.targeted

    def _indices(self, logits: Tensor) -> Tensor:
        return torch.tensor(self.classes, device=logits.device)


def away(classifier: Classifier, picture: Tensor) -> Goal:
    """Away from what `classifier` sees in each of `picture` (N, 3, H, W) now."""
    with torch.no_grad():
        logits = classifier.answer(picture).logits
    assert logits is not None
    return Goal(tuple(classifier.top(row, 1)[0]["index"] for row in logits), targeted=False)


def toward(classifier: Classifier, target: str, count: int = 1) -> Goal:
    """Towards the class that `target` names, for each of `count` pictures.

    Raises:
        AttackError: as `find_class`.
    """
    return Goal((find_class(classifier.classes, target),) * count, targeted=True)


def find_class(classes: Sequence[ClassName | None], text: str) -> int:
    """The output whose class `text` names: a wnid, a name or one of its synonyms, or a unique part of it.

    Case doesn't matter. A whole name goes before a part of others.

    Raises:
        AttackError: no class or several have it; the message suggests some.
    """
    wanted = " ".join(text.lower().split())
    named = [(index, name.wnid, name.name.lower()) for index, name in enumerate(classes) if name is not None]
    attempts = (
        [index for index, wnid, name in named if wanted and wanted in (wnid, name)],
        [index for index, _, name in named if wanted in name.split(", ")],
        [index for index, _, name in named if wanted and wanted in name],
    )
    found = next((indices for indices in attempts if indices), [])
    if len(found) == 1:
        return found[0]
    expected = "a class name, a unique part of one, or a wnid"
    raise AttackError(f"target: expected {expected}, got {text!r}{_suggest(classes, wanted, found)}")


def _suggest(classes: Sequence[ClassName | None], wanted: str, found: Sequence[int]) -> str:
    if found:
        names = [name.name for name in map(classes.__getitem__, found) if name is not None]
        more = f" and {len(names) - _SUGGESTIONS} more" if len(names) > _SUGGESTIONS else ""
        return f", which could be: {'; '.join(names[:_SUGGESTIONS])}{more}"
    synonyms = {synonym.lower(): name.name for name in classes if name for synonym in name.name.split(", ")}
    close = dict.fromkeys(synonyms[word] for word in difflib.get_close_matches(wanted, synonyms, 3))
    return f"; close: {'; '.join(close)}" if close else ""
