"""What an explanation method returns: maps over the image, examples from a collection, or finished pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from game.canonical import Digest
from game.pack import Scalar


@dataclass(frozen=True)
class Maps:
    """Importance over the image plane, one map per image.

    `values` is (N, h, w) float32 at the method's own resolution; `signed` maps carry evidence against below zero.
    `gap` is (N,) the completeness or convergence gap, None where the method has none. `info` is what is known of all maps
    alike, `each` what is known of every one: N values each. Raises ValueError where there are more or fewer.
    """

    values: NDArray[np.float32]
    signed: bool = False
    gap: NDArray[np.float32] | None = None
    info: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    each: Mapping[str, Sequence[Scalar]] = field(default_factory=dict[str, Sequence[Scalar]])

    def __post_init__(self) -> None:
        """Check that what is told of one map is told of each."""
        _one_each(self.each, len(self.values))

    def known(self, n: int) -> dict[str, Scalar]:
        """Return what is known of map `n`, of all alike and of it alone."""
        return {**self.info, **{name: told[n] for name, told in self.each.items()}}


@dataclass(frozen=True)
class Examples:
    """Specimens shown as explanation: `digests` is one tuple of image digests per image, `scores` (N, k) their closeness."""

    digests: tuple[tuple[Digest, ...], ...]
    scores: NDArray[np.float32]

    def known(self, n: int) -> dict[str, Scalar]:
        """Return what is known of image `n`: how close its examples are, the closest first."""
        return {"closeness": " ".join(f"{score:.4f}" for score in self.scores[n])}


@dataclass(frozen=True)
class Pictures:
    """Finished pictures shown as they are, (N, h, w, 3) sRGB. `info` and `each` as of `Maps`."""

    values: NDArray[np.uint8]
    info: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    each: Mapping[str, Sequence[Scalar]] = field(default_factory=dict[str, Sequence[Scalar]])

    def __post_init__(self) -> None:
        """Check that what is told of one picture is told of each."""
        _one_each(self.each, len(self.values))

    def known(self, n: int) -> dict[str, Scalar]:
        """Return what is known of picture `n`, of all alike and of it alone."""
        return {**self.info, **{name: told[n] for name, told in self.each.items()}}


Explanation = Maps | Examples | Pictures


def _one_each(each: Mapping[str, Sequence[Scalar]], images: int) -> None:
    for name, told in each.items():
        if len(told) != images:
            raise ValueError(f"{name!r} is told of {len(told)} images, and there are {images}: give one value each")
