"""Does a map reveal that the model goes by a confounder? Its mass there for the biased model against the fair one's, paired.

The rule is that of `exposures` in lab.json (see `game.lab.Exposure`), and what stands there is taken over.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from game.lab import NOTICEABLE
from server.report.lab.contrast import holm, sign_flip
from server.report.lab.results import Case, Results
from server.report.lab.spread import Floats, Spread, intervals, spreads

MASS = "confounder_mass"
"""The metric that lab.json judges by."""
LEAST = 3
"""Specimens, from which on there is a verdict."""
WORDS = {True: "exposes", False: "hides", None: "undecided"}


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
    """"exposes", "hides", "undecided" or "undefined"; p has no part in it."""


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
    pair = (*biased.key, fair.model.name)
    told = {e.method: e.exposed for e in results.lab.exposures if (e.task, e.model, e.fair) == pair and e.n >= LEAST}
    rows = zip(both, spreads(first), spreads(second), gains, strict=True)
    for at, ((name, _, _), with_bias, without, gain) in enumerate(rows):
        said = WORDS[told[name]] if metric == MASS and name in told else verdict(gain, float(beyond[at]))
        yield Exposure(
            task=biased.task.name, biased=biased.model.name, fair=fair.model.name, method=name, metric=metric,
            control=name in results.controls, with_bias=with_bias, without=without, gain=gain, p=float(chances[at]),
            p_holm=float(adjusted[at]), verdict=said,
        )  # fmt: skip


def verdict(gain: Spread, beyond: float = math.nan) -> str:
    """Return what a gain says by its interval over specimens, as `exposures` in lab.json does.

    `beyond` is the lower end of the interval of the biased model's mass above the confounder's area; NaN where that is not known.
    """
    if gain.n < LEAST or math.isnan(gain.low):
        return "undefined"
    if gain.low > NOTICEABLE and not beyond <= 0:
        return "exposes"
    return "hides" if gain.high < NOTICEABLE or beyond <= 0 else "undecided"
