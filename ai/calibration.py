"""Temperature: one number that makes stated confidence as frequent as being right, on the items people will see.

Guo et al. 2017, arXiv:1706.04599. The items may be weighted, so that a pool stands for a study with other error rates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def softmax(logits: Floats, temperature: float = 1.0) -> NDArray[np.float64]:
    """Return (N, K) probabilities of (N, K) logits divided by `temperature`."""
    z = np.asarray(logits, np.float64) / temperature
    z = np.exp(z - z.max(1, keepdims=True))
    return z / z.sum(1, keepdims=True)


def temperature(logits: Floats, truth: NDArray[np.integer], weights: Floats | None = None) -> float:
    """Return the temperature in [0.05, 20] that minimises the weighted log loss, to about 1e-4.

    `logits` (N, K), `truth` (N,) class indices, `weights` (N,) at least 0; raises ValueError where they are all 0.
    """
    w = np.ones(len(truth)) if weights is None else np.asarray(weights, np.float64)
    if not w.sum() > 0:
        raise ValueError("no item has a weight: nothing to calibrate on")
    rows = np.arange(len(truth))

    def loss(log_t: float) -> float:
        p = softmax(logits, float(np.exp(log_t)))[rows, truth]
        return float(-(w * np.log(np.clip(p, 1e-12, 1))).sum() / w.sum())

    low, high, golden = np.log(0.05), np.log(20.0), (np.sqrt(5) - 1) / 2
    for _ in range(48):
        a, b = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    return float(np.exp((low + high) / 2))


def standing_for(right: NDArray[np.bool_], accuracy: float) -> NDArray[np.float64]:
    """Return weights under which a pool with these right answers has the given `accuracy` (both kinds must occur)."""
    share = float(right.mean())
    if not 0 < share < 1:
        return np.ones(len(right))
    return np.where(right, accuracy / share, (1 - accuracy) / (1 - share))
