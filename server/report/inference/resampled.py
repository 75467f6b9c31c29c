"""The bootstrap over participants and specimens at once (Owen 2007, "pigeonhole"), with its width put right.

Both sides are drawn anew, with all their rounds: it generalises to other people and other specimens. But the weight of a single
round is then a product of two draws, and varies by 2 x 2 - 1 = 3 instead of 1: what is chance in it counts three times. So the
draws are drawn together to the variance by participants plus that by specimens minus that by rounds: the sum of the two-way
standard errors (Cameron, Gelbach & Miller 2011), with t for few clusters as there. Their shape stays.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.report.inference.comparison import Comparison
from server.report.inference.effect import Effect
from server.report.inference.libraries import library
from server.report.inference.spread import groups_of, no_spread, scale_of

OWEN = "10.1214/07-AOAS122"
Floats = NDArray[np.float64]
CELLS = 8_000_000
"""Largest matrix of draws held at a time."""


def bootstrap(
    comparison: Comparison, *, seed: int = 1, resamples: int = 2000, level: float = 0.95, items: bool = True
) -> Effect:
    """Return the difference of pooled means (ratio of geometric means for times) with percentile ends.

    Args:
        comparison: The two conditions.
        seed: Draws depend on it and on how many participants and specimens there are, nothing else.
        resamples: Number of draws.
        level: Share of the draws between the ends.
        items: Draw specimens too; False says something of these specimens only.
    """
    scale = scale_of(comparison)
    if comparison.outcome.kind == "signal":
        why = "d' and criterion are estimated by cluster_robust only"
        return comparison.undefined("bootstrap", scale, why, level=level, cite=OWEN)
    if why := no_spread(comparison):
        return comparison.undefined("bootstrap", scale, why, level=level, cite=OWEN)
    values = np.log(comparison.y) if comparison.outcome.kind == "time" else comparison.y
    both = items and comparison.clusters.items > 1
    drawn = _draws(comparison, values, seed, resamples, people=True, items=both)
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) < max(20, 0.5 * resamples):
        why = "in most draws one of the conditions is empty"
        return comparison.undefined("bootstrap", scale, why, level=level, cite=OWEN)
    estimate = float(values[comparison.x == 1].mean() - values[comparison.x == 0].mean())
    raw = float(drawn.std(ddof=1))
    wanted = _wanted(comparison, values, seed, resamples) if both else raw
    drawn = estimate + (drawn - estimate) * (wanted / raw * _wider(comparison, level) if both and raw > 0 else 1.0)
    low, high = (float(end) for end in np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2]))
    p = min(1.0, 2 * (1 + min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))) / (1 + len(drawn)))
    if scale == "ratio":
        estimate, low, high = math.exp(estimate), math.exp(low), math.exp(high)
    of = "participants and specimens, drawn together to the two-way variance" if both else "participants"
    return comparison.effect(
        "bootstrap", scale, estimate=estimate, low=low, high=high, level=level, p=p, se=wanted, cite=OWEN,
        method=f"difference of pooled means, percentile bootstrap of {of}, {len(drawn)} draws, seed {seed}",
        details={"draws": float(len(drawn)), "se_before": raw},
    )  # fmt: skip


def _wider(comparison: Comparison, level: float) -> float:
    """Return how much wider t with the fewer clusters - 1 is than the normal, as in the default's intervals."""
    stats, at = library("scipy.stats"), 0.5 + level / 2
    return float(stats.t(groups_of(comparison)[1]).ppf(at) / stats.norm.ppf(at))


def _wanted(comparison: Comparison, values: Floats, seed: int, resamples: int) -> float:
    """Return the standard error by participants plus specimens minus rounds; where that leaves none, the larger of the two."""
    alone: list[float] = []
    for people, groups in ((True, comparison.clusters.participants), (False, comparison.clusters.items)):
        drawn = _draws(comparison, values, seed, resamples, people=people, items=not people)
        drawn = drawn[np.isfinite(drawn)]
        alone.append(float(drawn.var(ddof=1)) * groups / (groups - 1))
    side = comparison.x == 1
    counts: Floats = np.where(side, float(side.sum()), -float((~side).sum()))
    scores: Floats = (values - np.where(side, float(values[side].mean()), float(values[~side].mean()))) / counts
    cells = np.unique(np.column_stack([comparison.person, comparison.item]), axis=0, return_inverse=True)[1].ravel()
    variance = sum(alone) - float((np.bincount(cells, scores) ** 2).sum())
    return math.sqrt(variance if variance > 0 else max(alone))


def _draws(comparison: Comparison, values: Floats, seed: int, resamples: int, *, people: bool, items: bool) -> Floats:
    """Return one difference a draw: sums over participants x specimens, weighted by how often either was drawn."""
    sparse, counted = library("scipy.sparse"), comparison.clusters
    shape, of_person, things = (counted.participants, counted.items), comparison.person, comparison.item
    tables: list[Any] = []
    for side in (1, 0):
        at = comparison.x == side
        place = (of_person[at], things[at])
        tables += [sparse.csc_array((column, place), shape) for column in (values[at], np.ones(int(at.sum())))]
    draws, made = np.random.default_rng(seed), list[Floats]()
    step = max(1, CELLS // max(shape))
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        of_people, of_items = np.ones((count, shape[0])), np.ones((count, shape[1]))
        if people:
            of_people = draws.multinomial(shape[0], np.full(shape[0], 1 / shape[0]), size=count).astype(float)
        if items:
            of_items = draws.multinomial(shape[1], np.full(shape[1], 1 / shape[1]), size=count).astype(float)
        sums = [((table.T @ of_people.T).T * of_items).sum(axis=1) for table in tables]
        with np.errstate(divide="ignore", invalid="ignore"):
            made.append(sums[0] / sums[1] - sums[2] / sums[3])
    return np.concatenate(made)
