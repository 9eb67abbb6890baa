"""`perturber snapshot`: one frame without a browser, as files."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from perturber.errors import PerturberError
from perturber.frame import Frame
from perturber.memo import Memo
from perturber.parameter import ParameterError, Value
from perturber.parameters import TABLE, SceneState
from perturber.scene.effect.effect import TEXT
from perturber.studio import Studio, StudioSettings
from perturber.uploads.places import bring
from perturber.uploads.uploads import Uploads


def run(options: argparse.Namespace) -> int:
    """Write `scene.png` and `frame.json` into the folder."""
    values = parse_settings(options.set)
    if options.effect is not None:
        values[TEXT] = read_effect(options.effect)
    state = SceneState.default().changed(own_files(options) | values)
    print("Starting the renderer and loading the networks ...", file=sys.stderr, flush=True)
    with Studio(StudioSettings(device=options.device)) as studio:
        frame = studio.make(state, revision=1, memo=Memo())
    write(frame, state, options.out)
    print(options.out / "scene.png")
    print(options.out / "frame.json")
    return 0


def own_files(options: argparse.Namespace) -> dict[str, Value]:
    """The parameters that show the user's own files; `--set` may still change them.

    Raises:
        UploadError: a file that is refused, with the reason.
    """
    with Uploads() as uploads:
        return bring(
            uploads,
            model=options.object,
            end=options.object_end,
            background=options.background,
            picture=options.picture,
        )


def parse_settings(settings: Sequence[str]) -> dict[str, Value]:
    """The values of `KEY=VALUE` arguments.

    Raises:
        ParameterError: no such key, or a value that doesn't fit it.
        PerturberError: an argument without `=`.
    """
    values = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise PerturberError(f"--set: expected KEY=VALUE such as camera.yaw=-23.3, got {setting!r}")
        if key not in TABLE:
            raise ParameterError("--set", "a parameter key (see `perturber parameters`)", key)
        values[key] = TABLE[key].parse(text)
    return values


def read_effect(file: Path) -> str:
    """The text of a GLSL file.

    Raises:
        PerturberError: no such file, or one that isn't text.
    """
    try:
        return file.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PerturberError(f"--effect: expected a text file: {error}") from error


def write(frame: Frame, state: SceneState, folder: Path) -> None:
    """`scene.png` (what the networks saw, as 8 bits) and `frame.json` (everything else)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(frame.picture).save(folder / "scene.png")
        text = json.dumps(report(frame, state), indent=2)
        (folder / "frame.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise PerturberError(f"--out: can't write into {folder}: {error}") from error


def report(frame: Frame, state: SceneState) -> dict[str, object]:
    """The frame as JSON: state, top five of every enabled model, activation maps, milliseconds by stage."""
    header = frame.header()
    activations = {
        slot: {
            "layer": answer.layer,
            "units": list(answer.units),
            "divisor": answer.divisor,
            "maps": answer.activations.tolist(),
        }
        for slot, answer in frame.models.items()
        if answer.activations is not None
    }
    models = {
        slot: {name: row[name] for name in ("variant", "checkpoint", "active", "note", "top") if name in row}
        for slot, row in header["models"].items()
    }
    return {
        "revision": frame.revision,
        "state": dict(state),
        "models": models,
        "activations": activations,
        "timing_ms": header["timing_ms"],
    }
