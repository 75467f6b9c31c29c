"""`ray`: an existing Ray cluster, by address. Needs the extra: pip install 'coplay[ray]'. No torch here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ai.job import Job
from ai.work import do
from ai.workshop import Done
from game.canonical import Digest
from game.registry import engine

RETRIES = 3
"""How often a job is done again after the worker died over it."""


@engine("ray", about="an existing Ray cluster, by address; coplay must be installed there in the same version")
class Ray:
    """Tasks of one CPU and one thread each, at most `workers` at a time. Ray itself retries those whose worker died."""

    def __init__(self, workers: int = 1, address: str = "") -> None:
        """`address` is that of the cluster's head, HOST:PORT, or "auto" for one on this machine."""
        if not address:
            raise ValueError("the engine 'ray' needs the address of a cluster: --address HOST:PORT, or auto")
        self.workers, self.address = workers, address
        self._shared: Any = None
        self._task: Any = None

    def start(self, shared: Mapping[Digest, bytes]) -> None:
        """Connect and put the weights where every worker reads them; raises ConnectionError, ModuleNotFoundError."""
        import ray  # noqa: PLC0415 - an optional extra

        if self._task is None:
            try:
                ray.init(address=self.address, log_to_driver=False, configure_logging=False)
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise ConnectionError(f"no Ray cluster answers at {self.address}: {error}") from error
            self._task = ray.remote(num_cpus=1, max_retries=RETRIES)(do)
        self._shared = ray.put(dict(shared))

    def run(self, jobs: Sequence[Job]) -> Iterator[Done]:
        """Yield each job with its results."""
        import ray  # noqa: PLC0415 - an optional extra
        from ray.exceptions import RayTaskError  # noqa: PLC0415 - the same

        waiting, running = deque(jobs), dict[Any, Job]()
        while waiting or running:
            while waiting and len(running) < 2 * self.workers:  # one to do and one at hand: workers never wait
                job = waiting.popleft()
                running[self._task.remote(job, self._shared)] = job
            ready, _ = ray.wait(list(running), num_returns=1)
            for reference in ready:
                job = running.pop(reference)
                try:
                    yield job, ray.get(reference)
                except RayTaskError as error:
                    raise error.cause from None

    def stop(self) -> None:
        """Leave the cluster; it goes on."""
        import ray  # noqa: PLC0415 - an optional extra

        if self._task is not None:
            ray.shutdown()
            self._task = None
