"""What is kept, for how long, and how much one session may bring."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from perturber.uploads import limits
from perturber.uploads.bundle import content_hash, encode
from perturber.uploads.errors import GoneError, QuotaError
from perturber.uploads.quota import Quota
from perturber.uploads.store import Store
from perturber.uploads.uploads import Uploads

KEY = "ab" * 32


def kept(store: Store, key: str, size: int = 1000, kind: str = "picture") -> Path:
    with store.new_file() as file:
        np.savez(file, pixels=np.zeros(size, np.uint8))
    store.keep(kind, key, Path(file.name), {"label": "a"})
    return store.folder / kind / f"{key}.npz"


def test_content_survives_a_restart(tmp_path: Path) -> None:
    kept(Store(tmp_path), KEY)
    assert Store(tmp_path).about("picture", KEY)["label"] == "a"
    assert Store(tmp_path).arrays("picture", KEY)["pixels"].shape == (1000,)
    assert sorted(path.name for path in (tmp_path / "picture").iterdir()) == [f"{KEY}.json", f"{KEY}.npz"]


def test_what_nobody_uses_is_removed_after_a_time(tmp_path: Path) -> None:
    store = Store(tmp_path)
    old, used = kept(store, KEY), kept(store, "cd" * 32)
    for file in (old, used):
        os.utime(file, (0, time.time() - limits.KEPT_SECONDS - 60))
    store.about("picture", "cd" * 32)
    store.sweep()
    assert not old.exists()
    assert used.exists()
    with pytest.raises(GoneError, match="load its file again"):
        store.arrays("picture", KEY)


def test_above_the_cap_the_longest_unused_goes_first(tmp_path: Path) -> None:
    store = Store(tmp_path, most_bytes=25_000)
    files = [kept(store, f"{number:064x}", 10_000) for number in range(2)]
    os.utime(files[0], (0, time.time() - 500))
    kept(store, f"{9:064x}", 10_000)
    assert [file.exists() for file in files] == [False, True]


@pytest.mark.parametrize("content", ["../../etc/passwd", "AB" * 32, "", "ab" * 31, f"{KEY}/x"])
def test_a_name_never_reaches_the_file_system(tmp_path: Path, content: str) -> None:
    store = Store(tmp_path)
    for refused in (lambda: store.about("picture", content), lambda: store.remove("../..", KEY)):
        with pytest.raises(GoneError):
            refused()


def test_a_broken_archive_counts_as_gone_and_pickles_are_not_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept(store, KEY).write_bytes(b"PK broken")
    with pytest.raises(GoneError):
        store.arrays("picture", KEY)
    with store.new_file() as file:
        np.savez(file, pixels=np.array([{"a": 1}], dtype=object))
    store.keep("picture", KEY, Path(file.name), {})
    with pytest.raises(GoneError):
        store.arrays("picture", KEY)


def test_one_files_content_is_its_own_hash_and_names_count_in_sets() -> None:
    assert content_hash([("a.png", KEY)]) == KEY == content_hash([("b.png", KEY)])
    first = content_hash([("a.obj", KEY), ("b.png", "0" * 64)])
    assert first == content_hash([("B.png", "0" * 64), ("a.obj", KEY)])
    assert first != content_hash([("a.obj", KEY), ("c.png", "0" * 64)])


def test_a_session_may_bring_so_much_and_later_more() -> None:
    now = [0.0]
    quota = Quota(lambda: now[0])
    for _ in range(limits.SESSION_UPLOADS):
        quota.take(1)
    with pytest.raises(QuotaError, match="try again in 600 s"):
        quota.take(1)
    now[0] = limits.SESSION_WINDOW + 1
    quota.take(limits.SESSION_BYTES)
    with pytest.raises(QuotaError):
        quota.take(1)


def test_the_same_file_is_not_parsed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Uploads(Store(tmp_path)) as uploads, uploads.body("object") as body:
        body.write(encode([("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")]))
        first = uploads.take(body)
        monkeypatch.setattr(uploads._parser, "parse", None)
        assert uploads.take(body) == first


def test_what_reads_the_file_can_open_nothing() -> None:
    script = """
from perturber.uploads.parser_process import _give_up_rights
import socket
_give_up_rights()
for attempt in (lambda: open("/etc/hostname"), socket.socket):
    try:
        attempt()
    except OSError as error:
        print(error.errno)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [str(errno.EMFILE)] * 2
