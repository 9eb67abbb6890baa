"""The only place where bytes that somebody brought are read: a process for each upload, which then ends.

Runs as `python -m perturber.uploads.parser_process`, started by `perturber.uploads.parser`. It imports
everything, says `ready`, and for each job forks: the child gives up the right to open anything, bounds its
memory and its time, reads the job's file, writes another, answers on the job's own socket, and is gone.
"""

import argparse
import json
import os
import resource
import select
import signal
import socket
from collections.abc import Mapping
from typing import Any

MOST = 65_536


def main() -> None:
    """Take jobs from the socket whose number is given until the server hangs up."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--socket", type=int, required=True)
    talk = socket.socket(fileno=arguments.parse_args().socket)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    _import_everything()
    talk.send(b"ready")
    while True:
        message, handles, _, _ = socket.recv_fds(talk, MOST, 3)
        if not message:
            return
        job = json.loads(message)
        child = os.fork()
        if child == 0:
            talk.close()
            _work(job, *handles)
        for handle in handles:
            os.close(handle)
        talk.send(json.dumps(_watch(child, job["seconds"])).encode())


def _watch(child: int, seconds: float) -> dict[str, object]:
    """Wait until the child has ended, or end it; how it went."""
    handle = os.pidfd_open(child)
    in_time = bool(select.select([handle], [], [], seconds)[0])
    if not in_time:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(handle)
    return {"in_time": in_time, "status": os.waitstatus_to_exitcode(status)}


def _work(job: dict[str, Any], source: int, target: int, answers: int) -> None:
    """The child: one job, then its end, whatever happens."""
    try:
        os.nice(5)
        answer = _answer(job, source, target)
        socket.socket(fileno=answers).send(json.dumps(answer).encode())
    finally:
        os._exit(0)


def _import_everything() -> None:
    """What is imported later couldn't be: after the limits are set no file can be opened."""
    import numpy.lib.format  # noqa: F401
    from PIL import Image

    import perturber.uploads.parse  # noqa: F401

    Image.init()
    _rehearse()


def _rehearse() -> None:
    """One small model of each format: libraries import the rest when they are first used."""
    import io
    import warnings

    import numpy as np
    import trimesh
    from PIL import Image

    from perturber.uploads import limits, models

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        box = trimesh.creation.box()
        dressed: Any = trimesh.visual.TextureVisuals
        box.visual = dressed(uv=np.zeros((8, 2)), image=Image.new("RGB", (2, 2)))
        for kind in ("glb", "ply", "stl"):
            models.read(box.export(file_type=kind), kind, "rehearsal")
    picture = Image.new("RGB", (4, 4))
    for kind in ("png", "jpeg", "webp", "gif", "bmp", "tiff"):
        buffer = io.BytesIO()
        picture.save(buffer, kind)
        Image.open(buffer).load()
    Image.MAX_IMAGE_PIXELS = limits.PIXELS


def _answer(job: dict[str, Any], source: int, target: int) -> dict[str, object]:
    from perturber.uploads.errors import UploadError
    from perturber.uploads.parse import parse

    try:
        files = [(row["name"], os.pread(source, row["size"], row["offset"])) for row in job["files"]]
        _give_up_rights()
        result = parse(str(job["kind"]), files)
        _write(result.arrays, target)
    except UploadError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": "the file needs more memory than is allowed"}
    except RecursionError:
        return {"refused": "the file is nested too deeply"}
    except Exception as error:
        return {"refused": f"the file could not be read ({type(error).__name__}: {str(error)[:100]})"}
    return {"about": result.about}


def _give_up_rights() -> None:
    """Bounded memory, processor time and output; nothing more can be opened, no process started."""
    from perturber.uploads import limits

    for name, most in (
        (resource.RLIMIT_AS, limits.PARSE_MEMORY),
        (resource.RLIMIT_CPU, limits.PARSE_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, limits.RESULT_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(name, (most, most))


def _write(arrays: Mapping[str, Any], target: int) -> None:
    """As an archive of plain arrays, without pickles."""
    import io

    import numpy as np

    archive = io.BytesIO()
    np.savez(archive, allow_pickle=False, **arrays)
    content = archive.getbuffer()
    while content:
        content = content[os.write(target, content) :]


if __name__ == "__main__":
    main()
