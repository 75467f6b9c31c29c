"""Checks what a method is given before it works: what is wrong here would be broadcast, or swallowed, without a word."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakSet

import torch

from ai.passes import Passes
from ai.runner import still

_FINITE: WeakSet[Passes] = WeakSet()
"""Passes whose images were looked at."""


def wanted(method: str, passes: Passes, targets: Sequence[int]) -> tuple[int, ...]:
    """Return the targets as numbers of classes, one for each image.

    Raises ValueError, naming the method, for another number of targets, for a class that the model does not have, and for
    images with values that are no numbers: a ReLU's gradient would swallow them.
    """
    chosen = tuple(int(t) for t in targets)
    if len(chosen) != len(passes):
        raise ValueError(f"{method!r} got {len(chosen)} targets for {len(passes)} images: give one each")
    most = _classes(passes)
    wrong = next((i for i, t in enumerate(chosen) if not 0 <= t < most), None)
    if wrong is not None:
        raise ValueError(
            f"{method!r} is asked about class {chosen[wrong]} of image {wrong}; the model has 0 to {most - 1}"
        )
    if passes not in _FINITE:
        # A sum is no number where a part of it is none, and is read faster than each part is looked at.
        if not bool(torch.isfinite(passes.images.sum(dtype=torch.float32))):
            raise ValueError(f"{method!r} got images with values that are not finite numbers: check how they were read")
        _FINITE.add(passes)
    return chosen


def _classes(passes: Passes) -> int:
    """Return how many classes the model tells apart; it is asked once, with one image."""
    if passes.runner.classes is None:
        with still(passes.module), torch.no_grad():
            passes.runner.classes = int(passes.module(passes.images[:1]).shape[1])
    return passes.runner.classes
