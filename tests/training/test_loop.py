"""Every kind of training from mosaics to a weight file with its figures, over a pause."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from perturber.nets.weights import verify
from perturber.training.course import Course
from perturber.training.decoder import DecoderCourse, DecoderRecipe
from perturber.training.loop import train
from perturber.training.recipe import Recipe
from perturber.training.standard import Standard, StandardRecipe
from perturber.training.stylization import read_decoder
from perturber.training.stylized import Stylized, StylizedRecipe

DECODER_FIGURES = {"pictures", "loss", "content", "style", "mistake"}
SMALL: dict[str, Any] = {"epochs": 1, "batch": 4, "shard": 2, "stages": ((0, 32),), "checkpoints": (1,)}


@pytest.mark.parametrize(
    ("kind", "recipe", "measured"),
    [
        (Standard, StandardRecipe(**SMALL), {"clean"}),
        (Stylized, StylizedRecipe(**SMALL, paintings=13), {"clean", "stylized", "cue_conflict"}),
        (
            DecoderCourse,
            DecoderRecipe(**SMALL, paintings=13),
            {"pictures", "loss", "content", "style", "mistake"},
        ),
    ],
)
def test_a_pause_and_a_resumed_end_leave_weights_checkpoint_log_and_figures(
    kind: type[Course], recipe: Recipe, measured: set[str], mosaics: Path, tmp_path: Path
) -> None:
    out, device = tmp_path / "out", torch.device("cpu")
    assert not train(kind, recipe, mosaics, out, device, minutes=0)
    assert train(kind, recipe, mosaics, out, device, resume=True)

    rows = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [row["iteration"] for row in rows] == [2]
    assert set(json.loads((out / "evaluation.json").read_text())) == measured
    for file in (out / kind.weights, out / "checkpoint-00001.safetensors"):
        if kind is DecoderCourse:
            read_decoder(file)
        else:
            verify(load_file(file), 200, file.name)
