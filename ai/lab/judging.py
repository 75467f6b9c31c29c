"""Job `judge`: metrics of the maps of several runs on a few scenes of one model, sharing what they ask the model."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ai.answering import Net, one_thread
from ai.job import Job, code_of, job
from ai.lab.bench import Bench, bench, large
from ai.lab.mapping import charted
from ai.lab.presets import Preset, settings
from ai.lab.runs import Run
from ai.quality import Case, Scores, undefined
from ai.sources import open_source
from ai.teammate import family
from game.canonical import Digest, digest
from game.pack import Scalar
from game.registry import quality

TOGETHER = 64
"""Pairs of methods that are compared at once; bounds the memory."""


class Judged(msgspec.Struct, frozen=True, omit_defaults=True):
    """The scores of one run, or of two (`other`), on the scenes of the job; NaN where undefined."""

    run: str
    other: str = ""
    values: tuple[float, ...] = ()
    why: tuple[str, ...] = ()
    chance: tuple[float, ...] = ()
    curves: dict[str, tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]] = {}


class Verdict(msgspec.Struct, frozen=True):
    """What one metric says of all runs of a job, and how long that took on the processor."""

    judged: tuple[Judged, ...]
    seconds: float


class Heap(msgspec.Struct, frozen=True, kw_only=True):
    """The maps of one run: results of `map` jobs by kind of variation ("" the maps under test), with their keys."""

    run: Run
    maps: dict[str, list[list[bytes]]]
    """Kind -> one list a variant -> one result a shard of scenes."""
    keys: list[Digest]


def judge_job(
    about: dict[str, Any],
    source: str,
    net: Net,
    heaps: Sequence[Heap],
    metrics: Sequence[str],
    preset: Preset,
    others: Sequence[Any],
) -> Job:
    """Return the job; `about` has task, model, scenes, specimens, targets, rows and seed. Each part is one metric."""
    common = {"source": source, "code": code_of(type(open_source(source))), "others": digest(list(others)), **about}
    common |= {
        "net": [*net, code_of(family(net.model).thing)],
        "runs": [[msgspec.to_builtins(h.run), h.keys] for h in heaps],
    }
    parts = [[name, settings(name, preset), code_of(quality[name].thing)] for name in metrics]
    extra = {"others": list(others), "maps": [h.maps for h in heaps]}
    return job("judge", common, parts, extra)


def judge(job: Job, shared: Mapping[Digest, bytes]) -> tuple[bytes, ...]:
    """Do the job: one `Verdict` per part."""
    with one_thread():
        at = bench(job, shared)
        runs = [msgspec.convert(run, Run) for run, _ in job.common["runs"]]
        told = job.common
        case = at.case(told["task"], told["model"], told["specimens"], told["seed"])
        stacks = [_Stack(at, case, run, maps) for run, maps in zip(runs, job.extra["maps"], strict=True)]
        return tuple(msgspec.msgpack.encode(made) for made in _verdicts(job.parts, stacks, case))


def verdict(data: bytes) -> Verdict:
    """Return the result of one part."""
    return msgspec.msgpack.decode(data, type=Verdict)


class _Stack:
    """The maps of one run, enlarged once, and the case that its metrics are told."""

    def __init__(self, at: Bench, case: Case, run: Run, maps: Mapping[str, list[list[bytes]]]) -> None:
        self.run, self.error, n = run, "", len(at.scenes)
        try:
            self.own = stacked(maps[""][0], n)
        except ValueError as error:
            self.error, self.own = str(error), np.full((n, 1, 1), np.nan, np.float32)
        self.maps = large(self.own, at.size)
        variants = {kind: _several(held, n, at.size) for kind, held in maps.items() if kind}
        self.case = case.with_(
            signed=run.signed, method=run.key, own=self.own, variants={k: v for k, v in variants.items() if v},
            explain=lambda passes, targets: at.again(run, passes, targets),
        )  # fmt: skip


def _verdicts(parts: Sequence[Any], stacks: Sequence[_Stack], case: Case) -> list[Verdict]:
    """Ask every metric about one run after another: what a run was made to do serves all metrics of that run."""
    single = [n for n, (name, *_) in enumerate(parts) if quality[name].info["reads"] != "pair"]
    judged: list[list[Judged]] = [[] for _ in parts]
    seconds = [0.0] * len(parts)
    for stack in stacks:
        for n in single:
            name, given, _ = parts[n]
            started = time.process_time()
            judged[n].append(_judged(stack.run.name, "", _scores(quality[name].thing, stack, given)))
            seconds[n] += time.process_time() - started
    for n, (name, given, _) in enumerate(parts):
        if n not in single:
            started = time.process_time()
            judged[n] += _pairs(quality[name].thing, given, stacks, case)
            seconds[n] = time.process_time() - started
    return [Verdict(tuple(told), spent) for told, spent in zip(judged, seconds, strict=True)]


def _scores(metric: Any, stack: _Stack, settings: Mapping[str, Scalar]) -> Scores:
    n = len(stack.maps)
    if stack.error:
        return undefined(n, stack.error)
    try:
        return metric(stack.maps, stack.case, **settings)
    except (ValueError, MemoryError, ArithmeticError) as error:
        return undefined(n, str(error) or type(error).__name__)


def _pairs(metric: Any, settings: Mapping[str, Scalar], stacks: Sequence[_Stack], case: Case) -> Iterator[Judged]:
    """Compare every two runs, many at a time: the images of one pair after those of another."""
    good, n = [s for s in stacks if not s.error], len(case.targets)
    for signed in (True, False):
        pairs = [(a, b) for a, b in combinations(good, 2) if (a.case.signed and b.case.signed) == signed]
        for i in range(0, len(pairs), TOGETHER):
            here = pairs[i : i + TOGETHER]
            told = _repeated(case, len(here)).with_(signed=signed)
            one, other = (np.concatenate([pair[k].maps for pair in here]) for k in (0, 1))
            made = metric(one, other, told, **settings)
            for k, (a, b) in enumerate(here):
                rows = slice(k * n, (k + 1) * n)
                yield _judged(a.run.name, b.run.name, Scores(made.values[rows], made.why[rows]))


def _repeated(case: Case, times: int) -> Case:
    """Return the case of the same images `times` over."""

    def over(values: Any) -> Any:
        return np.concatenate([values] * times)

    return case.with_(
        targets=case.targets * times,
        specimens=case.specimens * times,
        masks={k: over(v) for k, v in case.masks.items()},
        weights={k: over(v) for k, v in case.weights.items()},
        parts={k: over(v) for k, v in case.parts.items()},
        confounder=None if case.confounder is None else over(case.confounder),
        passes=None,
    )


def _judged(run: str, other: str, made: Scores) -> Judged:
    curves = {name: (_told(x), tuple(_told(row) for row in y)) for name, (x, y) in made.curves.items()}
    return Judged(run, other, _told(made.values), made.why, () if made.chance is None else _told(made.chance), curves)


def _told(values: NDArray[Any]) -> tuple[float, ...]:
    return tuple(float(v) for v in np.asarray(values, np.float64))


def stacked(results: Sequence[bytes], n: int) -> NDArray[np.float32]:
    """Return the first n maps of results of `map` jobs; raises ValueError where one of them has none."""
    return np.concatenate([charted(data).maps for data in results])[:n]


def _several(variants: Sequence[Sequence[bytes]], n: int, size: int) -> tuple[NDArray[np.float32], ...]:
    """Return the maps of each variant that could be made."""
    held: list[NDArray[np.float32]] = []
    for results in variants:
        if not any(charted(data).error for data in results):
            held.append(large(stacked(results, n), size))
    return tuple(held)
