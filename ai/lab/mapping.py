"""Job `map`: the raw maps of several runs on a few scenes of one model, sharing their passes."""

from __future__ import annotations

import time
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ai.answering import Net, one_thread
from ai.engine import explain
from ai.explanation import Maps
from ai.guard import Polluted
from ai.job import Job, code_of, job
from ai.lab.bench import bench
from ai.lab.runs import Run
from ai.sources import open_source
from ai.teammate import family
from game.canonical import Digest, digest
from game.registry import explainer

SHARD = 4
"""Scenes a job; a comparison that was stopped loses at most one job a worker."""


class Charted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one run made of one shard: maps (n, h, w) at the method's own resolution, or why there are none."""

    shape: tuple[int, ...] = ()
    values: bytes = b""
    signed: bool = False
    seconds: float = 0.0
    error: str = ""

    @property
    def maps(self) -> NDArray[np.float32]:
        """Return the maps; raises ValueError with the reason where there are none."""
        if self.error:
            raise ValueError(self.error)
        return np.frombuffer(zlib.decompress(self.values), "<f4").reshape(self.shape)


def jobs(
    source: str, scenes: Sequence[Any], targets: Sequence[int], net: Net, runs: Sequence[Run], others: Sequence[Any]
) -> list[Job]:
    """Return the jobs that explain `targets` on `scenes`, in order, `SHARD` scenes each; each part is one run."""
    common = {"source": source, "code": code_of(type(open_source(source))), "others": digest(list(others))}
    common |= {"net": [*net, code_of(family(net.model).thing)]}
    parts = [msgspec.to_builtins(run) for run in runs]
    return [
        job("map", common | {"scenes": list(scenes[i : i + SHARD]), "targets": [int(t) for t in targets[i : i + SHARD]]},
            parts, {"others": list(others)})
        for i in range(0, len(scenes), SHARD)
    ]  # fmt: skip


def chart(job: Job, shared: Mapping[Digest, bytes]) -> tuple[bytes, ...]:
    """Do the job: one `Charted` per part. A run that fails costs itself only."""
    runs = [msgspec.convert(part, Run) for part in job.parts]
    with one_thread():
        at = bench(job, shared)
        at.passes.foreseen = {p for run in runs for p in explainer[run.method].info["passes"]}
        return tuple(msgspec.msgpack.encode(_one(at.passes, at.targets, run)) for run in runs)


def charted(data: bytes) -> Charted:
    """Return the result of one part."""
    return msgspec.msgpack.decode(data, type=Charted)


def _one(passes: Any, targets: tuple[int, ...], run: Run) -> Charted:
    started = time.process_time()
    try:
        made = explain(run.method, passes, targets, run.seed, **run.params)
    except (ValueError, MemoryError, Polluted) as error:
        return Charted(error=str(error), seconds=time.process_time() - started)
    if not isinstance(made, Maps):
        return Charted(error=f"{run.method!r} gives no map")
    values = zlib.compress(np.ascontiguousarray(made.values, "<f4").tobytes(), 1)
    return Charted(tuple(made.values.shape), values, made.signed, time.process_time() - started)
