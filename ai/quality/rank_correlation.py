"""Rank correlations of two maps."""

from __future__ import annotations

from ai.coarse import coarse, correlations, ranks
from ai.quality import Case, Maps, Scores, quality

SIDE = 28
"""Maps are compared on this grid; finer differences are not seen."""


@quality("spearman", family="agreement", reads="pair", random=0.0, cite="doi:10.2307/1412159", unit="correlation")
def spearman(a: Maps, b: Maps, case: Case) -> Scores:
    """Return Spearman's correlation of the evidence for the target on a grid of 28: 1 the same order, 0 unrelated.

    Ties are at their mean rank.
    """
    del case
    return Scores(correlations(ranks(coarse(a, SIDE)), ranks(coarse(b, SIDE))))
