"""The render worker lives, dies and comes back; real processes, real signals."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from perturber.scene.errors import RenderError
from perturber.scene.renderer import Renderer
from perturber.scene.view import SceneView
from perturber.scene.worker import RenderWorker

SIZE = 96
BALL = SceneView(object="ball", background="noise")


@pytest.fixture
def worker(assets: Path) -> Iterator[RenderWorker]:
    with RenderWorker(SIZE, assets=assets) as running:
        yield running


def test_the_worker_gives_the_renderers_pictures(worker: RenderWorker, renderer: Renderer) -> None:
    for view in (BALL, replace(BALL, yaw=90.0, background="compass"), BALL):
        np.testing.assert_array_equal(worker.render(view), renderer.render(view))
    assert worker.restarts == 0


def test_pictures_already_given_stay_as_they_are(worker: RenderWorker) -> None:
    first = worker.render(BALL)
    kept = first.copy()
    worker.render(replace(BALL, background="compass"))
    np.testing.assert_array_equal(first, kept)


def test_a_killed_worker_costs_no_picture(worker: RenderWorker) -> None:  # how long: `perturber bench`
    before = worker.render(BALL)
    os.kill(worker.pid, signal.SIGKILL)
    np.testing.assert_array_equal(worker.render(BALL), before)
    assert worker.restarts == 1


def test_a_worker_that_hangs_is_replaced_when_its_time_is_up(assets: Path) -> None:
    with RenderWorker(SIZE, timeout=0.5, assets=assets) as worker:
        before = worker.render(BALL)
        hung = worker.pid
        os.kill(hung, signal.SIGSTOP)
        begin = time.monotonic()
        np.testing.assert_array_equal(worker.render(BALL), before)
        assert time.monotonic() - begin >= 0.5
        assert worker.restarts == 1
        assert not psutil.pid_exists(hung)


def test_workers_lost_twice_in_a_row_are_an_error_and_the_next_request_starts_afresh(
    worker: RenderWorker,
) -> None:
    worker.render(BALL)
    stop = threading.Event()

    def assassin() -> None:
        while not stop.is_set():
            if worker.pid is not None and psutil.pid_exists(worker.pid):
                os.kill(worker.pid, signal.SIGKILL)
            time.sleep(0.01)

    thread = threading.Thread(target=assassin)
    thread.start()
    with pytest.raises(RenderError, match=r"the render worker ended \(SIGKILL\)"):
        while True:
            worker.render(BALL)
    stop.set()
    thread.join()
    assert worker.restarts >= 2
    assert worker.render(BALL).any()


def test_a_bad_request_is_an_error_and_not_a_loss(worker: RenderWorker) -> None:
    worker.render(BALL)
    pid = worker.pid
    with pytest.raises(RenderError, match="got 'unicorn'"):
        worker.render(replace(BALL, object="unicorn"))
    with pytest.raises(RenderError, match="TypeError"):
        worker.render(replace(BALL, yaw="north"))  # type: ignore[arg-type]
    assert worker.render(BALL).any()
    assert (worker.pid, worker.restarts) == (pid, 0)


def test_threads_share_one_worker(worker: RenderWorker, renderer: Renderer) -> None:
    views = [replace(BALL, yaw=float(yaw)) for yaw in range(0, 160, 10)]
    pictures: dict[int, np.ndarray] = {}

    def ask(index: int) -> None:
        pictures[index] = worker.render(views[index])

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(len(views))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, view in enumerate(views):
        np.testing.assert_array_equal(pictures[index], renderer.render(view))
    assert worker.restarts == 0


def test_close_leaves_no_process_no_descriptor_and_no_shared_memory(assets: Path) -> None:
    # Other tests' studios may live in this process: what was there before may stay.
    this, mapped = psutil.Process(), Path("/proc/self/maps")
    descriptors, children = this.num_fds(), this.children()
    mappings = mapped.read_text().count("perturber-picture")
    for _ in range(3):
        worker = RenderWorker(SIZE, assets=assets)
        worker.render(BALL)
        assert mapped.read_text().count("perturber-picture") > mappings
        worker.close()
    assert this.children() == children
    assert this.num_fds() == descriptors
    assert mapped.read_text().count("perturber-picture") == mappings
    worker.close()
    with pytest.raises(RenderError, match="closed"):
        worker.render(BALL)


def test_a_thousand_random_pictures_leave_memory_flat(worker: RenderWorker) -> None:
    """The long run of 10,000 pictures was flat to the MiB: 404 MiB at 100 and at 10,000."""
    random = np.random.default_rng(1)

    def show(count: int) -> int:
        for _ in range(count):
            angles, shares = random.uniform(-180, 180, 4), random.uniform(0, 1, 7)
            worker.render(
                SceneView(
                    *angles[:3], *random.uniform(1, 4, 1), *random.uniform(-2, 2, 2),
                    random.choice(["ball", "plate"]), random.choice(["noise", "compass"]), angles[3], *shares,
                )
            )  # fmt: skip
        return psutil.Process(worker.pid).memory_info().rss

    warm = show(300)
    assert show(700) < 1.02 * warm
    assert worker.restarts == 0


@pytest.mark.parametrize("deed", ["os.kill(os.getpid(), 9)", "sys.exit()"])
def test_the_worker_ends_with_its_parent(assets: Path, deed: str) -> None:
    script = f"""
import os, sys
from pathlib import Path
from perturber.scene.view import SceneView
from perturber.scene.worker import RenderWorker
worker = RenderWorker({SIZE}, assets=Path({str(assets)!r}))
worker.render(SceneView(object="ball", background="noise"))
print(worker.pid, flush=True)
{deed}
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(sys.modules["perturber"].__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=30,
    )
    worker = int(done.stdout)
    deadline = time.monotonic() + 5.0
    while psutil.pid_exists(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not psutil.pid_exists(worker)


def test_without_a_driver_the_error_holds_the_cure(assets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent.json")
    with RenderWorker(SIZE, assets=assets) as worker, pytest.raises(RenderError, match="apt-get install"):
        worker.render(BALL)


def test_the_worker_imports_no_torch(worker: RenderWorker) -> None:
    worker.render(BALL)
    maps = Path(f"/proc/{worker.pid}/maps").read_text()
    assert "torch" not in maps
    assert "llvm" in maps.lower(), "the maps list what is loaded"
