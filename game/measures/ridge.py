"""Conditional logit with a Gaussian prior, by Newton's method: which weights turn features of options into choices.

u[n, k] = sum_j w[j] x[n, k, j]; P(k | n) = softmax(u[n])[k]. Targets are shares of 1 over the options, so that answers (one 1)
and probabilities of a model or an ideal observer are fitted alike.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_linalg: Any = np.linalg
STEPS = 60
CLOSE = 1e-9
SOFT = 1e-2
"""Precision of the default prior (standard deviation 10): bounds weights where answers are separable, moves no others."""


class Fitted(NamedTuple):
    """Weights (J), the inverse of the penalised information (J, J), P(option) per round (n, K), log-likelihood."""

    weights: Floats
    covariance: Floats
    probabilities: Floats
    loglik: float


def fit(x: Floats, targets: Floats, centre: Floats | None = None, precision: Floats | None = None) -> Fitted:
    """Fit weights.

    Args:
        x: Features (n, K, J).
        targets: Shares over the options (n, K); rows sum to 1.
        centre: Mean of the prior (J); 0.
        precision: Of the prior, (J) or (J, J); `SOFT`.
    """
    count = x.shape[2]
    middle: Any = np.zeros(count) if centre is None else centre
    given: Any = np.full(count, SOFT) if precision is None else precision
    prior: Any = np.diag(given) if given.ndim == 1 else given
    w: Any = np.array(middle)
    best = _objective(w, x, targets, middle, prior)
    for _ in range(STEPS):
        p = probabilities(x, w)
        slope: Any = np.einsum("nk,nkj->j", targets - p, x) - prior @ (w - middle)
        step: Any = _linalg.solve(_information(x, p) + prior, slope)
        w, now, moved = _climb(w, step, best, lambda at: _objective(at, x, targets, middle, prior))
        best = now
        if moved < CLOSE:
            break
    p = probabilities(x, w)
    covariance: Any = _linalg.inv(_information(x, p) + prior)
    return Fitted(w, covariance, p, _loglik(x, targets, w))


def _climb(w: Floats, step: Floats, best: float, objective: Callable[[Floats], float]) -> tuple[Floats, float, float]:
    """Go along the step, halving it until nothing is lost; return where, how good it is there, and how far it went."""
    size = 1.0
    while size > CLOSE:
        there: Floats = w + size * step
        now = objective(there)
        if now >= best - 1e-12:
            return there, now, size * float(np.abs(step).max())
        size /= 2
    return w, best, 0.0


def probabilities(x: Floats, w: Floats) -> Floats:
    """Return P(option) (n, K)."""
    u: Floats = x @ w
    u = np.exp(u - u.max(axis=1, keepdims=True))
    made: Floats = u / u.sum(axis=1, keepdims=True)
    return made


def clustered(x: Floats, targets: Floats, fitted: Fitted, groups: NDArray[np.int64]) -> Floats:
    """Return the covariance (J, J) that is robust to dependence within groups: the one-step cluster jackknife; needs two groups.

    Each group is left out in turn and one Newton step made without it (MacKinnon, Nielsen & Webb 2023, arXiv 2301.04527): with few
    groups, sums of scores alone are too small, as every fit bends towards the groups that it has.
    """
    steps: Any = fitted.weights - without(x, targets, fitted, groups)
    count = len(steps)
    made: Floats = steps.T @ steps * (count - 1) / count
    return made


def without(x: Floats, targets: Floats, fitted: Fitted, groups: NDArray[np.int64]) -> Floats:
    """Return the weights (G, J) without each group of rounds, 0 to G - 1, by one Newton step."""
    p = fitted.probabilities
    scores: Floats = np.einsum("nk,nkj->nj", targets - p, x)
    whole: Any = _linalg.inv(fitted.covariance)
    order = np.argsort(groups, kind="stable")
    made: list[Any] = []
    for rows in np.split(order, np.searchsorted(groups[order], np.arange(1, int(groups.max()) + 1))):
        rest: Any = whole - _information(x[rows], p[rows])
        made.append(fitted.weights - _linalg.solve(rest + 1e-9 * np.eye(len(rest)), scores[rows].sum(axis=0)))
    return np.array(made)


def half_width(groups: int) -> float:
    """Return the 97.5 % point of t with `groups` - 1 degrees of freedom, by its expansion around the normal's.

    >>> round(half_width(31), 3), round(half_width(11), 2)
    (2.042, 2.23)
    """
    z, df = NormalDist().inv_cdf(0.975), max(1, groups - 1)
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / df + second / df**2 + third / df**3


def _information(x: Floats, p: Floats) -> Floats:
    middle = np.einsum("nk,nkj->nj", p, x)
    flat: Floats = (x * np.sqrt(p)[:, :, None]).reshape(
        -1, x.shape[2]
    )  # three factors in one einsum take ten times as long
    made: Floats = flat.T @ flat - middle.T @ middle
    return made


def _loglik(x: Floats, targets: Floats, w: Floats) -> float:
    u: Floats = x @ w
    top = u.max(axis=1, keepdims=True)
    logs = u - top - np.log(np.exp(u - top).sum(axis=1, keepdims=True))
    return float((targets * logs).sum())


def _objective(w: Floats, x: Floats, targets: Floats, centre: Floats, prior: Floats) -> float:
    away = w - centre
    return _loglik(x, targets, w) - 0.5 * float(away @ prior @ away)
