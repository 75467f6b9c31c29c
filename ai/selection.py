"""Chooses which specimens of a pool enter a study: sure truths only, and AI errors whose cause is known.

The cause of an error is found by experiment: the scene is drawn again without its confounder, occluder or difficulty,
and where the teammate is then right, that was it. Errors without such a cause are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.drawing import draw_all
from ai.recipe import Selection
from ai.source import Source
from ai.teammate import Teammate


class TooFew(ValueError):
    """The pool holds too few specimens of some kind; says which, and what to change."""


@dataclass(frozen=True)
class Pool:
    """Drawn scenes with what the first teammate says of them: logits (N, K), posterior (N, K), truth (N,)."""

    scenes: Sequence[Any]
    logits: NDArray[np.float32]
    posterior: NDArray[np.float64]
    truth: NDArray[np.int64]
    sure: NDArray[np.bool_]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Tell where the teammate is right."""
        return self.logits.argmax(1) == self.truth


@dataclass
class Chosen:
    """What was chosen: pool indices in playing order of the pack, which are practice, and why the teammate errs."""

    indices: list[int] = field(default_factory=list[int])
    practice: list[int] = field(default_factory=list[int])
    causes: dict[int, str] = field(default_factory=dict[int, str])


def draw_pool(name: str, source: Source, mate: Teammate, selection: Selection, workers: int = 1) -> Pool:
    """Draw the pool and let the teammate answer it."""
    scenes = source.scenes(selection.pool, selection.seed, **selection.scenes)
    pictures = draw_all(name, scenes, mate.size, workers)
    posterior = np.array([source.posterior(s) for s in scenes])
    truth = np.array([s.truth for s in scenes])
    sure = posterior[np.arange(len(truth)), truth] >= selection.sure
    return Pool(scenes, mate.logits(pictures), posterior, truth, sure)


def choose(pool: Pool, causes: Mapping[int, str], classes: Sequence[str], selection: Selection) -> Chosen:
    """Choose study and practice specimens, the same number of each class; raises TooFew naming every shortage."""
    rng = np.random.default_rng([selection.seed, 2])
    out, short = Chosen(causes=dict(causes)), list[str]()
    spare: dict[bool, list[int]] = {True: [], False: []}
    for k, key in enumerate(classes):
        for right, count in ((True, selection.right), (False, selection.wrong)):
            usable = [
                i
                for i in np.flatnonzero(pool.sure & (pool.right == right) & (pool.truth == k)).tolist()
                if right or i in causes
            ]
            order = (
                _varied(rng.permutation(usable).astype(int).tolist(), causes)
                if not right
                else rng.permutation(usable).astype(int).tolist()
            )
            if len(order) < count:
                short.append(
                    f"{key}: {len(order)} specimens the teammate gets {'right' if right else 'wrong'}, {count} wanted"
                )
            out.indices += order[:count]
            spare[right] += order[count : count + 2]
    for right, count in ((True, selection.practice_right), (False, selection.practice_wrong)):
        if len(spare[right]) < count:
            short.append(f"practice: {len(spare[right])} specimens left over, {count} wanted")
        out.practice += rng.permutation(spare[right]).astype(int).tolist()[:count]
    if short:
        raise TooFew("; ".join(short) + ": draw a larger pool, or make it harder")
    out.indices = rng.permutation(out.indices).astype(int).tolist()
    return out


def find_causes(name: str, source: Source, mate: Teammate, pool: Pool) -> dict[int, str]:
    """Return, for each sure specimen the teammate gets wrong, what it would need to be right; causeless ones are left out."""
    wrong = np.flatnonzero(pool.sure & ~pool.right).tolist()
    found: dict[int, list[str]] = {}
    for cause in source.variants(pool.scenes[0]):
        changed = [i for i in wrong if source.variants(pool.scenes[i])[cause] != pool.scenes[i]]
        if not changed:
            continue
        pictures = draw_all(name, [source.variants(pool.scenes[i])[cause] for i in changed], mate.size)
        for i, answer in zip(changed, mate.logits(pictures).argmax(1).tolist(), strict=True):
            if answer == pool.truth[i]:
                found.setdefault(i, []).append(cause)
    return {i: " ".join(causes) for i, causes in found.items()}


def _varied(order: list[int], causes: Mapping[int, str]) -> list[int]:
    """Return the same specimens so that causes take turns."""
    groups: dict[str, list[int]] = {}
    for i in order:
        groups.setdefault(causes[i].split()[0], []).append(i)
    return [group[k] for k in range(len(order)) for group in groups.values() if k < len(group)]
