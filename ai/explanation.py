"""What an explanation method returns: maps over the image, examples from a collection, or finished pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from game.canonical import Digest
from game.pack import Scalar


@dataclass(frozen=True)
class Maps:
    """Importance over the image plane, one map per image.

    `values` is (N, h, w) float32 at the method's own resolution; `signed` maps carry evidence against below zero.
    `gap` is (N,) the completeness or convergence gap, None where the method has none.
    """

    values: NDArray[np.float32]
    signed: bool = False
    gap: NDArray[np.float32] | None = None
    info: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])


@dataclass(frozen=True)
class Examples:
    """Specimens shown as explanation: `digests` is one tuple of image digests per image, `scores` (N, k) their closeness."""

    digests: tuple[tuple[Digest, ...], ...]
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class Pictures:
    """Finished pictures shown as they are, (N, h, w, 3) sRGB."""

    values: NDArray[np.uint8]
    info: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])


Explanation = Maps | Examples | Pictures
