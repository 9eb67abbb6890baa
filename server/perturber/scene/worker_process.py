"""The render worker's own process: requests come over a pipe, pixels go back through shared memory.

Runs as `python -m perturber.scene.worker_process`, started by `perturber.scene.worker`; imports no torch.
"""

import argparse
import contextlib
import mmap
import os
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from perturber.scene.errors import RenderError
from perturber.scene.worker_messages import Done, Failed, Render


def main() -> None:
    """Serve requests until the parent hangs up."""
    parser = argparse.ArgumentParser()
    for name in ("requests", "life", "memory", "size"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--assets", type=Path, required=True)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    threading.Thread(target=_die_with_parent, args=(options.life,), daemon=True).start()
    requests = Connection(options.requests)
    with contextlib.suppress(EOFError, BrokenPipeError):  # the parent has closed the pipe
        _serve(requests, options.memory, options.size, options.assets)


def _serve(requests: Connection, memory: int, size: int, assets: Path) -> None:
    shared = mmap.mmap(memory, size * size * 3)
    picture = np.frombuffer(shared, np.uint8).reshape(size, size, 3)
    try:
        from perturber.scene.renderer import Renderer

        renderer = Renderer(size, assets)
    except RenderError as error:
        requests.send(Failed(str(error)))
        return
    requests.send(Done())
    while True:
        request = requests.recv()
        try:
            match request:
                case Render(view):
                    renderer.render_into(view, picture)
        except Exception as error:  # one bad request must not end the worker
            named = isinstance(error, RenderError)
            requests.send(Failed(str(error) if named else f"{type(error).__name__}: {error}"))
        else:
            requests.send(Done())


def _die_with_parent(life: int) -> None:
    """End this process, however busy, as soon as the parent's end of the pipe `life` is gone."""
    while os.read(life, 1):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
