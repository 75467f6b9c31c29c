"""Where a worker stands: one model over a few scenes with everything that methods and metrics may need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.answering import Net, hired
from ai.engine import explain
from ai.explanation import Maps
from ai.job import Job
from ai.lab.runs import Run
from ai.passes import Passes
from ai.quality import Case
from ai.render import enlarge
from ai.source import Source
from ai.sources import open_source
from ai.surroundings import Surroundings, evidence, surround
from ai.teammate import Teammate
from game.canonical import Digest


@dataclass(frozen=True)
class Bench:
    """One model over the scenes of a job. `targets` are the class indices that are explained."""

    source: Source
    mate: Teammate
    scenes: tuple[Any, ...]
    targets: tuple[int, ...]
    passes: Passes

    @property
    def size(self) -> int:
        """The side of the images."""
        return int(self.passes.images.shape[-1])

    def case(self, task: str, model: str, specimens: Sequence[str], seed: int) -> Case:
        """Return what metrics are told of the scenes; the maps' own facts are added for each method."""
        masks, weights = self._evidence()
        return Case(
            self.targets,
            seed=seed,
            task=task,
            model=model,
            specimens=tuple(specimens),
            masks=masks,
            weights=weights,
            confounder=self._confounder(),
            parts=self._parts(),
            passes=self.passes,
        )

    def again(self, run: Run, passes: Passes, targets: Sequence[int]) -> NDArray[np.float32]:
        """Return the maps of a run over any passes, (m, H, W) at the images' size; raises ValueError."""
        if passes.surroundings is None:
            passes.surroundings = self.passes.surroundings
        made = explain(run.method, passes, targets, run.seed, **run.params)
        if not isinstance(made, Maps):
            raise ValueError(f"{run.method!r} gives no map")
        return large(made.values, passes.images.shape[-1])

    def _evidence(self) -> tuple[dict[str, NDArray[np.bool_]], dict[str, NDArray[np.float64]]]:
        found = [evidence(self.source, scene, self.size) for scene in self.scenes]
        cues = list(found[0]) if found else []
        masks = {cue: np.stack([one[cue].mask for one in found]) for cue in cues}
        weights = {
            cue: np.array([one[cue].weight[t] for one, t in zip(found, self.targets, strict=True)]) for cue in cues
        }
        return masks, weights

    def _confounder(self) -> NDArray[np.bool_] | None:
        masks = np.stack([self.source.confounder(scene, self.size) for scene in self.scenes])
        return masks if masks.any() else None

    def _parts(self) -> dict[str, NDArray[np.bool_]]:
        found = [self.source.parts(scene, self.size) for scene in self.scenes]
        none = np.zeros((self.size, self.size), np.bool_)
        return {
            name: np.stack([one.get(name, none) for one in found])
            for name in dict.fromkeys(k for f in found for k in f)
        }


def bench(job: Job, shared: Mapping[Digest, bytes]) -> Bench:
    """Return the bench of a job: `source`, `net`, `scenes` and `targets` are in `common`, `others` in `extra`."""
    given = job.common
    net = Net(*given["net"][:3])
    source = open_source(given["source"])
    mate = hired(net, shared[net.digest])
    scenes, others = tuple(given["scenes"]), tuple(job.extra.get("others", ()))
    pictures = np.stack([source.draw(scene, mate.size) for scene in scenes])
    passes = mate.passes(pictures)
    passes.digest = mate.digest
    passes.surroundings = _around(_Held(given["source"], net, source, mate, scenes, others))
    return Bench(source, mate, scenes, tuple(given["targets"]), passes)


def large(maps: NDArray[Any], size: int) -> NDArray[np.float32]:
    """Return (n, h, w) maps at (n, size, size), as participants see them enlarged."""
    if maps.shape[1:] == (size, size):
        return np.asarray(maps, np.float32)
    finite: NDArray[np.bool_] = np.asarray(np.isfinite(maps).reshape(len(maps), -1).all(1))
    return np.stack([enlarge(m, size) if good else np.full((size, size), np.nan, np.float32)
                     for m, good in zip(maps, finite, strict=True)])  # fmt: skip


@dataclass(frozen=True)
class _Held:
    """What surroundings are made from; equal keys hold equal things."""

    name: str
    net: Net
    source: Source
    mate: Teammate
    scenes: tuple[Any, ...]
    others: tuple[Any, ...]

    def __hash__(self) -> int:
        return hash((self.name, self.net, self.scenes))

    def __eq__(self, other: object) -> bool:
        mine = (self.name, self.net, self.scenes)
        return isinstance(other, _Held) and mine == (other.name, other.net, other.scenes)


@lru_cache(maxsize=2)
def _around(held: _Held) -> Surroundings:
    """Return the surroundings of scenes; a worker draws them once for jobs on the same."""
    made = surround(held.source, held.mate, held.scenes, others=held.others)
    known = all(made.twins.values()) if made.twins else False
    masks = made.masks if all(made.masks.values()) else {}
    return Surroundings(twins=made.twins if known else {}, masks=masks, others=made.others)
