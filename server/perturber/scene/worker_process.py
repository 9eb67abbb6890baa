"""A worker's own process: requests come over a pipe, pixels go back through shared memory.

Runs as `python -m perturber.scene.worker_process`, started by `perturber.scene.process`; imports no torch.
"""

import argparse
import contextlib
import mmap
import os
import resource
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from perturber.scene.errors import RenderError
from perturber.scene.worker_messages import Apply, Done, Failed, Render, Reply, Request, Task

NICENESS = 5
"""How far an effect's process steps back behind those that make everybody's frames."""

EFFECT_MEMORY = 2**30

Handler = Callable[[Request], Reply]


def main() -> None:
    """Serve requests until the parent hangs up."""
    parser = argparse.ArgumentParser()
    for name in ("requests", "life", "memory", "size"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--task", choices=("scene", "effect"), required=True)
    parser.add_argument("--assets", type=Path, required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    threading.Thread(target=_die_with_parent, args=(options.life,), daemon=True).start()
    requests = Connection(options.requests)
    shared = mmap.mmap(options.memory, options.size * options.size * 3)
    picture = np.frombuffer(shared, np.uint8).reshape(options.size, options.size, 3)
    with contextlib.suppress(EOFError, BrokenPipeError):  # the parent has closed the pipe
        _serve(requests, lambda: _handler(options.task, picture, options.assets))


def _handler(task: Task, picture: NDArray[np.uint8], assets: Path) -> Handler:
    """What answers requests of the task. Each brings its own part of OpenGL, and nothing of the other's."""
    if task == "effect":
        from perturber.scene.effect.gl_pass import EffectPass

        # A shader from Mesa's cache isn't compiled, and brings no warnings.
        os.environ |= dict.fromkeys(("MESA_SHADER_CACHE_DISABLE", "MESA_GLSL_CACHE_DISABLE"), "true")
        os.nice(NICENESS)
        effects = EffectPass(len(picture))
        if effects.on_cpu:
            _bound_memory()

        def apply(request: Request) -> Reply:
            assert isinstance(request, Apply)
            return effects.apply(request.code, request.value, picture)

        return apply

    from perturber.scene.renderer import Renderer

    renderer = Renderer(len(picture), assets)

    def render(request: Request) -> Reply:
        assert isinstance(request, Render)
        renderer.render_into(request.view, picture)
        return Done()

    return render


def _bound_memory() -> None:
    """From here on `EFFECT_MEMORY` more, and a compiler that asks for more ends this process alone."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + EFFECT_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _serve(requests: Connection, make_handler: Callable[[], Handler]) -> None:
    try:
        handle = make_handler()
    except RenderError as error:
        requests.send(Failed(str(error)))
        return
    requests.send(Done())
    while True:
        request = requests.recv()
        try:
            reply = handle(request)
        except Exception as error:  # one bad request must not end the worker
            named = isinstance(error, RenderError)
            reply = Failed(str(error) if named else f"{type(error).__name__}: {error}")
        requests.send(reply)


def _die_with_parent(life: int) -> None:
    """End this process, however busy, as soon as the parent's end of the pipe `life` is gone."""
    while os.read(life, 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
