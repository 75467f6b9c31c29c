"""From one model's maps to the jobs that judge them: which metrics, on which scenes, with which variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ai.job import Job
from ai.jobstore import JobStore
from ai.lab.judging import Heap, judge_job
from ai.lab.mapping import SHARD
from ai.lab.material import Material
from ai.lab.nets import Hired
from ai.lab.presets import FEW, Preset, again, repeated
from ai.lab.runs import Run, is_control
from game.registry import quality

JUDGED = 3 * SHARD
"""Scenes of a job that asks the model nothing."""
KINDS = ("method_seed", "hyper_parameter", "model_seed", "checkpoint")
REFERENCES = ("random", "ground_truth")
"""Controls that are compared with every method; the others would only make the tables of pairs longer."""
PLAIN = ("localisation", "complexity")
"""Families that judge varied maps too, for the share of each source of variation."""


@dataclass
class Bundle:
    """One model of one task: its targets, the runs that it allows, and the jobs that make their maps."""

    material: Material
    hired: Hired
    targets: tuple[int, ...]
    runs: list[Run]
    refused: dict[str, str]
    maps: list[Job] = field(default_factory=list[Job])
    varied: dict[str, tuple[Run, list[Job], int]] = field(default_factory=dict[str, tuple[Run, list[Job], int]])
    """Name of a varied run -> the run, its jobs, which part of them it is."""

    def judging(self, store: JobStore, preset: Preset, metrics: Sequence[str], seed: int) -> list[tuple[Job, int]]:
        """Return the jobs that judge the maps, each with the number of its first scene; the longest come first."""
        at = _Maker(self, store, preset, seed)
        of = {name: quality[name].info for name in metrics}
        rerun = [n for n in metrics if "explain" in of[n]["needs"]]
        asking = [n for n in metrics if of[n]["reads"] == "model" and n not in rerun]
        pairs = [n for n in metrics if of[n]["reads"] == "pair"]
        kinds = [n for n in metrics if set(of[n]["needs"]) & set(KINDS)]
        plain = [n for n in metrics if of[n]["reads"] == "map" and n not in kinds]
        every = range(len(self.material.scenes))
        made = self._rerun(at, preset, rerun)
        for count in sorted({repeated(preset, run.method) for run in self.runs} - {0}):
            runs = [run for run in self.runs if repeated(preset, run.method) == count]
            made += at.jobs(kinds, runs, every[:count], JUDGED, variants=True)
            others = [run for run, _, _ in self.varied.values() if repeated(preset, run.method) == count]
            made += at.jobs([n for n in plain if of[n]["family"] in PLAIN], others, every[:count], JUDGED)
        made += at.jobs(asking, self.runs, every, SHARD)
        compared = [run for run in self.runs if run.method in REFERENCES or not is_control(run.method)]
        made += at.jobs(pairs, compared, every, JUDGED)
        return made + at.jobs(plain, self.runs, every, JUDGED)

    def _rerun(self, at: _Maker, preset: Preset, metrics: Sequence[str]) -> list[tuple[Job, int]]:
        """Return the jobs of metrics that run methods again: noisy images and other models apart, as they share nothing."""
        every, made = range(len(self.material.scenes)), list[tuple[Job, int]]()
        noisy = [n for n in metrics if quality[n].info["family"] == "robustness"]
        for count in sorted({again(preset, run.method) for run in self.runs}, reverse=True):
            runs = [run for run in self.runs if again(preset, run.method) == count]
            if not count:
                made += at.jobs([n for n in metrics if checks(n)], runs, every[:FEW], JUDGED)
                continue
            for names in (noisy, [n for n in metrics if n not in noisy]):
                made += at.jobs(names, runs, every[:count], JUDGED)
        return made

    def results(self, store: JobStore, run: Run, first: int, last: int) -> tuple[list[bytes], list[str]]:
        """Return the stored maps of a run for scenes `first` to `last`, with their keys; `first` begins a shard."""
        if run.variant:
            _, jobs, part = self.varied[run.name]
        else:
            jobs, part = self.maps, [r.name for r in self.runs].index(run.name)
        keys = [job.keys[part] for job in jobs[first // SHARD : -(-last // SHARD)]]
        return [store.get(key) for key in keys], keys


def checks(metric: str) -> bool:
    """Tell whether a metric sets a bound that a sane method keeps to."""
    info = quality[metric].info
    return info["least"] is not None or info["most"] is not None


@dataclass
class _Maker:
    bundle: Bundle
    store: JobStore
    preset: Preset
    seed: int

    def jobs(
        self, metrics: Sequence[str], runs: Sequence[Run], scenes: range, shard: int, *, variants: bool = False
    ) -> list[tuple[Job, int]]:
        """Return jobs of `shard` scenes each."""
        if not metrics or not runs:
            return []
        out: list[tuple[Job, int]] = []
        for first in range(0, len(scenes), shard):
            last = min(first + shard, len(scenes))
            heaps = [self._heap(run, first, last, variants=variants) for run in runs]
            about = self._about(first, last)
            b = self.bundle
            made = judge_job(about, b.material.source, b.hired.net, heaps, metrics, self.preset, b.material.others)
            out.append((made, first))
        return out

    def _about(self, first: int, last: int) -> dict[str, Any]:
        b, rows = self.bundle, slice(first, last)
        about: dict[str, Any] = {"task": b.material.name, "model": b.hired.name, "seed": self.seed}
        about |= {"scenes": list(b.material.scenes[rows]), "specimens": list(b.material.ids[rows])}
        return about | {"targets": list(b.targets[rows])}

    def _heap(self, run: Run, first: int, last: int, *, variants: bool) -> Heap:
        data, keys = self.bundle.results(self.store, run, first, last)
        maps = {"": [data]}
        if variants:
            for other, _, _ in self.bundle.varied.values():
                if other.key == run.key:
                    more, their = self.bundle.results(self.store, other, first, last)
                    maps.setdefault(other.variant.partition(":")[0], []).append(more)
                    keys = [*keys, *their]
        return Heap(run=run, maps=maps, keys=keys)
