"""`perturber doctor`: everything the dashboard needs, a line each: ok, or the cure."""

import argparse
import platform
import sys
from collections.abc import Callable

from perturber import paths
from perturber.nets import catalog as nets_catalog
from perturber.parameters import SceneState
from perturber.problem import Problem
from perturber.scene import catalog as scene_catalog


def run(options: argparse.Namespace) -> int:
    """Print the lines; 1 if any is not ok."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("Python", _python),
        ("assets", _assets),
        ("GL", _gl),
        ("torch device", lambda: _torch(options.device)),
        *((f"weights {entry.variant}@{entry.checkpoint}", _weights(entry)) for entry in nets_catalog.entries()),
        ("port", lambda: _port(options.port)),
    ]
    return 0 if all([_line(name, check) for name, check in checks]) else 1


def _line(name: str, check: Callable[[], str]) -> bool:
    try:
        print(f"ok      {name}: {check()}", flush=True)
    except Problem as problem:
        print(f"broken  {name}: {problem}", flush=True)
        return False
    return True


def _python() -> str:
    if sys.version_info < (3, 11):
        raise Problem(f"expected Python 3.11 or newer, got {platform.python_version()}; install a newer one")
    return platform.python_version()


def _assets() -> str:
    if not (paths.FRONTEND / "index.html").is_file():
        raise Problem(f"expected the page in {paths.FRONTEND}; install the package again, or run in a full checkout")
    files = [background.file for background in scene_catalog.backgrounds().values()]
    files += [
        pair.folder / name
        for pair in scene_catalog.objects().values()
        for name in ("mesh.npz", "start.webp", "end.webp")
    ]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise Problem(f"expected {', '.join(missing)}; check the checkout out again")
    return f"{len(scene_catalog.objects())} objects, {len(scene_catalog.backgrounds())} backgrounds"


def _gl() -> str:
    from perturber.scene.view import SceneView
    from perturber.scene.worker import RenderWorker

    worker = RenderWorker(64)
    try:
        worker.render(SceneView.from_state(SceneState.default()))
    finally:
        worker.close()
    return "the scene is drawn offscreen"


def _torch(device: str) -> str:
    import torch

    from perturber.nets.zoo import Zoo

    return f"{Zoo(device).device}, torch {torch.__version__}, {torch.get_num_threads()} threads"


def _weights(entry: nets_catalog.ModelEntry) -> Callable[[], str]:
    def check() -> str:
        from perturber.nets.zoo import Zoo

        network = Zoo("cpu").load(entry.variant, entry.checkpoint)
        return f"checksum and shapes right, {network.entry.num_classes} classes, {entry.licence}"

    return check


def _port(port: int) -> str:
    from perturber.commands.serve import bind

    bind("127.0.0.1", port).close()
    return f"{port} is free"
