"""Where an upload shows: the parameters that change with it, for callers without a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from perturber.parameter import Value
from perturber.scene.errors import AssetError
from perturber.scene.own import check_topology
from perturber.scene.view import OWN
from perturber.uploads.errors import UploadError
from perturber.uploads.uploads import Uploads


def bring(
    uploads: Uploads,
    *,
    model: Sequence[Path] | None = None,
    end: Sequence[Path] | None = None,
    background: Path | None = None,
    picture: Path | None = None,
) -> dict[str, Value]:
    """Take files of this machine; the parameters that show them. `model` and `end` come with their textures.

    Raises:
        UploadError: refused with the reason, or an end without a model or of another topology.
    """
    values: dict[str, Value] = {}
    if end and not model:
        raise UploadError("expected an object to go with the one that it morphs into")
    if model:
        about = uploads.take_files("object", model)
        values |= {"scene.object": OWN, "scene.object_file": about["content"], "scene.object_up": about["up"]}
    if end:
        about_end = uploads.take_files("object", end)
        _check_morph(uploads, str(values["scene.object_file"]), about_end["content"])
        values["scene.object_end_file"] = about_end["content"]
    if background:
        about = uploads.take_files("background", [background])
        values |= {"scene.background": OWN, "scene.background_file": about["content"]}
        values["scene.background_shape"] = _shape_of(about)
    if picture:
        about = uploads.take_files("picture", [picture])
        values |= {"scene.source": "picture", "scene.picture_file": about["content"]}
    return values


def _shape_of(about: dict[str, Any]) -> str:
    return "panorama" if about["width"] == 2 * about["height"] else "flat"


def _check_morph(uploads: Uploads, start: str, end: str) -> None:
    try:
        check_topology(uploads.store.arrays("object", start), uploads.store.arrays("object", end))
    except AssetError as error:
        raise UploadError(str(error)) from error
