"""How near maps made at half precision are to the same maps in float32. No torch here.

Half precision is for bulk. What it costs depends on the method: a map of small differences between passes loses more than
the logits do. So some maps are made again in float32, with the same image, seed and parameters, and compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.explanation import Examples, Explanation, Maps
from game.pack import Scalar

LEAST = 0.98
"""Pearson's correlation from which on maps at half precision count as those in float32; below it is said to be low. With the
weights that are shipped, every method that reads half precision is above it on six images, the lowest map at 0.9872."""
TOP = 0.1
"""Share of a map that is its top; the agreement of tops is the top-k agreement of Krishna et al. 2022, arXiv:2202.01602."""


@dataclass(frozen=True)
class MapFidelity:
    """`each` is Pearson's correlation of a map with the same in float32, for each of the first of `images` maps.

    `tops` is, for each, which share of the tenth of places with the largest values, whatever their sign, is the same.
    """

    each: tuple[float, ...]
    tops: tuple[float, ...]
    images: int

    @property
    def low(self) -> bool:
        """Tell whether one of the maps is not that of float32."""
        return min(self.each) < LEAST

    def facts(self) -> dict[str, Scalar]:
        """Return the lowest of both and over how many maps they are, as plain values."""
        over = f"{len(self.each)} of {self.images}"
        return {"map_fidelity": min(self.each), "map_top": min(self.tops), "map_fidelity_over": over}


def compared(low: Explanation, full: Explanation, images: int) -> MapFidelity:
    """Return how near the first maps of `low` are to those of `full`, to six digits; `images` is how many `low` has.

    Examples and pictures are near by the share that is the very same.
    """
    if isinstance(low, Maps) and isinstance(full, Maps):
        pairs = list(zip(low.values[: len(full.values)], full.values, strict=True))
        return MapFidelity(
            tuple(round(correlation(a, b), 6) for a, b in pairs), tuple(round(top(a, b), 6) for a, b in pairs), images
        )
    if isinstance(low, Examples) and isinstance(full, Examples):
        same = [len({*a} & {*b}) / len(b) for a, b in zip(low.digests, full.digests, strict=False)]
    elif not isinstance(low, Maps | Examples) and not isinstance(full, Maps | Examples):
        same = [float(np.array_equal(a, b)) for a, b in zip(low.values, full.values, strict=False)]
    else:
        raise TypeError(f"{type(low).__name__} and {type(full).__name__} cannot be compared")
    return MapFidelity(tuple(same), tuple(same), images)


def correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return Pearson's correlation of two maps; of maps without contrast 1 where they are equal and else 0."""
    a, b = (m.astype(np.float64).ravel() - m.mean(dtype=np.float64) for m in (one, other))
    scale = math.sqrt(float(a @ a) * float(b @ b))
    if scale == 0:
        return float(np.array_equal(one, other))
    return max(-1.0, min(1.0, float(a @ b) / scale))


def top(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return which share of the places with the largest values, a tenth and at least one, two maps have in common."""
    count = max(1, round(TOP * one.size))
    first, second = (set(np.argsort(-np.abs(m.ravel()), kind="stable")[:count].tolist()) for m in (one, other))
    return len(first & second) / count


def told(each: Sequence[float], images: int) -> str:
    """Return the lowest fidelity of maps in words, over how many it is, and whether that is too low.

    >>> told([0.99743], 32)
    'map fidelity 0.9974 over 1 of 32 images'
    >>> told([0.999, 0.9123], 17)
    'map fidelity 0.9123 at least over 2 of 17 images: low, not the maps of float32'
    """
    if not each:
        return "map fidelity not measured"
    lowest = math.floor(1e4 * min(each)) / 1e4  # never rounded up to what it is not
    least = " at least" if len(each) > 1 else ""
    image = "image" if images == 1 else "images"
    low = ": low, not the maps of float32" if min(each) < LEAST else ""
    return f"map fidelity {lowest:.4f}{least} over {len(each)} of {images} {image}{low}"
