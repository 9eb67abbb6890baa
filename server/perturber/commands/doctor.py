"""`perturber doctor`: everything the dashboard needs, a line each: ok, or the cure."""

import argparse
from collections.abc import Callable

from perturber import paths
from perturber.errors import PerturberError
from perturber.nets import catalog as nets_catalog
from perturber.parameters import SceneState
from perturber.scene import catalog as scene_catalog


def run(options: argparse.Namespace) -> int:
    """Print the lines; 1 if any is not ok."""
    checks: list[tuple[str, Callable[[], str]]] = [
        ("assets", _assets),
        ("GL", _gl),
        ("torch device", lambda: _torch(options.device)),
        *(
            (f"weights {entry.variant}@{entry.checkpoint}", _weights(entry))
            for entry in nets_catalog.entries()
        ),
        ("port", lambda: _port(options.port)),
    ]
    results = [_line(name, check) for name, check in checks]
    return 0 if all(results) else 1


def _line(name: str, check: Callable[[], str]) -> bool:
    try:
        print(f"ok      {name}: {check()}", flush=True)
    except PerturberError as problem:
        print(f"broken  {name}: {problem}", flush=True)
        return False
    return True


def _assets() -> str:
    if not (paths.FRONTEND / "index.html").is_file():
        raise PerturberError(
            f"expected the page in {paths.FRONTEND}; install the package again, or run in a full checkout"
        )
    files = [background.file for background in scene_catalog.backgrounds().values()]
    files += [
        pair.folder / name
        for pair in scene_catalog.objects().values()
        for name in ("mesh.npz", "start.webp", "end.webp")
    ]
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise PerturberError(f"expected {', '.join(missing)}; check the checkout out again")
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

        Zoo("cpu").load(entry.variant, entry.checkpoint)
        return f"checksum and shapes right, {entry.num_classes} classes, {entry.licence}"

    return check


def _port(port: int) -> str:
    from perturber.commands.serve import bind

    bind("127.0.0.1", port).close()
    return f"{port} is free"
