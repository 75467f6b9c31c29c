"""From an importance map to what people see: a grey picture, vector outlines, and words. No torch here.

A *rendering* is named and stored in the pack, because the same map looks like another explanation under another one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ai.contours import loops
from game.pack import REGIONS, Outline

Map = NDArray[np.float32]
"""(h, w) importance."""

OUTLINED = 0.15
"""Share of the picture that outlines go around."""
_MOST_LOOPS, _MOST_POINTS, _SMALLEST, _GRID = 4, 24, 0.002, 48


def _p99(values: Map) -> Map:
    """Evidence for: from 0 to the 99th percentile of the map itself; evidence against is not shown."""
    positive = np.clip(values, 0, None)
    top = float(np.percentile(positive, 99)) or float(positive.max())
    return np.clip(positive / top, 0, 1) if top > 0 else positive


def _p60_p99(values: Map) -> Map:
    """Evidence for: nothing below the 60th percentile of the map itself, most at the 99th.

    Without the lower bound a faint haze lies over the whole image and reads as importance.
    """
    positive = np.clip(values, 0, None)
    low, high = (float(v) for v in np.percentile(positive, (60, 99)))
    return np.clip((positive - low) / (high - low), 0, 1) if high > low else _p99(values)


def _absolute_p60_p99(values: Map) -> Map:
    """Evidence for and against alike: absolute values, then as p60_p99."""
    return _p60_p99(np.abs(values))


def _absolute_p99(values: Map) -> Map:
    """Evidence for and against alike: absolute values, then as p99."""
    return _p99(np.abs(values))


def _peak(values: Map) -> Map:
    """From 0 to the map's largest value."""
    positive = np.clip(values, 0, None)
    return positive / max(float(positive.max()), 1e-30)


RENDERINGS: dict[str, Callable[[Map], Map]] = {
    "p60_p99": _p60_p99,
    "absolute_p60_p99": _absolute_p60_p99,
    "p99": _p99,
    "absolute_p99": _absolute_p99,
    "peak": _peak,
}
"""Rendering name -> map to [0, 1]."""


def shade(values: Map, size: int, rendering: str = "p60_p99", levels: int = 64) -> NDArray[np.uint8]:
    """Return the map as an 8-bit grey picture (size, size): 0 none, 255 most, in `levels` steps.

    The map is enlarged bicubically first. Raises ValueError for an unknown rendering or a value that is not finite.
    """
    if rendering not in RENDERINGS:
        raise ValueError(f"no rendering is called {rendering!r}; known: {', '.join(RENDERINGS)}")
    if not np.isfinite(values).all():
        raise ValueError("the map has a value that is not a finite number")
    shown = RENDERINGS[rendering](enlarge(values, size))
    return np.round(np.round(shown * (levels - 1)) * (255 / (levels - 1))).astype(np.uint8)


def enlarge(values: Map, size: int) -> Map:
    """Return the map at (size, size), bicubic; a map that is nowhere negative stays so."""
    small = np.asarray(values, np.float32)
    large = np.asarray(Image.fromarray(small).resize((size, size), Image.Resampling.BICUBIC), np.float32)
    return np.clip(large, 0, None) if small.min() >= 0 else large


def outlines(grey: NDArray[np.uint8]) -> tuple[Outline, ...]:
    """Return lines around the brightest `OUTLINED` share of a grey map, largest first; none where the map is empty."""
    small = np.asarray(Image.fromarray(grey).resize((_GRID, _GRID), Image.Resampling.BOX), np.float64)
    level = max(float(np.quantile(small, 1 - OUTLINED)), 0.08 * 255)
    found = [loop for loop in loops(small, level) if _area(loop) >= _SMALLEST]
    found.sort(key=_area, reverse=True)
    return tuple(Outline(tuple(np.round(_thin(loop), 3).ravel().tolist())) for loop in found[:_MOST_LOOPS])


def words(grey: NDArray[np.uint8], most: int = 3) -> tuple[tuple[str, float], ...]:
    """Return the `most` regions of a 3 x 3 grid with the largest share of importance, for the text alternative."""
    total = float(grey.sum())
    if total <= 0:
        return ()
    rows = (np.arange(grey.shape[0]) * 3) // grey.shape[0]
    columns = (np.arange(grey.shape[1]) * 3) // grey.shape[1]
    index = rows[:, None] * 3 + columns[None, :]
    shares = np.bincount(index.ravel(), grey.ravel().astype(np.float64), 9) / total
    order = np.argsort(-shares, kind="stable")[:most]
    return tuple((REGIONS[i], round(float(shares[i]), 3)) for i in order if shares[i] > 0)


def _area(loop: NDArray[np.float64]) -> float:
    x, y = loop.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _thin(loop: NDArray[np.float64]) -> NDArray[np.float64]:
    keep = np.unique(np.linspace(0, len(loop) - 1, min(len(loop), _MOST_POINTS)).round().astype(int))
    return np.clip(loop[keep], 0, 1)
