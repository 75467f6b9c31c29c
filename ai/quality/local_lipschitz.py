"""Local Lipschitz estimate: the steepest change of the map around the image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.again import Again
from ai.quality import Case, Maps, Scores, quality
from ai.rerun import Found, length, reasons, rerun


@quality(
    "local_lipschitz",
    family="robustness",
    reads="model",
    takes="signed",
    better="lower",
    cite="Alvarez-Melis & Jaakkola 2018, arXiv:1806.08049",
    needs=("passes", "explain"),
    unit="per image length",
)
def local_lipschitz(maps: Maps, case: Case, *, draws: int = 6, scale: str = "length") -> Scores:
    """Return the largest ratio of the map's change to the image's, over the noisy images of `max_sensitivity`.

    `scale` "length" first gives every map the length 1, as maps have no common unit; "none" takes them as they are.
    """
    if scale not in ("length", "none"):
        raise ValueError(f"no scale {scale!r}: give 'length' or 'none'")

    def find(again: Again) -> Found:
        budget = again.budget(draws)
        plain, noisy = again.maps[: budget.images], again.under_noise(budget)
        if scale == "length":
            plain, noisy = _one(plain), _one(noisy)
        found = (length(noisy - plain, 2) / length(again.noisy(budget).moved, 3)).max(0)
        return budget, found, reasons(found, "a map is not finite"), {}

    return rerun(maps, case, find)


def _one(maps: Maps) -> NDArray[np.float64]:
    size = length(maps, 2)[..., None, None]
    return np.where(size > 0, maps / np.where(size > 0, size, 1), 0)
