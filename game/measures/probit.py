"""The probit model of a group: who differ by a normal intercept, with a baseline that is known only about.

P(yes) = Phi((x w + u) / sqrt(1 + b^2 v)), u normal over participants, b the weight of the last column and v the variance of what
is not known of it: the exact integral over a normal error in that column.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

NODES = 15
STEPS = 80
Floats = NDArray[np.float64]
_linalg: Any = np.linalg
_cdf: Any = np.frompyfunc(NormalDist().cdf, 1, 1)
_hermite: Any = np.polynomial.hermite_e.hermegauss(NODES)
_NODES: Floats = _hermite[0]
_WEIGHTS: Floats = _hermite[1] / math.sqrt(2 * math.pi)


class Data(NamedTuple):
    """Answers of a group."""

    x: Floats
    """(n, J) columns, the intercept among them."""
    sign: Floats
    """(n,) 1 for yes and -1 for no."""
    groups: NDArray[np.int64]
    """(n,) participant: 0, 1, ..."""
    blur: Floats
    """(n,) variance of the last column's error; all 0 where it is exact."""
    prior: tuple[float, float] | None = None
    """Mean and standard deviation of a normal prior of the last weight."""


class Climbed(NamedTuple):
    """Weights with the log standard deviation of participants (J + 1), and their covariance (J + 1, J + 1) from the scores."""

    at: Floats
    covariance: Floats


def climbed(data: Data) -> Climbed:
    """Return where the likelihood times the prior is greatest, by scoring with step halving from 0."""
    at: Any = np.zeros(data.x.shape[1] + 1)
    at[-1] = math.log(0.5)
    centre, precision = np.zeros(len(at)), np.zeros((len(at), len(at)))
    if data.prior is not None:
        centre[-2], precision[-2, -2] = data.prior[0], data.prior[1] ** -2
    best, scores = _likelihood(at, data)
    best -= _away(at, centre, precision)
    for _ in range(STEPS):
        slope: Floats = scores.sum(axis=0) - precision @ (at - centre)
        step: Any = _linalg.solve(scores.T @ scores + precision + 1e-6 * np.eye(len(at)), slope)
        size = min(1.0, 1.0 / max(1e-12, float(np.abs(step).max())))
        gained = 0.0
        while size > 1e-6:
            there: Any = at + size * step
            there[-1] = min(2.0, max(-4.0, float(there[-1])))
            now, found = _likelihood(there, data)
            now -= _away(there, centre, precision)
            if now >= best:
                at, best, scores, gained = there, now, found, now - best
                break
            size /= 2
        if gained < 1e-8:
            break
    return Climbed(at, _linalg.pinv(scores.T @ scores + precision))


def _away(at: Floats, centre: Floats, precision: Floats) -> float:
    return 0.5 * float((at - centre) @ precision @ (at - centre))


def _likelihood(at: Floats, data: Data) -> tuple[float, Floats]:
    """Return the log-likelihood and each participant's score."""
    x, sign, groups, blur, _ = data
    sd, b = math.exp(float(at[-1])), float(at[-2])
    narrow: Floats = 1 / np.sqrt(1 + b**2 * blur)
    whole: Floats = (x @ at[:-1])[:, None] + sd * _NODES
    u: Floats = (sign * narrow)[:, None] * whole
    p: Floats = np.maximum(np.asarray(_cdf(u), dtype=np.float64), 1e-12)
    logs = np.zeros((int(groups.max()) + 1, NODES))
    np.add.at(logs, groups, np.log(p))
    top = logs.max(axis=1, keepdims=True)
    joint = np.exp(logs - top) * _WEIGHTS
    total = joint.sum(axis=1, keepdims=True)
    mills = sign[:, None] * np.exp(-0.5 * u**2) / math.sqrt(2 * math.pi) / p
    pulled: Floats = mills * (joint / total)[groups]
    slopes: Floats = (pulled.sum(axis=1) * narrow)[:, None] * x
    slopes[:, -1] -= (pulled * whole).sum(axis=1) * b * blur * narrow**3
    each = np.column_stack([slopes, (pulled * _NODES).sum(axis=1) * narrow * sd])
    scores = np.zeros((len(logs), len(at)))
    np.add.at(scores, groups, each)
    return float((np.log(total) + top).sum()), scores
