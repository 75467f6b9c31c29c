"""Maps on a coarse grid, and their ranks: what metrics that compare maps work on. No torch here."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def coarse(maps: NDArray[Any], side: int) -> Numbers:
    """Return (n, H, W) maps as (n, side * side): the mean over each cell of a grid, whatever H and W are.

    >>> coarse(np.arange(16.0).reshape(1, 4, 4), 2).tolist()
    [[2.5, 4.5, 10.5, 12.5]]
    """
    rows, columns = _means(maps.shape[1], side), _means(maps.shape[2], side)
    return (rows @ maps.astype(np.float64) @ columns.T).reshape(len(maps), -1)


def ranks(values: NDArray[Any]) -> Numbers:
    """Return the ranks within each row of (n, d), from 0, ties at their mean.

    >>> ranks(np.array([[3.0, 1.0, 3.0]])).tolist()
    [[1.5, 0.0, 1.5]]
    """
    n, d = values.shape
    order = np.argsort(values, axis=1)  # ties are at their mean, so their order is free
    held, at = np.take_along_axis(values, order, 1), np.arange(d)
    rises = held[:, 1:] != held[:, :-1]
    if rises.all():
        out = np.empty((n, d))
        np.put_along_axis(out, order, np.broadcast_to(at.astype(np.float64), (n, d)), 1)
        return out
    edge = np.ones((n, 1), np.bool_)
    first = np.maximum.accumulate(np.where(np.hstack([edge, rises]), at, 0), axis=1)
    last = np.minimum.accumulate(np.where(np.hstack([rises, edge]), at, d - 1)[:, ::-1], axis=1)[:, ::-1]
    out = np.empty((n, d))
    np.put_along_axis(out, order, (first + last) / 2, 1)
    return out


def correlations(a: Numbers, b: Numbers) -> Numbers:
    """Return Pearson's correlation of each row of a with the same row of b, (n,); NaN where a row is constant."""
    x, y = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    norm = np.sqrt((x * x).sum(1) * (y * y).sum(1))
    return np.where(norm > 0, (x * y).sum(1) / np.where(norm > 0, norm, 1), np.nan)


@lru_cache(maxsize=32)
def _means(length: int, side: int) -> Numbers:
    """Return the (side, length) matrix that takes means; a pixel on a border counts for both by its share."""
    edges = np.linspace(0, length, side + 1)
    low, high = edges[:-1, None], edges[1:, None]
    at = np.arange(length)
    share = np.clip(np.minimum(high, at + 1) - np.maximum(low, at), 0, 1)
    return share / share.sum(1, keepdims=True)
