"""Render one picture without a server: `python -m perturber.scene --set camera.yaw=30 --out x.png`."""

import argparse
from dataclasses import replace
from pathlib import Path

from PIL import Image

from perturber import paths
from perturber.parameter import ParameterError
from perturber.parameters import TABLE, SceneState
from perturber.scene.errors import RenderError
from perturber.scene.view import SceneView


def main(arguments: list[str] | None = None) -> None:
    """Parse `arguments`, render, save."""
    parser = argparse.ArgumentParser(prog="python -m perturber.scene", description=__doc__)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a scene parameter")
    parser.add_argument("--out", type=Path, required=True, help="the picture file to write (.png, .webp)")
    parser.add_argument("--size", type=int, default=224, help="pixels along each side (224)")
    parser.add_argument(
        "--assets", type=Path, default=paths.ASSETS, help="the folder of objects and backgrounds"
    )
    options = parser.parse_args(arguments)
    try:
        render(parse_view(options.set), options.out, options.size, options.assets)
    except (ParameterError, RenderError) as error:
        parser.exit(1, f"{error}\n")


def parse_view(settings: list[str]) -> SceneView:
    """The default view with `KEY=VALUE` texts applied; names are for the renderer to check in its folder.

    Raises:
        ParameterError: an unknown key, or a value that doesn't fit.
    """
    default = SceneState.default()
    names = {key: default.text(key) for key in ("scene.object", "scene.background")}
    patch: dict[str, object] = {}
    for setting in settings:
        key, _, text = setting.partition("=")
        if key in names:
            names[key] = text
        elif key in TABLE:
            patch[key] = TABLE[key].parse(text)
        else:
            raise ParameterError("key", "a parameter key such as 'camera.yaw'", key)
    view = SceneView.from_state(default.changed(patch))
    return replace(view, object=names["scene.object"], background=names["scene.background"])


def render(view: SceneView, out: Path, size: int, assets: Path) -> None:
    """Write the picture of `view` to `out`.

    Raises:
        RenderError: no OpenGL, or a broken asset.
    """
    from perturber.scene.renderer import Renderer

    with Renderer(size, assets) as renderer:
        Image.fromarray(renderer.render(view)).save(out)


if __name__ == "__main__":
    main()
