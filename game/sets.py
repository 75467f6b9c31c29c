"""Item sets: which specimens are played together, drawn once for the whole study and balanced over classes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

from game.pack import Manifest, Specimen
from game.study import ItemSet, Study


class TooFew(ValueError):
    """The pack has too few specimens of a kind for the sets that a study asks for."""


def draw_sets(study: Study, manifest: Manifest) -> Mapping[str, tuple[Specimen, ...]]:
    """Return set name -> specimens. Sets are disjoint; equal study and pack give equal sets. Raises TooFew, KeyError."""
    by_id = {specimen.id: specimen for specimen in manifest.specimens}
    taken = {name for items in study.set for name in items.specimens}
    made: dict[str, tuple[Specimen, ...]] = {}
    for items in study.set:
        if items.specimens:
            made[items.name] = tuple(by_id[name] for name in items.specimens)
            continue
        rng = random.Random(f"{study.seed}/{items.name}")
        pool = [s for s in manifest.specimens if s.split == items.split and s.id not in taken]
        made[items.name] = _draw(items, pool, rng)
        taken |= {specimen.id for specimen in made[items.name]}
    return made


def _draw(items: ItemSet, pool: list[Specimen], rng: random.Random) -> tuple[Specimen, ...]:
    if items.ai_wrong < 0:
        return _balanced(items, pool, items.n, rng, "specimens")
    right = [s for s in pool if _right(s, items.model)]
    wrong = [s for s in pool if not _right(s, items.model)]
    drawn = _balanced(items, wrong, items.ai_wrong, rng, f"specimens that {items.model} gets wrong")
    classes = Counter(s.truth for s in drawn)
    return drawn + _balanced(
        items, right, items.n - items.ai_wrong, rng, f"specimens that {items.model} gets right", classes
    )


def _balanced(
    items: ItemSet, pool: list[Specimen], n: int, rng: random.Random, what: str, had: Counter[str] | None = None
) -> tuple[Specimen, ...]:
    """Draw `n`, each time from the class drawn least so far (ties by chance)."""
    if len(pool) < n:
        raise TooFew(f"set {items.name!r} needs {n} {what}, the pack has {len(pool)} left")
    pool, counts = list(pool), Counter(had or {})
    rng.shuffle(pool)
    drawn: list[Specimen] = []
    for _ in range(n):
        chosen = min(pool, key=lambda s: counts[s.truth])
        pool.remove(chosen)
        counts[chosen.truth] += 1
        drawn.append(chosen)
    return tuple(drawn)


def _right(specimen: Specimen, model: str) -> bool:
    return specimen.advice[model].label == specimen.truth
