"""Item sets: which specimens are played together, drawn once for the study or for each participant, balanced over strata."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence

from msgspec.structs import replace

from game.items import RARE, USUAL, FromLab, ItemSet
from game.pack import Manifest, Specimen
from game.study import Study


class TooFew(ValueError):
    """The pack has too few specimens of a kind for the sets that a study asks for."""


def draw_sets(study: Study, manifest: Manifest, seed: str = "") -> Mapping[str, tuple[Specimen, ...]]:
    """Return set name -> specimens. Sets are disjoint; equal study, pack and seed give equal sets. Raises TooFew, KeyError.

    `seed` is the participant's; only `fresh` sets depend on it.
    """
    by_id = {specimen.id: specimen for specimen in manifest.specimens}
    taken = {name for items in study.set for name in items.specimens}
    lab = study.lab
    made: dict[str, tuple[Specimen, ...]] = {}
    for items in sorted(study.set, key=lambda one: one.fresh):
        if items.specimens:
            made[items.name] = tuple(by_id[name] for name in items.specimens)
            continue
        rng = random.Random(f"{seed}/set/{items.name}" if items.fresh else f"{study.seed}/{items.name}")
        pool = [s for s in pool_of(items, manifest, lab) if s.id not in taken]
        made[items.name] = tuple(by_id[s.id] for s in draw_one(items, pool, rng, manifest))
        taken |= {specimen.id for specimen in made[items.name]}
    return made


def pool_of(items: ItemSet, manifest: Manifest, lab: FromLab | None = None) -> list[Specimen]:
    """Return the specimens that a set may be drawn from, each with its disagreement as the study's lab results have it."""
    pool = [known for s in manifest.specimens if fits(items, known := as_compared(s, lab))]
    if lab and lab.sane:
        pool = [s for s in pool if s.id not in lab.left_out]
    if lab and items.highlight:
        named = set(lab.differ if items.highlight == "differ" else lab.same)
        pool = [s for s in pool if s.id in named]
    if not items.disagree:
        return pool
    ranked = sorted((s for s in pool if s.disagreement is not None), key=lambda s: (s.disagreement or 0.0, s.id))
    half = len(ranked) // 2
    return ranked[:half] if items.disagree == "low" else ranked[len(ranked) - half :]


def as_compared(s: Specimen, lab: FromLab | None) -> Specimen:
    """Return a specimen with the disagreement that the lab found, unknown where its maps could not be compared."""
    return replace(s, disagreement=lab.disagreement.get(s.id)) if lab else s


def fits(items: ItemSet, s: Specimen) -> bool:
    """Tell whether a specimen may be drawn for a set."""
    if s.split != items.split or any(s.context.get(key) != value for key, value in items.context.items()):
        return False
    for low, high, value in ((*items.difficulty, s.difficulty), (*items.disagreement, s.disagreement)):
        if (low > 0 or high < 1) and not (value is not None and low <= value <= high):
            return False
    if items.pairs:
        return {items.model, items.second} <= s.advice.keys() and right(s, items.model) != right(s, items.second)
    return True


def wrong_of(items: ItemSet) -> int:
    """Return how many of a set the AI gets wrong; -1 where it is left to chance.

    >>> wrong_of(ItemSet("a", n=27, ai_wrong=8)), wrong_of(ItemSet("a", n=20, model="net"))
    (8, 6)
    >>> wrong_of(ItemSet("a", n=40, error_rate="rare")), wrong_of(ItemSet("a", n=5))
    (3, -1)
    """
    rate = items.error_rate
    if items.ai_wrong >= 0:
        return items.ai_wrong
    if rate == "chance" or (rate == "" and not items.model):
        return -1
    if rate == "rare":
        return max(1, round(RARE * items.n))
    return round((USUAL if isinstance(rate, str) else rate) * items.n)


def right(s: Specimen, model: str) -> bool:
    """Tell whether a model is right about a specimen."""
    return s.advice[model].label == s.truth


def draw_one(items: ItemSet, pool: list[Specimen], rng: random.Random, manifest: Manifest) -> tuple[Specimen, ...]:
    """Draw one set from a pool. Raises TooFew."""
    kinds = {s.id: kind for s, kind in zip(pool, strata_of(items, pool, manifest), strict=True)}
    if items.square:
        return _halved(items, pool, rng, kinds)
    wrong = wrong_of(items)
    if wrong < 0:
        return _balanced(items, pool, items.n, rng, kinds, "specimens")
    bad = [s for s in pool if items.model in s.advice and not right(s, items.model)]
    good = [s for s in pool if items.model in s.advice and right(s, items.model)]
    had: Counter[Hashable] = Counter()
    drawn = _balanced(items, bad, wrong, rng, kinds, f"specimens that {items.model} gets wrong", had)
    more = f"specimens that {items.model} gets right"
    return drawn + _balanced(items, good, items.n - wrong, rng, kinds, more, had)


def _halved(
    items: ItemSet, pool: list[Specimen], rng: random.Random, kinds: Mapping[str, tuple[Hashable, ...]]
) -> tuple[Specimen, ...]:
    """Draw half of a square from the specimens on which `model` is right, half from those on which `second` is."""
    had: Counter[Hashable] = Counter()
    half = items.n - items.n // 2
    first = [s for s in pool if right(s, items.model)]
    other = [s for s in pool if not right(s, items.model)]
    drawn = _balanced(items, first, half, rng, kinds, f"specimens that only {items.model} gets right", had)
    return drawn + _balanced(
        items, other, items.n - half, rng, kinds, f"specimens that only {items.second} gets right", had
    )


def _balanced(
    items: ItemSet,
    pool: list[Specimen],
    n: int,
    rng: random.Random,
    kinds: Mapping[str, tuple[Hashable, ...]],
    what: str,
    had: Counter[Hashable] | None = None,
) -> tuple[Specimen, ...]:
    """Draw `n`, each time of a kind drawn least so far (ties by chance); `had` counts on over several draws."""
    if len(pool) < n:
        raise TooFew(f"set {items.name!r} needs {n} {what}, the pack has {len(pool)} left")
    pool, counts = list(pool), Counter[Hashable]() if had is None else had
    rng.shuffle(pool)
    drawn: list[Specimen] = []
    for _ in range(n):
        load = {kind: sum(counts[each] for each in kind) for kind in {kinds[s.id] for s in pool}}
        chosen = min(pool, key=lambda s: load[kinds[s.id]])
        pool.remove(chosen)
        counts.update(kinds[chosen.id])
        drawn.append(chosen)
    return tuple(drawn)


def strata_of(items: ItemSet, pool: Sequence[Specimen], manifest: Manifest) -> list[tuple[Hashable, ...]]:
    """Return for each specimen of a pool its strata, as (stratum, value) pairs."""
    edges = {
        name: _edges([value for s in pool if (value := getattr(s, name)) is not None], items.bins)
        for name in ("difficulty", "disagreement")
        if name in items.strata
    }
    made: list[tuple[Hashable, ...]] = []
    for s in pool:
        values: dict[str, Hashable] = {"truth": s.truth}
        if "context" in items.strata:
            values["context"] = tuple(sorted(s.context.items()))
        if "conflict" in items.strata:
            values["conflict"] = speaks_against(s, manifest)
        for name, bounds in edges.items():
            known = getattr(s, name)
            values[name] = None if known is None else bisect_left(bounds, known)
        made.append(tuple((name, values[name]) for name in items.strata))
    return made


def _edges(values: list[float], bins: int) -> list[float]:
    """Return the upper edges of all bins but the last, so that each holds equally many."""
    ordered = sorted(values)
    return [ordered[len(ordered) * i // bins - 1] for i in range(1, bins) if len(ordered) * i // bins]


def speaks_against(s: Specimen, manifest: Manifest) -> bool:
    """Tell whether a specimen's context makes another class likeliest than its picture does."""
    classes = len(manifest.classes)
    image = s.posterior_image or s.posterior
    if not image or not s.context:
        return False
    told = [1.0] * classes
    for context in manifest.contexts:
        value = next((v for v in context.values if v.key == s.context.get(context.key)), None)
        if value and value.prior:
            told = [a * b for a, b in zip(told, value.prior, strict=True)]
    return max(told) > min(told) and told.index(max(told)) != image.index(max(image))
