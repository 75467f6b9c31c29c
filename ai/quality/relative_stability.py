"""Relative stability: how much the map changes against how much the image, the answer or what the model sees does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.again import Again
from ai.noisy import Noisy
from ai.quality import Case, Maps, Scores, quality
from ai.rerun import Found, length, rerun

FLOOR = 1e-3
"""What a number is divided by is at least this share of the largest in its map or image: nearly nothing is not a scale."""
CHANGED = "every noisy image gets another answer"
Numbers = NDArray[np.float64]

declared = partial(
    quality,
    family="robustness",
    reads="model",
    takes="signed",
    better="lower",
    cite="Agarwal et al. 2022, arXiv:2203.06877",
    needs=("passes", "explain"),
    unit="ratio",
)


def relative(before: Numbers, after: NDArray[Any], axes: int, floor: float = FLOOR) -> Numbers:
    """Return the length of (after - before) / before over the last `axes` dimensions; `before` has no draws."""
    size = np.abs(before)
    most = size.max(tuple(range(-axes, 0)), keepdims=True)
    return length((after - before) / np.maximum(size, floor * np.where(most > 0, most, 1)), axes)


def stability(maps: Maps, case: Case, draws: int, floor: float, against: Callable[[Again, Noisy], Numbers]) -> Scores:
    """Return the largest ratio over draws that keep the answer; undefined where none does."""

    def find(again: Again) -> Found:
        budget = again.budget(draws)
        plain, noisy = again.maps[: budget.images].astype(np.float64), again.noisy(budget)
        ratio = relative(plain, again.under_noise(budget), 2, floor) / np.maximum(against(again, noisy), 1e-12)
        answer = again.passes.logits()[: budget.images].argmax(1).cpu().numpy()
        same = noisy.logits.argmax(2) == answer
        found = np.where(same, ratio, -np.inf).max(0)
        return budget, found, ["" if good else CHANGED for good in same.any(0).tolist()], {}

    return rerun(maps, case, find)


@declared("relative_input_stability")
def relative_input_stability(maps: Maps, case: Case, *, draws: int = 6, floor: float = FLOOR) -> Scores:
    """Return the largest relative change of the map over that of the image, over noisy images that keep the answer."""

    def against(again: Again, noisy: Noisy) -> Numbers:
        del again
        plain = noisy.plain.double().cpu().numpy()
        return relative(plain, plain + noisy.moved, 3, floor)

    return stability(maps, case, draws, floor, against)


@declared("relative_output_stability")
def relative_output_stability(maps: Maps, case: Case, *, draws: int = 6, floor: float = FLOOR) -> Scores:
    """Return the largest relative change of the map over the change of the logits, over noisy images that keep the answer."""

    def against(again: Again, noisy: Noisy) -> Numbers:
        plain = again.passes.logits()[: len(noisy.plain)].double().cpu().numpy()
        return length(noisy.logits - plain, 1)

    return stability(maps, case, draws, floor, against)


@declared("relative_representation_stability")
def relative_representation_stability(maps: Maps, case: Case, *, draws: int = 6, floor: float = FLOOR) -> Scores:
    """Return the largest relative change of the map over that of what the model's last linear layer reads.

    Undefined where the model does not end in a linear layer.
    """

    def against(again: Again, noisy: Noisy) -> Numbers:
        plain = again.passes.features()[: len(noisy.plain)].double().cpu().numpy()
        return relative(plain, noisy.features, 1, floor)

    return stability(maps, case, draws, floor, against)
