"""The processor's cores as independent workers: each takes a shard of the batch on a thread of its own.

On a processor that others use too, this is far faster than torch's own threads, which wait for each other at
every operation; and what is computed doesn't depend on how many cores there are.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

Shard = TypeVar("Shard")
Result = TypeVar("Result")


class Workers:
    """Maps a function over shards: on all cores of a processor, one after the other on other devices."""

    def __init__(self, device: torch.device) -> None:
        count = torch.get_num_threads() if device.type == "cpu" else 1
        self._pool = ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,))

    def map(self, work: Callable[[Shard], Result], shards: Iterable[Shard]) -> list[Result]:
        """The results in the order of the shards."""
        return list(self._pool.map(work, shards))

    def run(self, work: Callable[[Shard], Result], shard: Shard) -> Result:
        """The result of one worker alone."""
        return self._pool.submit(work, shard).result()
