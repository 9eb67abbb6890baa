"""The only place where bytes that somebody brought are read: one process, one upload, then it ends.

Runs as `python -m perturber.uploads.parser_process`, started by `perturber.uploads.parser`. It says `ready`,
gets one job with the file to read and the file to write, gives up the right to open anything, and works.
"""

import argparse
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

MOST = 65_536


def main() -> None:
    """Take one job from the socket whose number is given, answer, end."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--socket", type=int, required=True)
    talk = socket.socket(fileno=arguments.parse_args().socket)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to handle
    os.nice(10)
    _import_everything()
    talk.send(b"ready")
    message, (source, target), _, _ = socket.recv_fds(talk, MOST, 2)
    answer = _answer(json.loads(message), source, target)
    talk.send(json.dumps(answer).encode())
    talk.close()
    sys.stdout.flush()
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


def _answer(job: dict[str, object], source: int, target: int) -> dict[str, object]:
    from perturber.uploads.errors import UploadError
    from perturber.uploads.parse import parse

    try:
        files = [(row["name"], os.pread(source, row["size"], row["offset"])) for row in job["files"]]  # type: ignore[attr-defined]
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
        (
            resource.RLIMIT_CPU,
            int(resource.getrusage(resource.RUSAGE_SELF).ru_utime) + limits.PARSE_CPU_SECONDS,
        ),
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
