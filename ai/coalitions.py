"""Which cells are kept: one draw of masks that KernelSHAP, LIME, RISE on a grid and grid ablation all read.

Each of them wants an average over all 2^cells masks under a law of its own: the Shapley kernel, or a fair coin for each
cell. The draw takes every mask of size 0, 1, cells - 1 and cells, and the others from a half-and-half mixture of the two
laws; `weights` gives each mask its law's mass over the draw's (importance sampling with the mixture's density). So each
method estimates just what it would from a draw of its own, and no drawn mask counts more than twice its share.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np
from numpy.typing import NDArray

Masks = NDArray[np.float32]
Weights = NDArray[np.float64]

LAWS = ("shapley", "coin")
COMPLETE = 9
"""Up to so many cells every mask is taken, so that nothing is left to chance."""
_GOLDEN = (math.sqrt(5) - 1) / 2


def fit(cells: int, n: int) -> int:
    """Return how many masks to ask for when about `n` are wanted: even, or all of them for few cells.

    Raises ValueError for fewer than two cells, and where `n` leaves fewer drawn masks than there are cells.
    """
    if cells < 2:
        raise ValueError(f"a grid of {cells} cell has nothing to compare: give at least 2 cells")
    if cells <= COMPLETE:
        return 2**cells
    if n < 3 * cells + 2:
        raise ValueError(f"{n} masks are too few for {cells} cells: give at least {3 * cells + 2}")
    return n - n % 2


def coalitions(cells: int, n: int, seed: int) -> Masks:
    """Return the first `n` masks of a draw, (n, cells) of 0 and 1; a smaller `n` gives the beginning of a larger one.

    First none, all, all but each one (`cells` rows), each one alone (`cells` rows); then pairs of a mask and its
    complement, or for at most `COMPLETE` cells all that are left.
    """
    one = np.eye(cells, dtype=np.float32)
    ends = np.repeat([[0.0], [1.0]], cells, 1)
    outer = np.concatenate([ends, 1 - one, one] if cells > 2 else [ends, 1 - one]).astype(np.float32)
    if n <= len(outer):
        return outer[:n]
    if cells <= COMPLETE:
        every = np.array(list(product((0, 1), repeat=cells)), np.float32)
        return np.concatenate([outer, every[_inside(every)]])[:n]
    rng, start = np.random.default_rng([seed, cells]), np.random.default_rng([seed, cells, 1])
    pairs = -(-(n - len(outer)) // 2)
    # Golden-ratio steps spread the sizes evenly over their law, however many are drawn.
    even = (start.random() + _GOLDEN * np.arange(pairs)) % 1
    sizes = 2 + np.searchsorted(np.cumsum(_drawn(cells))[:-1], even, side="right")
    half = (rng.random((pairs, cells)).argsort(1).argsort(1) < sizes[:, None]).astype(np.float32)
    return np.concatenate([outer, np.stack([half, 1 - half], 1).reshape(-1, cells)])[:n]


def weights(masks: Masks, law: str) -> Weights:
    """Return what each mask of a draw counts under a law, (n,); the masses of a law sum to 1, nearly.

    "coin": each cell is kept with probability 1/2. "shapley": size s with probability proportional to
    1 / (s (cells - s)), every mask of a size alike; none and all, which it weighs without bound, get 0 and are left to
    the solver's constraint.
    """
    cells, size = masks.shape[1], masks.sum(1).astype(int)
    mass = _law(cells, law)
    each = mass / np.array([math.comb(cells, s) for s in range(cells + 1)], np.float64)
    inside = _inside(masks)
    if cells <= COMPLETE or not inside.any():
        return each[size]
    drawn = np.ones(cells + 1)
    drawn[2:-2] = _drawn(cells)
    return np.where(inside, mass[size] / (drawn[size] * inside.sum()), each[size])


def _inside(masks: Masks) -> NDArray[np.bool_]:
    """Tell which masks keep and leave out at least two cells."""
    size = masks.sum(1)
    return (size > 1) & (size < masks.shape[1] - 1)


def _law(cells: int, law: str) -> Weights:
    """Return the probability of each size 0 ... cells under a law."""
    size = np.arange(cells + 1)
    if law == "coin":
        return np.array([math.comb(cells, s) / 2**cells for s in size], np.float64)
    if law != "shapley":
        raise ValueError(f"no law is called {law!r}; known: {', '.join(LAWS)}")
    mass = np.where((size > 0) & (size < cells), 1 / np.maximum(size * (cells - size), 1), 0)
    return mass / mass.sum()


def _drawn(cells: int) -> Weights:
    """Return the probability with which each size 2 ... cells - 2 is drawn: half by one law, half by the other."""
    parts = [_law(cells, law)[2:-2] for law in LAWS]
    return sum((part / part.sum() for part in parts), np.zeros(cells - 3)) / len(parts)
