"""From the folders of finished trainings to the bundled files and their manifest: `perturber models pack`."""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as to_safetensors
from torch import Tensor

from perturber.nets import catalog
from perturber.nets.differences import pack, unpack
from perturber.nets.weights import ModelError, build, read_checkpoint, read_safetensors, verify
from perturber.training.data import Pictures
from perturber.training.evaluate import clean_accuracy, half_precision_logits
from perturber.training.workers import Workers

START = "standard"
LABELS: Mapping[str, str] = {"adversarial": "Adv. Trained", "stylized": "Stylized"}
"""The fine-tuned variants with what the page calls them."""

FINAL_COARSENESS, CHECKPOINT_COARSENESS = 0.25, 0.75
"""See `differences.pack`: 7 % error of the change in 4 bits a weight, 21 % in 2.5."""

_CHECKPOINT = re.compile(r"checkpoint-(\d+)\.safetensors")


@dataclass(frozen=True)
class Stage:
    """Weights as a training wrote them: a file, how many iterations are behind it, whether it is the last."""

    file: Path
    iteration: int
    final: bool


def stages(run: Path, variant: str, checkpoints: int) -> list[Stage]:
    """What is bundled of the folder of a training: `checkpoints` files on the way, and the final one.

    Those on the way are chosen so that the ratio of two neighbours' iterations is about the same: the early
    change is the great one. A training that has not ended counts as ending with its last checkpoint.

    Raises:
        ModelError: the folder has no weights.
    """
    found = {int(match[1]): file for file in run.glob("*") if (match := _CHECKPOINT.fullmatch(file.name))}
    final = run / f"tiny-imagenet-{variant}.safetensors"
    if final.is_file():
        last = max([*found, _logged(run / "log.jsonl")], default=0)
    elif found:
        last = max(found)
        final = found[last]
    else:
        raise ModelError(f"{run}: expected checkpoint-*.safetensors or {final.name}, got neither")
    on_the_way = spread([iteration for iteration in found if iteration < last], checkpoints)
    return [
        *(Stage(found[iteration], iteration, False) for iteration in on_the_way),
        Stage(final, last, True),
    ]


def spread(iterations: Sequence[int], count: int) -> list[int]:
    """At most `count` of `iterations`, in order, from the last to the first, evenly in their logarithm."""
    if count < 1 or not iterations:
        return []
    low, high = math.log(min(iterations)), math.log(max(iterations))
    wanted = [high - (high - low) * place / max(1, count - 1) for place in range(count)]
    return sorted({min(iterations, key=lambda n: abs(math.log(n) - goal)) for goal in wanted})


def _logged(log: Path) -> int:
    """The last iteration that a training wrote down."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    return int(json.loads(lines[-1])["iteration"]) if lines else 1


class Release:
    """Writes into a folder with a manifest and the standard network's file."""

    def __init__(self, folder: Path, device: torch.device) -> None:
        self.folder = folder
        entries = catalog.read_manifest(folder / "manifest.json")
        self._start = next(entry for entry in entries if entry.variant == START and entry.final)
        state = read_safetensors(self._start.file, self._start.sha256)
        self._base = {name: tensor.float() for name, tensor in state.items()}
        self._device, self._workers = device, Workers(device)

    def add(self, variant: str, stage: Stage) -> dict[str, Any]:
        """Pack a stage and write its file; gives its row of the manifest.

        Raises:
            ModelError: its file isn't a network like the one that it started as.
        """
        state = self._trained(stage)
        number = "" if stage.final else f"-{stage.iteration:05}"
        coarseness = FINAL_COARSENESS if stage.final else CHECKPOINT_COARSENESS
        content = to_safetensors(pack(state, self._base, coarseness))
        file = self.folder / f"{self._start.family}-{variant}{number}.safetensors"
        file.write_bytes(content)
        return self._row(variant, stage.iteration, stage.final) | {
            "file": file.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "base": START,
        }

    def start_of(self, variant: str) -> dict[str, Any]:
        """The row of the first iteration of `variant`, which is the network that it started as."""
        row = self._row(variant, 1, False)
        return row | {"file": self._start.file.name, "sha256": self._start.sha256}

    def _row(self, variant: str, iteration: int, final: bool) -> dict[str, Any]:
        label = LABELS[variant]
        return {
            "family": self._start.family,
            "variant": variant,
            "label": label,
            "checkpoint": iteration,
            "final": final,
        }

    def replace(self, variant: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Let the manifest name `rows` for `variant`, and remove the files that it doesn't name any more."""
        manifest = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        kept = [model for model in manifest["models"] if model["variant"] != variant]
        before = {model["file"] for model in manifest["models"]}
        manifest["models"] = [*kept, *rows]
        (self.folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        for name in before - {model["file"] for model in manifest["models"]}:
            (self.folder / name).unlink()

    def accuracies(self, stage: Stage, row: Mapping[str, Any], pictures: Pictures) -> dict[str, Any]:
        """Top-1 and top-5 on `pictures`, in bfloat16: as it was trained, and as its file gives it back."""
        file = self.folder / row["file"]
        packed = unpack(read_safetensors(file, row["sha256"]), self._base, str(file))
        before, after = (self._accuracy(state, pictures) for state in (self._trained(stage), packed))
        return {
            "variant": row["variant"],
            "checkpoint": stage.iteration,
            "bytes": file.stat().st_size,
            "pictures": len(pictures),
            "before": {"top1": before[0], "top5": before[1]},
            "after": {"top1": after[0], "top5": after[1]},
        }

    def _trained(self, stage: Stage) -> dict[str, Tensor]:
        state = read_checkpoint(stage.file, str(stage.file))
        verify(state, self._start.num_classes, str(stage.file))
        return state

    def _accuracy(self, state: Mapping[str, Tensor], pictures: Pictures) -> tuple[float, float]:
        logits = partial(half_precision_logits, build(state, self._device))
        return clean_accuracy(logits, pictures.to(self._device), self._start.input_size, self._workers)
