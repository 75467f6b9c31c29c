"""Temperature: one number that makes stated confidence, on average, as large as the share of right answers people will see.

Expectation consistency, Clarté et al. 2023, arXiv:2303.02644. Fitting by log loss leaves a gap on a selected set of items.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
COLDEST, HOTTEST = 0.05, 50.0


def softmax(logits: Floats, temperature: float = 1.0) -> NDArray[np.float64]:
    """Return (N, K) probabilities of (N, K) logits divided by `temperature`."""
    z = np.asarray(logits, np.float64) / temperature
    z = np.exp(z - z.max(1, keepdims=True))
    return z / z.sum(1, keepdims=True)


def temperature(logits: Floats, truth: NDArray[np.integer]) -> float:
    """Return the temperature at which the mean confidence in the likeliest class equals the accuracy.

    `logits` (N, K), `truth` (N,) class indices. Between 0.05 and 50: the nearer end where no temperature between them
    does it (all right, or no better than guessing). Raises ValueError where there are no items.
    """
    if not len(truth):
        raise ValueError("no items: nothing to calibrate on")
    accuracy = float((np.asarray(logits).argmax(1) == truth).mean())
    low, high = np.log(COLDEST), np.log(HOTTEST)
    for _ in range(60):
        middle = (low + high) / 2
        if softmax(logits, float(np.exp(middle))).max(1).mean() > accuracy:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))
