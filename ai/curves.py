"""Curves of what a model still says while a map's most important pixels are taken away, or put back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.asked import Asked

Values = NDArray[np.float64]


def shares(steps: int) -> Values:
    """Return the shares of the picture at which a curve is read between none and all, (steps,): closer at the start.

    >>> shares(3).tolist()
    [0.0625, 0.25, 0.5625]
    """
    if steps < 1:
        raise ValueError(f"a curve of {steps} steps: give at least 1")
    return (np.arange(1, steps + 1) / (steps + 1)) ** 2


def counts(at: Values, total: int) -> list[int]:
    """Return how many of `total` each share is, at least one."""
    return [max(1, round(float(share) * total)) for share in at]


def curve(
    asked: Asked, maps: NDArray[np.float32], baseline: str, steps: int, *, keep: bool = False
) -> tuple[Values, Values]:
    """Return the shares (steps + 2,) and the target's probability (m, steps + 2), both ends included.

    From the whole picture to nothing of it, the most important first; with `keep` from nothing to the whole picture.
    """
    at, m = shares(steps), len(maps)
    whole, nothing = (asked.target(end, probability=True) for end in asked.ends(m, baseline))
    between = asked.target(asked.curve(maps, counts(at, maps[0].size), baseline, keep=keep), probability=True)
    first, last = (nothing, whole) if keep else (whole, nothing)
    return np.array([0.0, *at, 1.0]), np.column_stack([first, between, last])


def area(x: Values, y: Values) -> Values:
    """Return the area under each row of y (m, k) over x, (k,) or (m, k), by trapezoids.

    >>> area(np.array([0.0, 0.5, 1.0]), np.array([[1.0, 0.5, 0.0]])).tolist()
    [0.5]
    """
    return (np.diff(x, axis=-1) * (y[:, 1:] + y[:, :-1]) / 2).sum(1)
