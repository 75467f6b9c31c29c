"""Do metrics agree on which method is best? Kendall's coefficient of concordance W, corrected for ties.

W is 1 where all metrics order the methods alike, 0 where they do not agree at all; (m W - 1) / (m - 1) is the mean Spearman
correlation of two of m metrics. Source: Kendall 1948, Rank Correlation Methods, Griffin.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from server.report.lab.spread import LEVEL, SEED, Floats, draws

RESAMPLES = 500
HALF = 0.5
"""A metric needs values of so many of the methods, and a method of so many of the metrics, to be kept."""


class Concord(msgspec.Struct, frozen=True, kw_only=True):
    """How far metrics agree about methods; `why_undefined` where there is no W."""

    w: float
    low: float = math.nan
    high: float = math.nan
    """Bootstrap interval over images."""
    p: float = math.nan
    """Of no agreement at all, by chi-square with methods - 1 degrees of freedom."""
    pairwise: float = math.nan
    """Mean Spearman correlation of two metrics."""
    methods: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """Methods and metrics without enough values."""
    first: tuple[tuple[str, int], ...] = ()
    """Method -> on how many metrics it comes first (shared places count for each)."""
    why_undefined: str = ""


def concordance(scores: Floats) -> tuple[float, float]:
    """Return W and p of `scores` (metrics, methods), larger is better, no value missing; NaN where all are tied.

    >>> concordance(np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]))[0]
    1.0
    """
    stats: Any = importlib.import_module("scipy.stats")
    raters, items = scores.shape
    ranks: Floats = stats.rankdata(scores, axis=1)
    # Mean ranks lose a twelfth of the sum of t^3 - t over groups of t ties from their sum of squares.
    ties = 12 * (raters * items * (items + 1) * (2 * items + 1) / 6 - float((ranks**2).sum()))
    below = raters**2 * (items**3 - items) - raters * ties
    if below < 1e-9 * raters**2 * items**3:
        return math.nan, math.nan
    sums = ranks.sum(axis=0)
    w = float(12 * ((sums - sums.mean()) ** 2).sum() / below)
    return w, float(stats.chi2.sf(raters * (items - 1) * w, items - 1))


def concord(methods: tuple[str, ...], metrics: tuple[str, ...], values: Floats, better: Sequence[int]) -> Concord:
    """Return the agreement of metrics about methods; `values` (metrics, methods, images), `better` +1 or -1 per metric.

    A metric that knows fewer than half of the methods is left out, then each method that a metric left does not know.
    """
    sense = np.array(better, float)
    once: Any = np.ones(values.shape[2])
    means = _means(values, once) * sense[:, None] if values.size else np.zeros((0, 0))
    rows, columns = _complete(means)
    left = tuple(name for i, name in enumerate(metrics) if i not in rows)
    left += tuple(name for j, name in enumerate(methods) if j not in columns)
    if len(rows) < 2 or len(columns) < 3:
        why = f"metrics with values: {len(rows)} of at least 2; methods: {len(columns)} of at least 3"
        return Concord(w=math.nan, left_out=left, why_undefined=why)
    kept: Floats = means[np.ix_(rows, columns)]
    w, p = concordance(kept)
    low, high = _interval(values[np.ix_(rows, columns)], sense[rows])
    firsts = (kept == kept.max(axis=1, keepdims=True)).sum(axis=0)
    names = tuple(methods[j] for j in columns)
    m = len(rows)
    return Concord(
        w=w, low=low, high=high, p=p, pairwise=(m * w - 1) / (m - 1), methods=names, left_out=left,
        metrics=tuple(metrics[i] for i in rows),
        first=tuple(sorted(((n, int(k)) for n, k in zip(names, firsts, strict=True) if k), key=lambda f: (-f[1], f[0]))),
        why_undefined="" if not math.isnan(w) else "all methods are tied on every metric",
    )  # fmt: skip


def _complete(means: Floats) -> tuple[list[int], list[int]]:
    known = ~np.isnan(means)
    rows = [i for i in range(len(known)) if known[i].mean() > HALF]
    columns = [j for j in range(known.shape[1]) if rows and known[rows, j].all()]
    return rows, columns


def _means(values: Floats, weights: Floats) -> Floats:
    """Return means over images, drawn `weights` times each; NaN where none has a value."""
    known = ~np.isnan(values)
    sums: Floats = np.where(known, values, 0.0) @ weights
    counts: Floats = known.astype(float) @ weights
    return np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan)


def _interval(values: Floats, sense: Floats) -> tuple[float, float]:
    """Return the bootstrap interval of W; resamples in which a cell has no value are left out."""
    if values.shape[2] < 2:
        return math.nan, math.nan
    found: list[float] = []
    every = draws(values.shape[2], SEED, RESAMPLES)
    for at in range(len(every)):
        means = _means(values, every[at]) * sense[:, None]
        if not np.isnan(means).any():
            found.append(concordance(means)[0])
    if not found:
        return math.nan, math.nan
    ends: Any = np.nanquantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(ends[0]), float(ends[1])
