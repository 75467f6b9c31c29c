"""One comparison from beginning to end: gather, train what is missing, make maps, vary them, judge, write.

All work runs as jobs whose results are kept beside the folder, so a comparison that was killed goes on where it was. In
memory are the maps of one task at a time, compressed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from ai import answering
from ai.job import Job
from ai.jobstore import JobStore, jobs_of
from ai.lab import mapping, nets
from ai.lab.bundles import Bundle
from ai.lab.mapping import charted
from ai.lab.material import Material, gather
from ai.lab.nets import Hired
from ai.lab.presets import PRESETS, Preset, repeated
from ai.lab.results import write
from ai.lab.rows import Rows
from ai.lab.runs import Run, chosen, reseeded, valid, varied
from ai.workshop import Engine, Talk, Workshop
from game.lab import Lab
from game.registry import engine, quality


class Comparison:
    """A comparison of methods on one or several tasks. `paths` are studies, recipes or packs.

    `methods` is "all", "recipe" or names with commas; `models` and `metrics` are names, all where empty (a metric may be
    named by its family). `retrained` is how many times each model is trained again under another seed, `checkpoints`
    compares with the moments after each epoch. Raises ValueError and Unknown.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        preset: str = "standard",
        images: int = 0,
        methods: str = "all",
        models: Sequence[str] = (),
        metrics: Sequence[str] = (),
        retrained: int = 0,
        checkpoints: bool = False,
        seed: int = 0,
        workers: int = 1,
        on: str = "local",
        address: str = "",
        talk: Talk = lambda _: None,
    ) -> None:
        self.name, self.preset, self.seed, self.talk = preset, _preset(preset, images), seed, talk
        self.materials = [gather(path, self.preset.images) for path in paths]
        twice = [m.name for m in self.materials if [n.name for n in self.materials].count(m.name) > 1]
        if twice:
            raise ValueError(
                f"two of the recipes are called {twice[0]!r}: a results folder tells tasks apart by that name"
            )
        _some_model(self.materials, models)
        self.methods, self.models, self.metrics = methods, tuple(models), _metrics(metrics)
        self.retrained, self.checkpoints, self.workers = retrained, checkpoints, workers
        self.engine: Engine = engine[on].thing(workers, address)
        self.seconds: dict[str, float] = {}
        self.notes: list[str] = []

    def into(self, folder: Path) -> Lab:
        """Compare and write the results folder; returns its summary."""
        self.store = JobStore(jobs_of(folder))
        self.workshop = Workshop(self.engine, self.store, self.talk)
        kept = self.store.folder / "weights"
        with self._timed("training"):
            hired = {m.name: nets.hire(m, self.models, self.workers, self.talk) for m in self.materials}
            more = {m.name: {one.name: self._more(m, one, kept) for one in hired[m.name]} for m in self.materials}
        shared = {one.net.digest: one.data for group in hired.values() for one in group}
        shared |= {net.digest: data for group in more.values() for kind in group.values() for _, net, data in kind}
        self.notes += [one.note for group in hired.values() for one in group if one.note]
        try:
            self.engine.start(shared)
            with self._timed("maps"):
                bundles = self._mapped(hired)
            with self._timed("variants"):
                self._varied(bundles, more)
            with self._timed("metrics"):
                rows = self._judged(bundles)
        finally:
            self.engine.stop()
        with self._timed("writing"):
            made = write(folder, self, bundles, rows)
        self.store.sweep(self.workshop.used)
        return made

    def _more(self, material: Material, one: Hired, kept: Path) -> list[tuple[str, answering.Net, bytes]]:
        if not (self.retrained or self.checkpoints):
            return []
        kept.mkdir(parents=True, exist_ok=True)
        made: list[tuple[str, answering.Net, bytes]] = []
        for n in range(1, self.retrained + 1):
            made += nets.retrained(material, one, one.recipe.training.seed + n, kept, self.workers, self.talk)
        return made + (nets.checkpoints(material, one, kept, self.workers, self.talk) if self.checkpoints else [])

    def _mapped(self, hired: dict[str, list[Hired]]) -> list[Bundle]:
        """Ask the models, and make the maps under test."""
        bundles: list[Bundle] = []
        for m in self.materials:
            told = self._answers(m, hired[m.name])
            for one in hired[m.name]:
                runs, refused = valid(chosen(m.recipe, self.methods), one.mate.has, one.name)
                bundle = Bundle(m, one, m.answers.get(one.name) or told[one.name], runs, refused)
                bundle.maps = mapping.jobs(m.source, m.scenes, bundle.targets, one.net, runs, m.others)
                bundles.append(bundle)
        self.workshop.make("maps", [job for bundle in bundles for job in bundle.maps])
        for bundle in bundles:
            self._drop(bundle)
        return bundles

    def _answers(self, m: Material, hired: Sequence[Hired]) -> dict[str, tuple[int, ...]]:
        jobs = answering.jobs(m.source, m.scenes, [one.net for one in hired])
        self.workshop.make("answers", jobs)
        k = len(m.made.species)
        return {
            one.name: tuple(
                int(c) for job in jobs for c in answering.logits(self.workshop.get(job.keys[n]), k).argmax(1)
            )
            for n, one in enumerate(hired)
        }

    def _drop(self, bundle: Bundle) -> None:
        """Leave out runs that failed on every scene, as refused with their reason: what they need is not in the model."""
        for run in list(bundle.runs):
            errors = [charted(data).error for data in bundle.results(self.store, run, 0, len(bundle.targets))[0]]
            if all(errors):
                bundle.refused[run.key] = errors[0]
        kept = [n for n, run in enumerate(bundle.runs) if run.key not in bundle.refused]
        bundle.runs = [bundle.runs[n] for n in kept]
        bundle.maps = [_parts(job, kept) for job in bundle.maps]

    def _varied(
        self, bundles: Sequence[Bundle], more: dict[str, dict[str, list[tuple[str, answering.Net, bytes]]]]
    ) -> None:
        for b in bundles:
            for count in sorted({repeated(self.preset, run.method) for run in b.runs} - {0}):
                runs = [run for run in b.runs if repeated(self.preset, run.method) == count]
                own = [v for run in runs for v in (*reseeded(run, self.preset), *varied(run, self.preset))]
                self._vary(b, b.hired.net, own, count)
                for variant, net, _ in more[b.material.name][b.hired.name]:
                    self._vary(b, net, [replace(run, variant=variant) for run in runs], count)
        jobs = {job.keys[0]: job for b in bundles for _, held, _ in b.varied.values() for job in held}
        self.workshop.make("variants", list(jobs.values()))
        for b in bundles:
            for name, (run, jobs_, part) in list(b.varied.items()):
                errors = {charted(self.store.get(job.keys[part])).error for job in jobs_}
                if why := next(filter(None, errors), ""):
                    self.notes.append(f"{b.material.name}, {b.hired.name}, {run.name}: not compared with, {why}")
                    del b.varied[name]

    def _vary(self, b: Bundle, net: answering.Net, runs: list[Run], count: int) -> None:
        if runs:
            m = b.material
            jobs = mapping.jobs(m.source, m.scenes[:count], b.targets[:count], net, runs, m.others)
            b.varied |= {run.name: (run, jobs, part) for part, run in enumerate(runs)}

    def _judged(self, bundles: Sequence[Bundle]) -> Rows:
        rows = Rows(self.preset)
        for m in self.materials:
            mine = [b for b in bundles if b.material is m]
            jobs = [
                (b, job, first)
                for b in mine
                for job, first in b.judging(self.store, self.preset, self.metrics, self.seed)
            ]
            self.workshop.make(f"metrics of {m.name}", [job for _, job, _ in jobs])
            for b, job, first in jobs:
                rows.add(b, job, first, self.store)
            for b in mine:
                rows.skipped(b, self.metrics)
        return rows

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[stage] = round(time.monotonic() - started, 1)


def _parts(job: Job, kept: Sequence[int]) -> Job:
    return replace(job, parts=tuple(job.parts[n] for n in kept), keys=tuple(job.keys[n] for n in kept))


def accuracy(bundle: Bundle) -> float:
    """Return the share of the task's specimens that a model gets right."""
    return float(np.mean(np.array(bundle.targets) == np.array(bundle.material.truths)))


def _preset(name: str, images: int) -> Preset:
    if name not in PRESETS:
        raise ValueError(f"no preset is called {name!r}; known: {', '.join(PRESETS)}")
    made = PRESETS[name]
    return made if not images else _with_images(made, images)


def _with_images(made: Preset, images: int) -> Preset:
    fewer = {name: min(getattr(made, name), images) for name in ("repeated", "again", "costly")}
    return replace(made, images=images, **fewer)


def _some_model(materials: Sequence[Material], names: Sequence[str]) -> None:
    """Raise ValueError where a recipe would take part without a model, or nobody has one of the names."""
    known = {name for m in materials for name in m.recipe.models}
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"no model is called {unknown[0]!r}; there are {', '.join(sorted(known))}")
    for m in materials:
        if names and not set(names) & set(m.recipe.models):
            raise ValueError(f"{m.name} has none of the models {', '.join(names)}; it has {', '.join(m.recipe.models)}")


def _metrics(names: Sequence[str]) -> tuple[str, ...]:
    """Return the metrics named, each by its name or its family; all where none is. Raises Unknown."""
    if not names:
        return quality.names()
    families = {e.info["family"] for e in quality}
    wanted = {e.name for e in quality if e.info["family"] in names}
    wanted |= {quality[name].name for name in names if name not in families}
    return tuple(name for name in quality.names() if name in wanted)
