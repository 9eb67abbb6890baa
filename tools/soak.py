"""Thousands of frames with random parameters through a real server: no error may come, memory must stay flat.

.venv/bin/python tools/soak.py --frames 10000
"""

import argparse
import random
import sys
import time

import psutil

from perturber.client import Client
from perturber.nets.layers import CHANNELS
from perturber.parameter import MAX_UNITS, Parameter
from perturber.parameters import TABLE
from perturber.scene.effect.library import SNIPPETS
from perturber.scene.view import OWN
from tests.conftest import start_server, stop_server

SETTLED = 500
"""Frames until caches (meshes, textures, blur kernels, networks) are full."""

ALLOWED_GROWTH = 0.05

LEFT_OUT = ("scene.source", "model1.checkpoint", "model2.checkpoint")
"""Parameters most of whose values need something that isn't there."""


def main() -> int:
    """Run, print resident memory every so often, 1 if it grew by more than allowed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    server = start_server()
    try:
        with server.client() as client:
            settled, last = run(client, server.process.pid, options.frames, generator)
    finally:
        stop_server(server)
    growth = last / settled - 1
    print(
        f"resident memory after {SETTLED} frames {settled:.0f} MiB, at the end {last:.0f} MiB: {growth:+.1%}"
    )
    return 0 if growth <= ALLOWED_GROWTH else 1


def run(client: Client, pid: int, frames: int, generator: random.Random) -> tuple[float, float]:
    """Resident MiB of server and render worker together, when settled and at the end."""
    settled, start = [0.0], time.monotonic()
    for index in range(1, frames + 1):
        client.patch(random_patch(generator))
        client.frame()
        if index == SETTLED:
            settled = resident(pid)
        if index % SETTLED == 0:
            rate = index / (time.monotonic() - start)
            shares = " + ".join(f"{share:.0f}" for share in resident(pid))
            print(f"{index:6d} frames, {rate:5.1f} a second, {shares} MiB (server + renderer)", flush=True)
    return sum(settled), sum(resident(pid))


def random_patch(generator: random.Random) -> dict[str, object]:
    """New values for about a third of the parameters, within their bounds."""
    patch = {
        key: random_value(row, generator)
        for key, row in TABLE.items()
        if generator.random() < 0.3 and row.kind not in ("units", "content") and key not in LEFT_OUT
    }
    layer = generator.choice(list(CHANNELS))
    units = generator.sample(range(CHANNELS[layer]), generator.randint(1, MAX_UNITS))
    return patch | {"view.layer": layer, "view.units": ",".join(map(str, units))}


def random_value(row: Parameter, generator: random.Random) -> object:
    """Any value of the parameter."""
    match row.kind:
        case "number":
            return generator.uniform(row.minimum, row.maximum)
        case "integer":
            return generator.randint(int(row.minimum), int(row.maximum))
        case "flag":
            return generator.random() < 0.5
        case "class":
            return generator.choice(["", "tabby"])
        case "unit":
            return generator.choice(["", "conv2d0:3", "conv2d1:7"])
        case "code":
            return generator.choice(["", *(snippet.text for snippet in SNIPPETS)])
        case "range":
            return "{:.2f},{:.2f}".format(*sorted((generator.random(), generator.random())))
        case _:
            return generator.choice([choice for choice in row.choices if choice != OWN])


def resident(pid: int) -> list[float]:
    """MiB that belong to the process and to each of its children alone."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return [member.memory_full_info().uss / 2**20 for member in family]


if __name__ == "__main__":
    sys.exit(main())
