"""Means over images with bootstrap intervals: images are drawn with replacement, the same draws for every row of a table.

Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, Chapman & Hall (percentile interval).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVEL = 0.95
RESAMPLES = 2000
SEED = 1
WIDE = 256
"""So many rows are resampled at a time."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """A mean over images, with what it was counted from. What is undefined is NaN, never zero."""

    mean: float
    low: float
    high: float
    """Ends of the bootstrap interval; NaN for fewer than two images."""
    sd: float
    """Standard deviation over images, with n - 1; NaN for fewer than two."""
    n: int
    """Images with a value."""
    undefined: int
    """Images without one."""
    why: str = ""
    """The most frequent reason; the first by name among equals."""

    @property
    def share_undefined(self) -> float:
        """Share of images without a value; NaN where there is no image."""
        return self.undefined / (self.n + self.undefined) if self.n + self.undefined else math.nan


def spreads(
    values: Floats, why: Sequence[Sequence[str]] = (), asked: NDArray[np.bool_] | None = None, *, seed: int = SEED,
    resamples: int = RESAMPLES,
) -> list[Spread]:  # fmt: skip
    """Return one summary for each row of `values` (rows, images), NaN where undefined; `why` gives reasons alike.

    `asked` says which cells were asked for; a NaN elsewhere is not counted as undefined. Without it, all were.
    """
    lows, highs = intervals(values, seed=seed, resamples=resamples)
    found: list[Spread] = []
    for at, row in enumerate(values):
        known = row[~np.isnan(row)]
        found.append(
            Spread(
                mean=float(known.mean()) if len(known) else math.nan,
                low=float(lows[at]),
                high=float(highs[at]),
                sd=float(known.std(ddof=1)) if len(known) > 1 else math.nan,
                n=len(known),
                undefined=(len(row) if asked is None else int(asked[at].sum())) - len(known),
                why=commonest(why[at]) if why else "",
            )
        )
    return found


def intervals(values: Floats, *, seed: int = SEED, resamples: int = RESAMPLES) -> tuple[Floats, Floats]:
    """Return the ends of the intervals of the rows' means; NaN where a row has fewer than two values.

    A draw without any defined value says nothing and is left out.
    """
    rows, images = values.shape
    low, high = np.full(rows, np.nan), np.full(rows, np.nan)
    if images < 2 or resamples < 1:
        return low, high
    drawn = draws(images, seed, resamples)
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    for start in range(0, rows, WIDE):
        part = slice(start, start + WIDE)
        counts: Floats = drawn @ known[part].T.astype(np.float64)
        sums: Floats = drawn @ filled[part].T
        means = np.where(counts > 0, sums / np.maximum(counts, 1.0), np.nan)
        some = known[part].sum(axis=1) > 1
        if some.any():
            ends: Any = quantiles(means[:, some])
            low[start : start + len(some)][some], high[start : start + len(some)][some] = ends
    return low, high


def quantiles(drawn: Floats) -> Floats:
    """Return the ends of the interval (2, columns); NaN is left out, which takes longer, so only where there is any."""
    at = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    made: Any = np.quantile(drawn, at, axis=0) if not np.isnan(drawn).any() else np.nanquantile(drawn, at, axis=0)
    return made


def draws(images: int, seed: int = SEED, resamples: int = RESAMPLES) -> Floats:
    """Return how often each image is drawn, (resamples, images); equal for equal numbers."""
    made = np.random.default_rng(seed).multinomial(images, np.full(images, 1 / images), size=resamples)
    return made.astype(np.float64)


def commonest(reasons: Sequence[str]) -> str:
    """Return the most frequent reason that is not empty, the first by name among equals.

    >>> commonest(["", "no mask", "constant map", "no mask"])
    'no mask'
    """
    given = sorted(reason for reason in reasons if reason)
    return max(dict.fromkeys(given), key=given.count) if given else ""
