"""What people alone make of a specimen: how likely one of them chooses what the AI says, told from few answers.

A share of few answers is noise, and noise in a baseline leaves what the baseline stands for in everything that is estimated
beside it (errors in variables; Carroll et al. 2006, chapter 4). So z of the chance is a latent normal over specimens, with a mean
for right and one for wrong suggestions and one spread, found by EM from the answers alone (empirical Bayes); each specimen gets
its expected value, and how uncertain that is. A specimen that nobody answered alone has the mean of its kind.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TURNS = 300
CLOSE = 1e-5
SPREAD, WORTH = 0.7, 20
"""What the spread over specimens is drawn towards, and how many specimens that is worth."""
GRID: Floats = np.linspace(-5.0, 5.0, 201)
_cdf: Any = np.frompyfunc(NormalDist().cdf, 1, 1)
_CHANCE: Floats = np.clip(np.asarray(_cdf(GRID), dtype=np.float64), 1e-9, 1 - 1e-9)


class Solo(NamedTuple):
    """One value a specimen and label: expected z of the chance that somebody alone chooses the label, and its variance."""

    z: Floats
    variance: Floats
    means: tuple[float, float]
    """Of wrong and of right suggestions."""
    spread: float
    error: float
    """Variance of the difference of the two means."""


def estimated(chosen: Floats, answers: Floats, right: NDArray[np.bool_], weights: Floats) -> Solo:
    """Return the chances of specimens (n,).

    Args:
        chosen: How often people alone chose the label.
        answers: How many answered alone; may be 0.
        right: Whether the label is right.
        weights: How much each specimen counts, e.g. in how many rounds it was met.
    """
    logs = chosen[:, None] * np.log(_CHANCE) + (answers - chosen)[:, None] * np.log1p(-_CHANCE)
    sides = (~right, right)
    means, spread = [_start(chosen[s], answers[s], weights[s]) for s in sides], SPREAD
    counts = weights / weights.mean()
    z, variance = np.zeros(len(chosen)), np.zeros(len(chosen))
    for _ in range(TURNS):
        middle: Floats = np.where(right, means[1], means[0])
        z, variance = _posterior(logs, middle, spread)
        told = [float(np.average(z[s], weights=weights[s])) for s in sides]
        middle = np.where(right, told[1], told[0])
        wide = math.sqrt((float(counts @ (variance + (z - middle) ** 2)) + WORTH * SPREAD**2) / (len(counts) + WORTH))
        moved = max(abs(a - b) for a, b in zip([*told, wide], [*means, spread], strict=True))
        means, spread = told, wide
        if moved < CLOSE:
            break
    error = sum(_error(z[s], variance[s], weights[s], mean, spread) for s, mean in zip(sides, means, strict=True))
    return Solo(z, variance, (means[0], means[1]), spread, error)


def _start(chosen: Floats, answers: Floats, weights: Floats) -> float:
    """Return z of the pooled share."""
    share = (float((weights * chosen).sum()) + 0.5) / (float((weights * answers).sum()) + 1)
    return NormalDist().inv_cdf(share)


def _posterior(logs: Floats, middle: Floats, spread: float) -> tuple[Floats, Floats]:
    """Return mean and variance of each specimen's z, given its answers."""
    joint: Floats = logs - 0.5 * ((GRID - middle[:, None]) / spread) ** 2
    joint = np.exp(joint - joint.max(axis=1, keepdims=True))
    joint /= joint.sum(axis=1, keepdims=True)
    z: Floats = joint @ GRID
    variance: Floats = np.maximum(joint @ GRID**2 - z**2, 0.0)
    return z, variance


def _error(z: Floats, variance: Floats, weights: Floats, mean: float, spread: float) -> float:
    """Return the variance of a mean from the specimens' scores."""
    scores = weights * (z - mean) / spread**2
    information = float((weights * (spread**2 - variance)).sum()) / spread**4
    return float((scores**2).sum()) / information**2 if information > 0 else math.inf
