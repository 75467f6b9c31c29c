"""Brings a map nearer to a wanted spectrum by swapping its values, two at a time, where the Fourier transform gives up.

A map with a handful of values among zeros, as Grad-CAM's of a small transformer often is, has few neighbours in the order
of importance: placing values by rank soon repeats itself. A swap changes a ring's power by what two pixels, their distance
and the ring tell, so that all swaps of a small map are weighed at once.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ai import spectrum
from ai.spectrum import Plane

AT_ONCE = 200_000
"""Swaps x rings weighed in one step: all swaps of a map of 12 by 12 or so, otherwise as many as that drawn by lot."""
STEPS, KICK = 400, 3
"""Swaps made at most, and how many are made by lot to get on."""
LARGEST = 48 * 48
"""Pixels of a map that is worth it; larger ones are matched well without."""


def swapped(values: Plane, wanted: Plane, enough: float, rng: np.random.Generator) -> Plane:
    """Return the values (h, w) rearranged until `spectrum.mismatch` to `wanted` is at most `enough`, or as near as found.

    Steepest descent; where it ends too early it goes on from the best map with a few values swapped by lot.
    """
    best, least, left = values, spectrum.mismatch(values, wanted), STEPS
    now = values
    while left > 0 and least > enough and values.size <= LARGEST:
        made, apart, taken = _descended(now, wanted, enough, rng, left)
        if apart < least:
            best, least = made, apart
        now, left = _kicked(best, rng), left - taken - KICK
    return best


def _descended(
    values: Plane, wanted: Plane, enough: float, rng: np.random.Generator, most: int
) -> tuple[Plane, float, int]:
    """Return the values rearranged by at most so many swaps, each the best of those weighed, their mismatch, and how many."""
    (height, width), flat = values.shape, values.ravel().copy()
    inside, far = _rings(height, width)
    held, like = spectrum.power(values)[1:], wanted[1:]
    total = held.sum() + like.sum()  # swaps move power between rings and add none
    apart = spectrum.mismatch(values, wanted)
    taken = 0
    while taken < most:
        i, j = _pairs(flat.size, len(inside), rng)
        i, j = (some[flat[i] != flat[j]] for some in (i, j))
        if apart <= enough or not len(i):
            break
        part = np.fft.ifft2(np.fft.fft2(flat.reshape(height, width)) * inside).real.reshape(len(inside), -1) * flat.size
        step = flat[j] - flat[i]
        offset = (i // width - j // width) % height * width + (i - j) % width
        power = held[:, None] + 2 * step * (part[:, i] - part[:, j]) + step**2 * far[:, offset]
        cost = np.abs(power - like[:, None]).sum(0) / total
        one = int(cost.argmin())
        if cost[one] >= apart - 1e-12:
            break
        flat[[i[one], j[one]]] = flat[[j[one], i[one]]]
        held, apart, taken = power[:, one], float(cost[one]), taken + 1
    return flat.reshape(height, width), apart, taken


@lru_cache(maxsize=4)
def _rings(height: int, width: int) -> tuple[NDArray[np.bool_], Plane]:
    """Return which coefficients are in each ring but the mean's, and the power there of a swap of 1, by offset."""
    ring = spectrum.rings(height, width)
    inside = ring[None] == np.arange(1, ring.max() + 1)[:, None, None]
    waves = np.fft.ifft2(inside).real * ring.size
    return inside, (2 * inside.sum((1, 2))[:, None, None] - 2 * waves).reshape(len(inside), -1)


def _pairs(size: int, rings: int, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if size * (size - 1) // 2 * rings <= AT_ONCE:
        i, j = np.triu_indices(size, 1)
    else:
        i, j = rng.integers(size, size=(2, AT_ONCE // rings))
    return i, j


def _kicked(values: Plane, rng: np.random.Generator) -> Plane:
    flat = values.ravel().copy()
    for _ in range(KICK):
        i = int(rng.integers(flat.size))
        others = np.flatnonzero(flat != flat[i])
        if len(others):
            j = int(others[rng.integers(len(others))])
            flat[[i, j]] = flat[[j, i]]
    return flat.reshape(values.shape)
