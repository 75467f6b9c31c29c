"""Sensitivity: how much the map changes when the image hardly does."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ai.again import Again
from ai.quality import Case, Maps, Scores, quality
from ai.rerun import Found, length, reasons, rerun

declared = partial(
    quality,
    family="robustness",
    reads="model",
    takes="signed",
    better="lower",
    needs=("passes", "explain"),
    unit="share",
)


def changes(again: Again, draws: int) -> NDArray[np.float64]:
    """Return by how much of its own length the map changes under each draw of noise, (draws, k)."""
    budget = again.budget(draws)
    noisy = again.under_noise(budget)
    plain = again.maps[: budget.images]
    return length(noisy - plain, 2) / length(plain, 2)


@declared("max_sensitivity", cite="Yeh et al. 2019, NeurIPS, arXiv:1901.09392")
def max_sensitivity(maps: Maps, case: Case, *, draws: int = 6) -> Scores:
    """Return the largest change of the map over `draws` noisy images, as a share of its length.

    Each number of the normalised image moves evenly by at most 0.2, either way; the class explained stays the same.
    """

    def find(again: Again) -> Found:
        found = changes(again, draws).max(0)
        return again.budget(draws), found, reasons(found, "a map is not finite"), {}

    return rerun(maps, case, find)


@declared("avg_sensitivity", cite="Yeh et al. 2019, NeurIPS, arXiv:1901.09392; mean as in Quantus, JMLR 2023")
def avg_sensitivity(maps: Maps, case: Case, *, draws: int = 6) -> Scores:
    """Return the mean change of the map over the noisy images of `max_sensitivity`, as a share of its length."""

    def find(again: Again) -> Found:
        found = changes(again, draws).mean(0)
        return again.budget(draws), found, reasons(found, "a map is not finite"), {}

    return rerun(maps, case, find)
