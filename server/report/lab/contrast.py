"""Is one method better than another on the same images? Paired sign-flip tests of the mean difference, Holm over all pairs.

Under the null hypothesis the two methods of an image may change places, so each sign of its difference is equally likely. All
sign patterns are tried where there are at most 2^15 (16 images), else DRAWN of them are drawn. Sources: Ernst 2004,
Statistical Science 19(4) 676-685 (the test); Holm 1979, Scandinavian Journal of Statistics 6, 65-70, doi:10.2307/4615733.
"""

from __future__ import annotations

import math
from itertools import combinations

import msgspec
import numpy as np

from server.report.lab.sizes import images_needed
from server.report.lab.spread import SEED, Floats, intervals

EXACT = 16
"""So many images at most have all their sign patterns tried."""
DRAWN = 20_000
ROWS, COLUMNS = 4096, 4096
CLOSE = 1e-9
"""Relative difference below which two sums count as the same."""


class Contrast(msgspec.Struct, frozen=True, kw_only=True):
    """First method minus second, on the images where both have a value."""

    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    """Two-sided; NaN where undefined."""
    p_holm: float = math.nan
    n: int
    sd: float
    """Of the differences over images."""
    needed: int = 0
    """Images at which this difference would be found with 80 % power; 0 where there is none."""
    why_undefined: str = ""


def contrasts(names: tuple[str, ...], values: Floats, *, seed: int = SEED) -> list[Contrast]:
    """Return all pairs of rows of `values` (methods, images), adjusted by Holm over those that could be tested."""
    pairs = list(combinations(range(len(names)), 2))
    if not pairs:
        return []
    differences = np.array([values[a] - values[b] for a, b in pairs])
    lows, highs = intervals(differences, seed=seed)
    chances = sign_flip(differences, seed=seed)
    adjusted = holm(chances)
    return [
        _contrast((names[a], names[b]), row, (float(lows[i]), float(highs[i])), float(chances[i]), float(adjusted[i]))
        for i, ((a, b), row) in enumerate(zip(pairs, differences, strict=True))
    ]


def _contrast(names: tuple[str, str], row: Floats, ends: tuple[float, float], p: float, p_holm: float) -> Contrast:
    known = row[~np.isnan(row)]
    mean = float(known.mean()) if len(known) else math.nan
    sd = float(known.std(ddof=1)) if len(known) > 1 else math.nan
    why = "" if len(known) > 1 else f"images where both have a value: {len(known)}"
    if not why and not known.any():
        why = "both have the same value on every image"
    return Contrast(
        first=names[0], second=names[1], difference=mean, low=ends[0], high=ends[1], p=p, p_holm=p_holm, n=len(known),
        sd=sd, needed=images_needed(mean, sd), why_undefined=why,
    )  # fmt: skip


def sign_flip(differences: Floats, *, seed: int = SEED) -> Floats:
    """Return two-sided p of the mean of each row of `differences` (pairs, images); NaN for fewer than two values or all zero.

    A missing value counts as zero, whose sign changes nothing: the same as leaving the image out.
    """
    known = ~np.isnan(differences)
    filled = np.where(known, differences, 0.0)
    observed = np.abs(filled.sum(axis=1))
    scale = np.abs(filled).sum(axis=1)
    signs, exact = _signs(differences.shape[1], seed)
    beyond = np.zeros(len(filled))
    for start in range(0, len(filled), COLUMNS):
        part = slice(start, start + COLUMNS)
        least = observed[part] - CLOSE * scale[part]
        for top in range(0, len(signs), ROWS):
            beyond[part] += (np.abs(signs[top : top + ROWS] @ filled[part].T) >= least).sum(axis=0)
    chances = beyond / len(signs) if exact else (beyond + 1) / (len(signs) + 1)
    return np.where((known.sum(axis=1) > 1) & (scale > 0), chances, np.nan)


def _signs(images: int, seed: int) -> tuple[Floats, bool]:
    """Return sign patterns (patterns, images) and whether they are all; the first sign is +, as a pattern's opposite equals it."""
    if images > EXACT:
        drawn = np.random.default_rng(seed).integers(0, 2, (DRAWN, images))
        return (drawn * 2 - 1).astype(np.float64), False
    patterns = np.arange(2 ** max(0, images - 1), dtype=np.int64)
    bits = [((patterns >> at) & 1).astype(np.float64) for at in reversed(range(images))]
    signs: Floats = 1.0 - 2.0 * np.stack(bits, axis=1) if bits else np.ones((1, 0))
    return signs, True


def holm(chances: Floats) -> Floats:
    """Return p adjusted by Holm's step-down procedure over those that are defined.

    >>> holm(np.array([0.01, 0.04, np.nan, 0.03])).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    adjusted = np.full(len(chances), np.nan)
    tested = np.flatnonzero(~np.isnan(chances))
    order = tested[np.argsort(chances[tested], kind="stable")]
    steps = chances[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if len(order) else steps
    return adjusted
