"""How often a method is run again: the more passes it needs, the fewer times and on the fewer images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CHEAP, DEAR = 12.0, 120.0
"""Passes an image: up to the first a method is run as often as asked, from the second on as seldom as is of use."""
BACK = 2.0
"""Forward passes that one forward and backward counts as."""
SPARED = "not asked: the method is run again on the first {} images only, as it needs {:.0f} passes for each"
"""Why an image has no value where a method is run again on fewer; tables leave such rows out."""


@dataclass(frozen=True)
class Budget:
    """`images` are the first so many; `draws` of noise, `layers` groups of layers."""

    weight: float
    images: int
    draws: int
    layers: int

    @classmethod
    def of(cls, weight: float, n: int, draws: int, layers: int) -> Budget:
        """Return what a method of `weight` passes an image gets, of what was asked for over n images.

        >>> [Budget.of(w, 12, 8, 5).images for w in (1, 50, 500)]
        [12, 4, 2]
        """
        if weight <= CHEAP:
            return cls(weight, n, draws, layers)
        if weight <= DEAR:
            return cls(weight, min(n, max(2, n // 3)), min(draws, max(2, draws // 2)), min(layers, max(2, layers // 2)))
        return cls(weight, min(n, max(2, n // 6)), min(draws, 2), 1)

    def spread(
        self, values: NDArray[np.float64], why: list[str], n: int
    ) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        """Return values of the first images and their reasons as n of each; the others are not asked."""
        out = np.full(n, np.nan)
        out[: len(values)] = values
        return out, (*why, *[SPARED.format(self.images, self.weight)] * (n - len(values)))
