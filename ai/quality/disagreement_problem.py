"""Agreement as in the disagreement problem: which features come first, in which order, with which sign.

Features of a picture are the cells of a grid. Their rank is by absolute value; the `top` first are those that count.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ai.coarse import Numbers, coarse, correlations, ranks
from ai.quality import Case, Maps, Scores, quality

SIDE, TOP = 7, 10
"""Features are the cells of a grid of 7, and the first ten of 49 count."""

declared = partial(
    quality,
    family="agreement",
    reads="pair",
    cite="Krishna et al. 2022, arXiv:2202.01602",
    unit="share",
)


@declared("feature_agreement", takes="absolute", random=TOP / SIDE**2)
def feature_agreement(a: Maps, b: Maps, case: Case) -> Scores:
    """Return the share of the ten first features that two maps have in common."""
    del case
    (x, _), (y, _) = _features(a), _features(b)
    return Scores(((x <= TOP) & (y <= TOP)).sum(1) / TOP)


@declared("rank_agreement", takes="absolute", random=1 / SIDE**2)
def rank_agreement(a: Maps, b: Maps, case: Case) -> Scores:
    """Return the share of the ten first features that two maps have in common at the same rank."""
    del case
    (x, _), (y, _) = _features(a), _features(b)
    return Scores(((x <= TOP) & (x == y)).sum(1) / TOP)


@declared("sign_agreement", takes="signed", random=TOP / SIDE**2 / 2)
def sign_agreement(a: Maps, b: Maps, case: Case) -> Scores:
    """Return the share of the ten first features that two signed maps have in common with the same sign."""
    del case
    (x, p), (y, q) = _features(a), _features(b)
    return Scores(((x <= TOP) & (y <= TOP) & (p == q)).sum(1) / TOP)


@declared("signed_rank_agreement", takes="signed", random=1 / SIDE**2 / 2)
def signed_rank_agreement(a: Maps, b: Maps, case: Case) -> Scores:
    """Return the share of the ten first features that two signed maps have at the same rank with the same sign."""
    del case
    (x, p), (y, q) = _features(a), _features(b)
    return Scores(((x <= TOP) & (x == y) & (p == q)).sum(1) / TOP)


@declared("feature_rank_correlation", takes="absolute", random=0.0)
def feature_rank_correlation(a: Maps, b: Maps, case: Case) -> Scores:
    """Return Spearman's correlation of two maps over all features, by absolute value."""
    del case
    return Scores(correlations(*(ranks(np.abs(coarse(m, SIDE))) for m in (a, b))))


@declared("pairwise_rank_agreement", takes="absolute", random=0.5)
def pairwise_rank_agreement(a: Maps, b: Maps, case: Case) -> Scores:
    """Return the share of all pairs of features that two maps put in the same order; a tie counts with a tie only."""
    del case
    p, q = _orders(a), _orders(b)
    return Scores((p == q).mean(1))


def _features(maps: Maps) -> tuple[NDArray[np.int64], Numbers]:
    """Return the rank of each feature, from 1, and its sign; features that tie come in reading order."""
    values = coarse(maps, SIDE)
    order = np.argsort(-np.abs(values), axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.broadcast_to(np.arange(1, order.shape[1] + 1), order.shape), 1)
    return places, np.sign(values)


def _orders(maps: Maps) -> Numbers:
    values = np.abs(coarse(maps, SIDE))
    left, right = np.triu_indices(values.shape[1], 1)
    return np.sign(values[:, left] - values[:, right])
