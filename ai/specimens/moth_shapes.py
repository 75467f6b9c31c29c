"""Outlines of a moth in its own frame: x to the right, y down, the body on x = 0, about 0.8 wide.

Every cue is one continuous number in [0, 1]; 0 and 1 are the prototypes, 0.5 is the ambiguous middle. Nothing else moves
when a cue moves, so two scenes that differ in one cue differ only where that cue is drawn.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(n, 2) x, y pairs."""

ROUND_FORE = (
    (0.014, -0.080),
    (0.10, -0.172),
    (0.215, -0.232),
    (0.325, -0.225),
    (0.385, -0.140),
    (0.360, -0.045),
    (0.275, 0.008),
    (0.13, -0.005),
    (0.018, -0.012),
)
POINTED_FORE = (
    (0.014, -0.080),
    (0.10, -0.165),
    (0.225, -0.238),
    (0.425, -0.292),
    (0.358, -0.165),
    (0.322, -0.060),
    (0.272, 0.014),
    (0.13, 0.002),
    (0.018, -0.012),
)
ROUND_HIND = (
    (0.012, -0.012),
    (0.12, -0.012),
    (0.235, 0.022),
    (0.290, 0.100),
    (0.262, 0.190),
    (0.180, 0.245),
    (0.085, 0.215),
    (0.025, 0.10),
)
POINTED_HIND = (
    (0.012, -0.012),
    (0.12, -0.012),
    (0.245, 0.018),
    (0.278, 0.092),
    (0.232, 0.172),
    (0.205, 0.305),
    (0.092, 0.212),
    (0.025, 0.10),
)

EYE = np.array([0.238, -0.128])
"""Centre of the right fore-wing's eye spot."""
HEAD_RADIUS = 0.030


def wing(upper: bool, pointed: float) -> Points:
    """Return the right wing's closed outline; `pointed` 0 is round, 1 is drawn out to a tip."""
    a, b = (ROUND_FORE, POINTED_FORE) if upper else (ROUND_HIND, POINTED_HIND)
    return smooth(np.array(a) + pointed * (np.array(b) - np.array(a)))


def smooth(knots: Points, steps: int = 9) -> Points:
    """Return a closed centripetal-free Catmull-Rom curve through `knots`, `steps` points per knot."""
    p = np.stack([np.roll(knots, k, 0) for k in (1, 0, -1, -2)])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    a, b = p[2] - p[0], 2 * p[0] - 5 * p[1] + 4 * p[2] - p[3]
    curve = 0.5 * (2 * p[1] + t * (a + t * (b + t * (3 * p[1] - p[0] - 3 * p[2] + p[3]))))
    return curve.transpose(1, 0, 2).reshape(-1, 2)


def mirror(points: Points) -> Points:
    """Return the same points on the other side of the body."""
    return points * np.array([-1.0, 1.0])


@lru_cache(maxsize=64)
def _unit_circle(n: int) -> Points:
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.stack([np.cos(t), np.sin(t)], 1)


def disc(centre: Points | tuple[float, float], radius: float, n: int = 36) -> Points:
    """Return a circle's outline."""
    return np.asarray(centre) + radius * _unit_circle(n)


def eye_radius(spots: float) -> float:
    """Return the eye spot's radius: about two thirds of the head at 0, two and a half heads at 1."""
    return 0.021 + 0.056 * spots


def abdomen() -> Points:
    """Return the abdomen's outline, tapering to the rear."""
    y = np.linspace(-0.075, 0.235, 34)
    return np.vstack([side := np.stack([_half_width(y), y], 1), mirror(side)[::-1]])


def _half_width(y: Points) -> Points:
    t = np.clip((y + 0.085) / 0.325, 0, 1)
    return 0.044 * np.sin(np.pi * t**0.8) ** 0.62


def stripes(bold: float) -> list[Points]:
    """Return the abdomen's dark stripes; `bold` is their thickness, 0 none, 1 two thirds of the spacing."""
    half = 0.0155 * bold
    if half < 0.0006:
        return []
    out: list[Points] = []
    for centre in np.linspace(-0.008, 0.200, 6):
        y = np.array([centre - half, centre + half])
        w = _half_width(y) * 0.93
        bow = 0.006
        out.append(
            np.array([[-w[0], y[0]], [0, y[0] + bow], [w[0], y[0]], [w[1], y[1]], [0, y[1] + bow], [-w[1], y[1]]])
        )
    return out


def antenna() -> Points:
    """Return the right antenna's shaft, from the head to the tip."""
    t = np.linspace(0, 1, 18)
    return np.stack([0.012 + 0.050 * t + 0.080 * t**2, -0.128 - 0.205 * t + 0.038 * t**2], 1)


def barbs(feathered: float) -> Points:
    """Return the antenna's barbs as (n, 2, 2) segments; their length is the cue, bare at 0, broad feathers at 1."""
    shaft = antenna()
    k = np.arange(3, 18)
    length = 0.064 * feathered * np.sin(np.pi * (k / 18) ** 0.85) ** 0.75
    along = shaft[k] - shaft[k - 1]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    ends = [shaft[k] + length[:, None] * (side * 0.86 * across + 0.5 * along) for side in (1, -1)]
    return np.concatenate([np.stack([shaft[k], end], 1) for end in ends])


def veins() -> Points:
    """Return the fore- and hind-wing veins as (n, 2, 2) segments, the same for every moth."""
    fore, hind = wing(True, 0.5), wing(False, 0.5)
    root_fore, root_hind = np.array([0.03, -0.055]), np.array([0.025, 0.01])
    a = [np.stack([root_fore, fore[k]]) for k in range(22, 62, 6)]
    b = [np.stack([root_hind, hind[k]]) for k in range(17, 62, 7)]
    return np.stack(a + b)


def band(at: float, wave: float, phase: float) -> Points:
    """Return a wavy line across the right fore-wing at the share `at` of its length. Decoration: it tells nothing."""
    edge = wing(True, 0.5)[20:62]
    root = np.array([0.03, -0.055])
    t = np.linspace(0, 1, len(edge))
    return root + (edge - root) * (at + wave * np.sin(2 * np.pi * (2.2 * t + phase)))[:, None]
