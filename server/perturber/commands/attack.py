"""`perturber attack`: an adversarial attack on a picture or a scene, as files."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from perturber.attacks import catalog as attacks
from perturber.attacks.attack import Attack, AttackState, advance, logits_of
from perturber.attacks.catalog import AttackSettings
from perturber.attacks.export import FILES, lost_in_8_bits, quantised
from perturber.attacks.goal import away, toward
from perturber.commands.predict import open_picture
from perturber.errors import PerturberError
from perturber.memo import Memo
from perturber.nets import catalog as nets
from perturber.nets.classifier import Classifier, Prediction
from perturber.nets.zoo import Zoo
from perturber.parameters import SceneState
from perturber.pipeline import TOP
from perturber.studio import PICTURE_SIZE, Studio, StudioSettings

_SAVED = ("adversarial.png", "perturbation.npy")
_QUANTISED = (
    "The attack is lost in adversarial.png: rounded to 8 bits, the picture no longer reaches the goal. "
    "perturbation.npy holds it exactly."
)


def run(options: argparse.Namespace) -> int:
    """Attack, write the folder and say what came of it."""
    settings = _settings(options)
    if options.steps < 1:
        raise PerturberError(f"--steps: expected a number of at least 1, got {options.steps}")
    zoo = Zoo(options.device)
    classifier = zoo.load(options.model, options.checkpoint)
    original = _picture(options, zoo)
    goal = toward(classifier, options.target) if options.target else away(classifier, original)
    state = AttackState.begin(original, goal, options.seed)
    state = _attack(attacks.make(settings), classifier, state, options.steps)
    report = _report(options, settings, classifier, state)
    if options.compare:
        report["models"] = {variant: _answers(zoo.load(variant), state) for variant in nets.variants()}
    _write(report, state, options.out)
    print(_readable(report, options.out))
    return 0


def _settings(options: argparse.Namespace) -> AttackSettings:
    if options.method not in attacks.METHODS:
        raise PerturberError(
            f"--method: expected one of {', '.join(attacks.METHODS)}, got {options.method!r}"
        )
    norm = options.norm or attacks.METHODS[options.method].norms[0]
    epsilon = attacks.DEFAULT_EPSILON.get(norm, 0.0) if options.eps is None else options.eps
    return AttackSettings(options.method, norm, epsilon, options.step_size, options.random_start)


def _picture(options: argparse.Namespace, zoo: Zoo) -> Tensor:
    """The picture to attack, (1, 3, 224, 224): of the dashboard's size, so that epsilon means the same."""
    if (options.image is None) == (options.state is None):
        got = "both" if options.image else "neither"
        raise PerturberError(f"expected a picture file or --state FILE, got {got}")
    if options.state is not None:
        return _render(read_state(options.state), options.device)
    picture = open_picture(options.image).to(zoo.device)
    size = (PICTURE_SIZE, PICTURE_SIZE)
    if picture.shape[2:] != size:
        picture = F.interpolate(picture, size, mode="bilinear", antialias=True).clamp(0, 1)
    return picture


def read_state(file: Path) -> SceneState:
    """The state in a snapshot's `frame.json`.

    Raises:
        PerturberError: not a readable file of that kind.
        ParameterError: a value that doesn't fit its parameter.
    """
    try:
        frame = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PerturberError(f"--state: expected a snapshot's frame.json, got {file}: {error}") from error
    if not isinstance(frame, dict) or not isinstance(frame.get("state"), dict):
        raise PerturberError(f'--state: expected a snapshot\'s frame.json with its "state", got {file}')
    return SceneState.default().changed(frame["state"])


def _render(state: SceneState, device: str) -> Tensor:
    """What the networks see of `state`, as floats before any rounding to 8 bits."""
    with Studio(StudioSettings(device=device)) as studio:
        return studio.pipeline.picture(state, Memo()).tensor


def _attack(attack: Attack, classifier: Classifier, state: AttackState, steps: int) -> AttackState:
    """All steps, with a line on stderr once they take longer than a second."""
    start, reported = time.monotonic(), False
    current = state
    for current in advance(attack, logits_of(classifier), state, steps):
        if time.monotonic() - start > 1:
            print(f"\rstep {current.steps} of {steps}", end="", file=sys.stderr, flush=True)
            reported = True
    if reported:
        print(file=sys.stderr)
    return current


def _report(
    options: argparse.Namespace, settings: AttackSettings, classifier: Classifier, state: AttackState
) -> dict[str, Any]:
    """`attack.json`; an infinite epsilon, which JSON doesn't know, is null."""
    network = logits_of(classifier)
    with torch.no_grad():
        reached = bool(state.goal.reached(network(state.picture)))
    entry = nets.find(options.model, options.checkpoint)
    goal_class = classifier.classes[state.goal.classes[0]]
    assert goal_class is not None
    return {
        "method": settings.method,
        "norm": settings.norm,
        "epsilon": settings.epsilon if settings.epsilon < float("inf") else None,
        "step_size": settings.step if attacks.METHODS[settings.method].step_share else None,
        "random_start": settings.random_start,
        "steps": state.steps,
        "seed": state.seed,
        "model": {"variant": entry.variant, "checkpoint": entry.checkpoint},
        "targeted": state.goal.targeted,
        "goal": {"index": state.goal.classes[0], "wnid": goal_class.wnid, "class": goal_class.name},
        "reached": reached,
        "perturbation_norm": float(state.size(settings.norm)),
        **_answers(classifier, state),
        "quantised": {"top": _top(classifier, quantised(state.picture))},
        "note": _QUANTISED if lost_in_8_bits(network, state) else None,
    }


def _answers(classifier: Classifier, state: AttackState) -> dict[str, Any]:
    return {
        "before": {"top": _top(classifier, state.original)},
        "after": {"top": _top(classifier, state.picture)},
    }


def _top(classifier: Classifier, picture: Tensor) -> list[Prediction]:
    with torch.no_grad():
        logits = classifier.answer(picture).logits
    assert logits is not None
    return classifier.top(logits[0], TOP)


def _write(report: dict[str, Any], state: AttackState, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _SAVED:
            (folder / name).write_bytes(FILES[name](state))
        (folder / "attack.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise PerturberError(f"--out: can't write into {folder}: {error}") from error


def _readable(report: dict[str, Any], folder: Path) -> str:
    name, allowed = attacks.NORMS[report["norm"]], report["epsilon"]
    bound = "no bound" if allowed is None else f"{allowed:g} allowed"
    verb = "towards" if report["targeted"] else "away from"
    outcome = "reached" if report["reached"] else "not reached"
    lines = [
        f"{report['method']} {verb} {report['goal']['class']!r}: {outcome}",
        f"{name} of the perturbation {report['perturbation_norm']:.4g}, {bound}",
        _row("network", "before", "after"),
    ]
    answers = report.get("models", {report["model"]["variant"]: report})
    lines += [_row(variant, *map(_best, (row["before"], row["after"]))) for variant, row in answers.items()]
    lines += [f"Note: {report['note']}"] if report["note"] else []
    return "\n".join([*lines, *(str(folder / file) for file in (*_SAVED, "attack.json"))])


def _row(network: str, before: str, after: str) -> str:
    return f"  {network:16} {before:40} {after}"


def _best(answer: dict[str, list[Prediction]]) -> str:
    row = answer["top"][0]
    return f"{row['probability']:6.1%} {row['class'].split(', ')[0][:30]}"
