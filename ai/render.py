"""From an importance map to what people see: a grey picture, vector outlines, and words. No torch here.

A *rendering* is named and stored in the pack, because the same map looks like another explanation under another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ai.contours import loops
from game.pack import REGIONS, Outline

Map = NDArray[np.float32]
"""(h, w) importance."""

OUTLINED = 0.15
"""Share of the picture that outlines go around."""
ZERO = 128
"""The grey of "neither for nor against" in a signed map; 1 speaks most against, 255 most for."""
_MOST_LOOPS, _MOST_POINTS, _SMALLEST, _GRID = 4, 24, 0.002, 48


class Rendering(msgspec.Struct, frozen=True, kw_only=True):
    """How numbers become grey: sign policy, then smoothing, then the range between two percentiles.

    `sign`: "positive" shows evidence for only, "absolute" evidence for and against alike, "signed" both, apart.
    """

    sign: Literal["positive", "absolute", "signed"] = "positive"
    low: float = 60
    """Percentile below which nothing is shown; 0 starts at the value 0. Without it a faint haze reads as importance."""
    high: float = 99
    """Percentile from which importance is shown as most."""
    scope: Literal["image", "pack"] = "image"
    """Whether the percentiles are of the map itself, or of all maps of this method in the pack."""
    sigma: float = 0
    """Smoothing: standard deviation of a Gaussian, as a share of the picture's side."""


RENDERINGS: dict[str, Rendering] = {
    "p60_p99": Rendering(),
    "absolute_p60_p99": Rendering(sign="absolute"),
    "signed_p60_p99": Rendering(sign="signed"),
    "p99": Rendering(low=0),
    "absolute_p99": Rendering(sign="absolute", low=0),
    "signed_p99": Rendering(sign="signed", low=0),
    "peak": Rendering(low=0, high=100),
    "smooth_p60_p99": Rendering(sigma=0.02),
    "smooth_absolute_p60_p99": Rendering(sign="absolute", sigma=0.02),
    "smooth_signed_p60_p99": Rendering(sign="signed", sigma=0.02),
    "pack_p60_p99": Rendering(scope="pack"),
    "pack_absolute_p60_p99": Rendering(sign="absolute", scope="pack"),
    "pack_signed_p60_p99": Rendering(sign="signed", scope="pack"),
}
"""Rendering name -> what it does. One line adds one; a name that packs were built with keeps its meaning."""


def rendering_of(name: str) -> Rendering:
    """Return the rendering called `name`; raises ValueError naming those there are."""
    if name not in RENDERINGS:
        raise ValueError(f"no rendering is called {name!r}; known: {', '.join(RENDERINGS)}")
    return RENDERINGS[name]


def shade(values: Map, size: int, rendering: str = "p60_p99", levels: int = 64) -> NDArray[np.uint8]:
    """Return the map as an 8-bit grey picture (size, size): 0 none, 255 most, in `levels` steps; signed: see `ZERO`.

    The map is enlarged bicubically first. Raises ValueError for an unknown rendering or a value that is not finite.
    """
    return shade_all([values], size, rendering, levels)[0]


def shade_all(maps: Sequence[Map], size: int, rendering: str = "p60_p99", levels: int = 64) -> list[NDArray[np.uint8]]:
    """Return all maps of one method, as `shade`; a rendering of scope "pack" gives all of them the same range."""
    how = rendering_of(rendering)
    if not all(np.isfinite(values).all() for values in maps):
        raise ValueError("the map has a value that is not a finite number")
    plain = [_smooth(_policy(enlarge(values, size), how), how.sigma * size) for values in maps]
    common = _range(np.abs(np.stack(plain)), how) if how.scope == "pack" and plain else None
    return [_grey(values, common or _range(np.abs(values), how), how, levels) for values in plain]


def _policy(values: Map, how: Rendering) -> Map:
    if how.sign == "signed":
        return values
    return np.abs(values) if how.sign == "absolute" else np.clip(values, 0, None)


def _smooth(values: Map, sigma: float) -> Map:
    """Return the map blurred by `sigma` pixels; what would come from outside the picture is left out."""
    if sigma <= 0:
        return values
    at = np.arange(len(values))
    near = np.exp(-((at[:, None] - at[None, :]) ** 2) / (2 * sigma**2))
    near /= near.sum(1, keepdims=True)
    return (near @ values @ near.T).astype(np.float32)


def _range(strength: NDArray[np.float32], how: Rendering) -> tuple[float, float]:
    """Return the values shown as none and as most; a map too flat for its percentiles starts at 0."""
    low, high = (float(v) for v in np.percentile(strength, (how.low, how.high)))
    if how.low and high > low:
        return low, high
    return 0.0, high or float(strength.max())


def _grey(values: Map, between: tuple[float, float], how: Rendering, levels: int) -> NDArray[np.uint8]:
    low, high = between
    strength = np.abs(values)
    shown = np.clip((strength - low) / (high - low), 0, 1) if high > low else np.zeros_like(strength)
    steps = np.round(shown * (levels - 1))
    if how.sign == "signed":
        return np.round(ZERO + np.sign(values) * steps * ((255 - ZERO) / (levels - 1))).astype(np.uint8)
    return np.round(steps * (255 / (levels - 1))).astype(np.uint8)


def strength(grey: NDArray[np.uint8], signed: bool) -> NDArray[np.uint8]:
    """Return how important each place is, whichever way it speaks: a signed grey map unfolded at `ZERO`."""
    if not signed:
        return grey
    return np.round(np.abs(grey.astype(np.float64) - ZERO) * (255 / (255 - ZERO))).clip(0, 255).astype(np.uint8)


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
