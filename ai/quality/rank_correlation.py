"""Agreement of two maps by the order and the size of their values."""

from __future__ import annotations

from functools import partial

import numpy as np

from ai.coarse import Numbers, coarse, correlations, ranks
from ai.quality import Case, Maps, Scores, quality

SIDE, SIDE_OF_PAIRS = 28, 14
"""Maps are compared on these grids, finer differences are not seen; the coarser one where every two cells are compared."""

declared = partial(quality, family="agreement", reads="pair", random=0.0, unit="correlation")


@declared("spearman", cite="Spearman 1904, as in Adebayo et al. 2018, NeurIPS, arXiv:1810.03292")
def spearman(a: Maps, b: Maps, case: Case) -> Scores:
    """Return Spearman's correlation of the evidence for the target on a grid of 28: 1 the same order, 0 unrelated.

    Ties are at their mean rank.
    """
    del case
    return Scores(correlations(ranks(coarse(a, SIDE)), ranks(coarse(b, SIDE))))


@declared("kendall", cite="Kendall 1938, tau-b as scipy.stats.kendalltau defines it")
def kendall(a: Maps, b: Maps, case: Case) -> Scores:
    """Return Kendall's tau-b of the evidence for the target on a grid of 14: of every two cells, which holds more."""
    del case
    return Scores(
        np.array([_tau(x, y) for x, y in zip(coarse(a, SIDE_OF_PAIRS), coarse(b, SIDE_OF_PAIRS), strict=True)])
    )


@quality("cosine", family="agreement", reads="pair", cite="", unit="cosine")
def cosine(a: Maps, b: Maps, case: Case) -> Scores:
    """Return the cosine of the evidence for the target on a grid of 28: 1 alike up to a factor, 0 nowhere in common."""
    del case
    x, y = coarse(a, SIDE), coarse(b, SIDE)
    return Scores((x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1)))


def _tau(x: Numbers, y: Numbers) -> float:
    """Return tau-b, or NaN where one of them is the same everywhere."""
    upper = np.triu_indices(len(x), 1)
    p, q = (np.sign(v[upper[0]] - v[upper[1]]) for v in (x, y))
    norm = np.sqrt(np.abs(p).sum() * np.abs(q).sum())
    return float((p * q).sum() / norm) if norm > 0 else np.nan
