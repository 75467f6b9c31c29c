"""Closed lines at one level of a grid of numbers: marching squares, the inside always to the right of the way walked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
_STEPS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((_TOP, _LEFT),),
    2: ((_RIGHT, _TOP),),
    4: ((_BOTTOM, _RIGHT),),
    8: ((_LEFT, _BOTTOM),),
    3: ((_RIGHT, _LEFT),),
    6: ((_BOTTOM, _TOP),),
    12: ((_LEFT, _RIGHT),),
    9: ((_TOP, _BOTTOM),),
    5: ((_TOP, _LEFT), (_BOTTOM, _RIGHT)),
    10: ((_RIGHT, _TOP), (_LEFT, _BOTTOM)),
    7: ((_BOTTOM, _LEFT),),
    14: ((_LEFT, _TOP),),
    13: ((_TOP, _RIGHT),),
    11: ((_RIGHT, _BOTTOM),),
}
"""Which corners of a cell are inside (1 top left, 2 top right, 4 bottom right, 8 bottom left) -> edges crossed."""

Edge = tuple[int, int, int]


def loops(values: NDArray[np.float64], level: float) -> list[NDArray[np.float64]]:
    """Return the closed lines around `values` > `level`, each (n, 2) x, y in [0, 1] of the grid's sides.

    Cell (i, j) stands for the middle of row i and column j; outside the grid everything is below the level.
    """
    h, w = values.shape
    low = min(float(values.min()), level) - 1.0
    grid = np.full((h + 2, w + 2), low)
    grid[1:-1, 1:-1] = values
    inside = grid > level
    code = inside[:-1, :-1] + 2 * inside[:-1, 1:] + 4 * inside[1:, 1:] + 8 * inside[1:, :-1]
    follow: dict[Edge, Edge] = {}
    for i, j in zip(*np.nonzero((code > 0) & (code < 15)), strict=True):
        edges: tuple[Edge, ...] = (
            (0, int(i), int(j)),
            (1, int(i), int(j) + 1),
            (0, int(i) + 1, int(j)),
            (1, int(i), int(j)),
        )
        for a, b in _STEPS[int(code[i, j])]:
            follow[edges[a]] = edges[b]
    out: list[NDArray[np.float64]] = []
    while follow:
        start, at = next(iter(follow.items()))
        del follow[start]
        walk = [start]
        while at != start:
            walk.append(at)
            at = follow.pop(at)
        out.append(np.array([_cross(grid, edge, level, h, w) for edge in walk]))
    return out


def _cross(grid: NDArray[np.float64], edge: Edge, level: float, h: int, w: int) -> tuple[float, float]:
    """Return where the level is crossed along a grid edge (0 along a row, 1 along a column)."""
    down, i, j = edge
    a, b = grid[i, j], grid[i + 1, j] if down else grid[i, j + 1]
    share = float((level - a) / (b - a))
    x, y = (j, i + share) if down else (j + share, i)
    return min(max((x - 0.5) / w, 0.0), 1.0), min(max((y - 0.5) / h, 0.0), 1.0)
