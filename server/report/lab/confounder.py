"""Does a map reveal that the model goes by a confounder? Its mass there for the biased model against the fair one's, paired."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from server.report.lab.contrast import holm, sign_flip
from server.report.lab.results import Case, Results
from server.report.lab.spread import Floats, Spread, intervals, spreads

ALPHA = 0.05
HIDES = 0.05
"""A method hides the bias where even the interval's upper end is a smaller gain than this (of the metric's range 0 to 1)."""


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """One method and metric: the biased model against the fair one, on the same specimens."""

    task: str
    biased: str
    fair: str
    method: str
    metric: str
    control: bool
    with_bias: Spread
    without: Spread
    gain: Spread
    """With bias minus without, per specimen."""
    p: float
    p_holm: float
    """Over the methods of one metric and pair of models, controls left out."""
    verdict: str
    """"exposes", "hides", "undecided" or "undefined"."""


def exposures(results: Results) -> Iterator[Exposure]:
    """Yield all methods of every biased model whose fair fellow was judged too."""
    metrics = [m.name for m in results.lab.metrics if "confounder" in m.needs and m.better in ("higher", "lower", "")]
    for case in results.cases:
        fair = results.case(case.task.name, case.model.fair) if case.model.fair else None
        if fair is None:
            continue
        for metric in metrics:
            if metric in case.scores and metric in fair.scores:
                yield from _exposures(results, case, fair, metric)


def _exposures(results: Results, biased: Case, fair: Case, metric: str) -> Iterator[Exposure]:
    one, other = biased.scores[metric], fair.scores[metric]
    both = [
        (name, a, fair.methods.index(name))
        for a, name in enumerate(biased.methods)
        if name in fair.methods and one.judged(a) and other.judged(fair.methods.index(name))
    ]
    if not both:
        return
    first: Floats = one.values[[a for _, a, _ in both]]
    second: Floats = other.values[[b for _, _, b in both]]
    shared = ~np.isnan(first) & ~np.isnan(second)
    first, second = np.where(shared, first, np.nan), np.where(shared, second, np.nan)
    gains, chances = spreads(first - second), sign_flip(first - second)
    explain = np.array([name not in results.controls for name, _, _ in both])
    adjusted = holm(np.where(explain, chances, np.nan))
    beyond = intervals(first - one.chance[[a for _, a, _ in both]])[0]
    rows = zip(both, spreads(first), spreads(second), gains, strict=True)
    for at, ((name, _, _), with_bias, without, gain) in enumerate(rows):
        p = float(chances[at] if not explain[at] else adjusted[at])
        yield Exposure(
            task=biased.task.name, biased=biased.model.name, fair=fair.model.name, method=name, metric=metric,
            control=name in results.controls, with_bias=with_bias, without=without, gain=gain, p=float(chances[at]),
            p_holm=float(adjusted[at]), verdict=verdict(gain, p, float(beyond[at])),
        )  # fmt: skip


def verdict(gain: Spread, p: float, beyond: float = math.nan) -> str:
    """Return what a gain says; a gain that is zero on every specimen hides.

    `beyond` is the lower end of the interval of the biased model's mass above the confounder's area; NaN where that is not known.
    """
    if gain.n < 2:
        return "undefined"
    if gain.mean > 0 and p < ALPHA and not beyond <= 0:
        return "exposes"
    if not math.isnan(gain.high) and gain.high < HIDES:
        return "hides"
    return "undecided"
