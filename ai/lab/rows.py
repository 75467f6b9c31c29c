"""The tidy rows of a comparison, gathered from the results of jobs: scores, pairs, curves, and how each cell was sampled."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from ai.job import Job
from ai.jobstore import JobStore
from ai.lab.bundles import KINDS, Bundle, checks
from ai.lab.judging import Judged, verdict
from ai.lab.presets import Preset, again, repeated, skipped
from ai.lab.runs import Run
from game.lab import Count
from game.registry import quality

SPARED = "not asked: "
"""How the reason begins where a metric left an image out to spare passes: no row, the count of specimens tells."""
Key = tuple[str, str, str]


class Row(NamedTuple):
    """One row of `game.lab.SCORES`."""

    task: str
    model: str
    method: str
    metric: str
    specimen: str
    seed: int
    variant: str
    value: float
    chance: float
    why: str


class Pair(NamedTuple):
    """One row of `game.lab.PAIRS`."""

    task: str
    model: str
    one: str
    other: str
    metric: str
    specimen: str
    value: float
    why: str


class Rows:
    """Rows in the order in which they were made. Undefined values are NaN with a reason."""

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.scores: list[Row] = []
        self.pairs: list[Pair] = []
        self.cpu: defaultdict[str, float] = defaultdict(float)
        self._index: tuple[int, dict[tuple[str, str, str, str], dict[str, float]]] = -1, {}
        self._curves: defaultdict[tuple[str, ...], list[tuple[Any, Any]]] = defaultdict(list)

    def add(self, bundle: Bundle, job: Job, first: int, store: JobStore) -> None:
        """Take in the results of one job that judged maps from scene `first` on."""
        del first  # the job names its specimens
        runs = {run.name: run for run in (msgspec.convert(run, Run) for run, _ in job.common["runs"])}
        where, ids = (bundle.material.name, bundle.hired.name), job.common["specimens"]
        for part, key in zip(job.parts, job.keys, strict=True):
            told = verdict(store.get(key))
            self.cpu[f"metrics: {quality[part[0]].info['family']}"] += told.seconds
            for one in told.judged:
                if one.other:
                    self._pair(where, part[0], ids, one)
                else:
                    self._score(where, part[0], ids, one, runs[one.run])

    def skipped(self, bundle: Bundle, metrics: Sequence[str]) -> None:
        """Add a row for each metric that a run was left out of, so that nothing is missing without a reason."""
        where, first = (bundle.material.name, bundle.hired.name), bundle.material.ids[0]
        for run in bundle.runs:
            for name in metrics:
                needs = set(quality[name].info["needs"])
                varied = needs & set(KINDS) and not repeated(self.preset, run.method)
                rerun = "explain" in needs and not again(self.preset, run.method) and not checks(name)
                if varied or rerun:
                    why = skipped(run.method)
                    self.scores.append(Row(*where, run.key, name, first, run.seed, "", math.nan, math.nan, why))

    def curves(self) -> Iterator[tuple[str, str, str, str, str, float, float, int]]:
        """Return the rows of `game.lab.CURVES`: the mean over specimens where a curve is defined."""
        for (task, model, method, metric, curve), held in self._curves.items():
            x = np.asarray(held[0][0])
            y = np.concatenate([np.asarray(rows, np.float64) for grid, rows in held if len(grid) == len(x)])
            n = np.isfinite(y).sum(0)
            mean = np.where(n > 0, np.nansum(y, 0) / np.maximum(n, 1), np.nan)
            for k in range(len(x)):
                yield task, model, method, metric, curve, float(x[k]), float(mean[k]), int(n[k])

    def counts(self) -> list[Count]:
        """Return how each cell of task, model and metric was sampled: specimens, and the share that is undefined."""
        held: defaultdict[Key, list[tuple[str, float, str]]] = defaultdict(list)
        for r in self.scores:
            if not r.variant:
                held[r.task, r.model, r.metric].append((r.specimen, r.value, r.why))
        for p in self.pairs:
            held[p.task, p.model, p.metric].append((p.specimen, p.value, p.why))
        out: list[Count] = []
        for (task, model, metric), rows in held.items():
            why = Counter(reason for _, value, reason in rows if math.isnan(value))
            most = why.most_common(1)[0][0] if why else ""
            n = len({specimen for specimen, _, _ in rows})
            out.append(
                Count(
                    task=task,
                    model=model,
                    metric=metric,
                    n=n,
                    rows=len(rows),
                    undefined=sum(why.values()),
                    because=most,
                )
            )
        return out

    def values(self, task: str, model: str, metric: str, method: str) -> dict[str, float]:
        """Return the defined values of the maps under test, by specimen."""
        return self._by().get((task, model, metric, method), {})

    def chances(self, task: str, model: str, metric: str, method: str) -> dict[str, float]:
        """Return what a map that knows nothing scores on each specimen, where that is known."""
        here = (task, model, metric, method)
        known = (r for r in self.scores if (r.task, r.model, r.metric, r.method) == here and not r.variant)
        return {r.specimen: r.chance for r in known if not math.isnan(r.chance)}

    def _by(self) -> dict[tuple[str, str, str, str], dict[str, float]]:
        if self._index[0] != len(self.scores):
            made: dict[tuple[str, str, str, str], dict[str, float]] = {}
            for r in self.scores:
                if not r.variant and not math.isnan(r.value):
                    made.setdefault((r.task, r.model, r.metric, r.method), {})[r.specimen] = r.value
            self._index = len(self.scores), made
        return self._index[1]

    def _score(self, where: tuple[str, str], metric: str, ids: Sequence[str], one: Judged, run: Run) -> None:
        chance = one.chance or (math.nan,) * len(ids)
        for specimen, value, by_chance, why in zip(ids, one.values, chance, one.why, strict=True):
            if why.startswith(SPARED):
                continue
            self.scores.append(Row(*where, run.key, metric, specimen, run.seed, run.variant, value, by_chance, why))
        for name, (x, y) in one.curves.items():
            self._curves[(*where, run.key, metric, name)].append((x, y))

    def _pair(self, where: tuple[str, str], metric: str, ids: Sequence[str], one: Judged) -> None:
        for specimen, value, why in zip(ids, one.values, one.why, strict=True):
            self.pairs.append(Pair(*where, one.run, one.other, metric, specimen, value, why))
