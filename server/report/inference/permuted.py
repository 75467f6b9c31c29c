"""Max-T by permutation (Westfall & Young 1993): several correlated outcomes or conditions at once, each p adjusted for all of them.

It permutes participants' means: arms between participants, or labels within each where everybody met both conditions. Specimens
are taken as given.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from server.report.inference.comparison import Comparison
from server.report.inference.effect import Effect
from server.report.inference.spread import TINY, no_spread, scale_of

WESTFALL_YOUNG = "10.1007/BF02595811"
"""Ge, Dudoit & Speed (2003), who describe the step-down procedure of Westfall & Young's book."""
Floats = NDArray[np.float64]
NO_DRAWS = "no draws were asked for, and its p comes from these"
NO_SPREAD = "people of a condition are all alike: there is nothing to test a difference by"
METHOD = "difference of participants' means, permutation max-T over {tests} tests, {draws} draws, seed {seed}"


def max_t(comparisons: Sequence[Comparison], *, seed: int = 1, resamples: int = 2000) -> tuple[Effect, ...]:
    """Return one effect per comparison, with p (its own permutation) and p adjusted over all of them (step-down max-T).

    All comparisons are of one study and the same kind of design. Undefined ones stay out of the family, with their reason.
    """
    why = {at: _why(each) for at, each in enumerate(comparisons)}
    used = [each for at, each in enumerate(comparisons) if not why[at]]
    within = [each.within for each in used]
    if len({each.study for each in used}) > 1 or len(set(within)) > 1:
        mixed = "the comparisons are of several studies or designs, which one permutation cannot keep"
        return tuple(each.undefined("max_t", scale_of(each), why[at] or mixed) for at, each in enumerate(comparisons))
    made = iter(_effects(used, bool(within and within[0]), seed, resamples))
    return tuple(
        each.undefined("max_t", scale_of(each), why[at], cite=WESTFALL_YOUNG) if why[at] else next(made)
        for at, each in enumerate(comparisons)
    )


def _why(each: Comparison) -> str:
    if each.outcome.kind == "signal":
        return "d' and criterion have no value per participant"
    return no_spread(each)


def _means(each: Comparison) -> dict[str, dict[str, float]]:
    """Return participant -> condition -> mean of the outcome (of the log for times)."""
    values = np.log(each.y) if each.outcome.kind == "time" else each.y
    sums: dict[str, dict[str, list[float]]] = {}
    for one, value in zip(each.rounds, values.tolist(), strict=True):
        sums.setdefault(one.participant, {}).setdefault(one.condition, []).append(value)
    return {who: {arm: math.fsum(v) / len(v) for arm, v in arms.items()} for who, arms in sums.items()}


def _effects(used: Sequence[Comparison], within: bool, seed: int, resamples: int) -> list[Effect]:
    if not used:
        return []
    means = [_means(each) for each in used]
    people = sorted({who for table in means for who in table})
    places = {who: at for at, who in enumerate(people)}
    arms = sorted({name for each in used for name in (each.contrast, each.reference)})
    cube = np.full((len(used), len(people), len(arms)), math.nan)
    for at, table in enumerate(means):
        for who, by_arm in table.items():
            for arm, value in by_arm.items():
                cube[at, places[who], arms.index(arm)] = value
    sides = [(arms.index(each.contrast), arms.index(each.reference)) for each in used]
    plain = [_told(each, table, side, within, len(used)) for each, table, side in zip(used, cube, sides, strict=True)]
    if resamples < 1:
        return [replace(each, warnings=(*each.warnings, NO_DRAWS)) for each in plain]
    seen = _statistics(cube, sides, within)
    draws, tries = np.random.default_rng(seed), np.zeros((resamples, len(used)))
    for at in range(resamples):
        tries[at] = _statistics(_shuffled(cube, draws, within), sides, within)
    single = (1 + (np.abs(tries) >= np.abs(seen) - 1e-12).sum(axis=0)) / (1 + resamples)
    adjusted = _step_down(np.abs(seen), np.abs(tries))
    said = METHOD.format(tests=len(used), draws=resamples, seed=seed)
    found = zip(plain, single.tolist(), adjusted.tolist(), strict=True)
    return [
        replace(each, p=p, p_adjusted=q, method=said)
        if each.se > 0
        else replace(each, warnings=(*each.warnings, NO_SPREAD))
        for each, p, q in found
    ]


def _shuffled(cube: Floats, draws: Any, within: bool) -> Floats:
    """Return the cube with arms exchanged: labels within each participant, or participants' whole arms."""
    _, people, arms = cube.shape
    if within:
        order = np.argsort(draws.random((people, arms)), axis=1)
        return np.take_along_axis(cube, np.broadcast_to(order, cube.shape), axis=2)
    assigned = np.isfinite(cube).any(axis=0).argmax(axis=1)
    values = np.nanmax(np.where(np.isfinite(cube), cube, -np.inf), axis=2)
    made = np.full(cube.shape, math.nan)
    made[:, np.arange(people), draws.permutation(assigned)] = np.where(np.isinf(values), math.nan, values)
    return made


def _statistics(cube: Floats, sides: Sequence[tuple[int, int]], within: bool) -> Floats:
    return np.array([_t(cube[at, :, one], cube[at, :, other], within)[1] for at, (one, other) in enumerate(sides)])


def _t(one: Floats, other: Floats, within: bool) -> tuple[float, float, float]:
    """Return the difference, its t (paired or Welch's), and its standard error."""
    if within:
        pairs = (one - other)[np.isfinite(one - other)]
        count = len(pairs)
        gap, variance = (float(pairs.mean()), float(pairs.var(ddof=1)) / count) if count > 1 else (0.0, 0.0)
    else:
        a, b = one[np.isfinite(one)], other[np.isfinite(other)]
        if min(len(a), len(b)) < 2:
            return 0.0, 0.0, 0.0
        gap, variance = float(a.mean() - b.mean()), float(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return (gap, gap / math.sqrt(variance), math.sqrt(variance)) if variance > TINY else (gap, 0.0, 0.0)


def _step_down(seen: Floats, tries: Floats) -> Floats:
    """Return Westfall & Young's step-down p: the largest statistic against the maximum of all, the next of the rest, ..."""
    order = np.argsort(-seen)
    tails = np.maximum.accumulate(tries[:, order[::-1]], axis=1)[:, ::-1]
    p = (1 + (tails >= seen[order] - 1e-12).sum(axis=0)) / (1 + len(tries))
    made = np.empty_like(p)
    made[order] = np.maximum.accumulate(p)
    return made


def _told(each: Comparison, table: Floats, side: tuple[int, int], within: bool, tests: int) -> Effect:
    """Return the difference without its p, which draws tell."""
    gap, _, se = _t(table[:, side[0]], table[:, side[1]], within)
    scale = scale_of(each)
    made = each.effect(
        "max_t", scale, estimate=math.exp(gap) if scale == "ratio" else gap, se=se, cite=WESTFALL_YOUNG,
        method="difference of participants' means",
    )  # fmt: skip
    return replace(made, adjustment=f"max-T, {tests} test{'s' * (tests > 1)}")
