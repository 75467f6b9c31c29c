"""How rough a map is: its power at each spatial frequency, all directions together.

The frequency of a ring is the distance from the centre of the Fourier plane in cycles per picture side, rounded to
whole numbers; ring 0 is the mean. A map is taken as periodic.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float64]
TOLERANCE = 0.01
"""`mismatch` of two maps, at most, that count as equally smooth."""


@lru_cache(maxsize=16)
def rings(height: int, width: int) -> NDArray[np.int64]:
    """Return the ring of each Fourier coefficient, (height, width)."""
    rows, columns = np.fft.fftfreq(height) * height, np.fft.fftfreq(width) * width
    return np.round(np.hypot(rows[:, None], columns[None, :])).astype(np.int64)


def power(values: Plane) -> Plane:
    """Return the power of each ring, (rings,), of a map (h, w). Its sum is h * w times the sum of squares."""
    there = np.abs(np.fft.fft2(values)) ** 2
    return np.bincount(rings(*values.shape).ravel(), there.ravel()).astype(np.float64)


def impose(values: Plane, wanted: Plane) -> Plane:
    """Return the map with the power of each ring scaled to `wanted`; the phases, hence the places, are kept."""
    plane, ring = np.fft.fft2(values), rings(*values.shape)
    held = np.bincount(ring.ravel(), (np.abs(plane) ** 2).ravel())
    scale = np.sqrt(np.divide(wanted, held, out=np.zeros_like(held), where=held > 0))
    return np.fft.ifft2(plane * scale[ring]).real


def mismatch(values: Plane, wanted: Plane) -> float:
    """Return the share of power that lies in a wrong ring, 0 (equal) to 1 (apart); the mean is left out."""
    held, like = power(values)[1:], wanted[1:]
    total = held.sum() + like.sum()
    return float(np.abs(held - like).sum() / total) if total > 0 else 0.0


def noise(height: int, width: int, slope: float, rng: np.random.Generator) -> Plane:
    """Return random values whose power falls with frequency as f^-slope: 0 is white, 4 is smooth."""
    white, ring = rng.standard_normal((height, width)), rings(height, width)
    return np.fft.ifft2(np.fft.fft2(white) * np.maximum(ring, 1) ** (-slope / 2)).real


def blur(values: Plane, width: float = 0.06) -> Plane:
    """Return the map blurred by a Gaussian whose standard deviation is `width` of the picture side."""
    fall = np.exp(-2 * (np.pi * width * rings(*values.shape)) ** 2)
    return np.fft.ifft2(np.fft.fft2(values) * fall).real
