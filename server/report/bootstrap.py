"""The participant bootstrap: percentile intervals for means over participants and for pooled ratios, from the same draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from game.estimate import Estimate

Floats = NDArray[np.float64]
CELLS = 4_000_000
"""Largest matrix of draws held at a time; more participants are drawn in several turns."""
NONE = (math.nan, math.nan)


class Resampled(NamedTuple):
    """Lower and upper ends for the mean and for the pooled ratio; NaN where fewer than two participants have a value."""

    mean: tuple[float, float]
    pooled: tuple[float, float]


def resample(estimates: Sequence[Sequence[Estimate]], seed: int, resamples: int, confidence: float) -> list[Resampled]:
    """Return one interval per measure; `estimates[measure][participant]`, participants in the same order in each.

    Participants are drawn with replacement and bring all their rounds. Draws depend on `seed` and the number of participants
    only. A draw in which no participant has a value says nothing about it and is left out.
    """
    people = len(estimates[0]) if estimates else 0
    if people < 2 or resamples < 1:
        return [Resampled(NONE, NONE)] * len(estimates)
    columns = np.array([_columns(each) for each in zip(*estimates, strict=True)])
    draws = np.random.default_rng(seed)
    sums: list[Floats] = []
    step = max(1, CELLS // people)
    for start in range(0, resamples, step):
        counts = draws.multinomial(people, np.full(people, 1 / people), size=min(step, resamples - start))
        sums.append(np.tensordot(counts.astype(np.float64), columns, axes=1))
    drawn: Floats = np.concatenate(sums)
    known: list[int] = (columns[:, :, 1].sum(axis=0)).astype(int).tolist()
    return [
        Resampled(_ends(drawn[:, at, 0:2], confidence), _ends(drawn[:, at, 2:4], confidence))
        if known[at] > 1
        else Resampled(NONE, NONE)
        for at in range(len(estimates))
    ]


def _columns(of_person: Sequence[Estimate]) -> list[tuple[float, float, float, float]]:
    """Return per measure: value, 1, numerator, denominator; all 0 where undefined, so that sums ignore it."""
    return [
        (each.value, 1.0, each.numerator or 0.0, each.denominator or 0.0) if each.defined else (0.0, 0.0, 0.0, 0.0)
        for each in of_person
    ]


def _ends(sums: Floats, confidence: float) -> tuple[float, float]:
    """Return the percentiles of first column over second, of the draws where the second is not 0."""
    some: Floats = sums[sums[:, 1] > 0]
    if not len(some):
        return NONE
    tail = (1 - confidence) / 2
    low, high = (float(end) for end in _quantiles(some[:, 0] / some[:, 1], [tail, 1 - tail]))
    return low, high


def _quantiles(values: Floats, at: list[float]) -> Any:
    return np.quantile(values, at)
