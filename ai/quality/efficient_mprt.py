"""Efficient MPRT: is the map of a model that learned nothing more disordered than the map?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.again import Again
from ai.layers import stages
from ai.quality import Case, Maps, Scores, quality
from ai.rerun import Found, reasons, rerun


@quality(
    "efficient_mprt",
    family="randomisation",
    reads="model",
    takes="signed",
    better="higher",
    cite="Hedström et al. 2023, XAIA at NeurIPS, arXiv:2401.06465",
    needs=("passes", "explain"),
    unit="relative rise",
)
def efficient_mprt(maps: Maps, case: Case, *, bins: int = 100) -> Scores:
    """Return (entropy of the map of a model drawn anew as a whole - entropy of the map) / entropy of the map.

    Entropy is that of the histogram of the values, `bins` even steps from the lowest to the highest. It compares no
    pixel with another, so a map may move; above zero the map lost structure with the model's knowledge.
    """

    def find(again: Again) -> Found:
        budget = again.budget()
        (names,) = stages(again.passes.module, "bottom_up", 1)
        before = entropy(again.maps[: budget.images], bins)
        after = entropy(again.under(names, budget), bins)
        values = np.where(before > 0, (after - before) / np.where(before > 0, before, 1), np.nan)
        return budget, values, reasons(values, "the map has no entropy to compare with"), {}

    return rerun(maps, case, find)


def entropy(maps: Maps, bins: int) -> NDArray[np.float64]:
    """Return the entropy in nats of each map's histogram, (n,)."""
    flat = maps.reshape(len(maps), -1).astype(np.float64)
    low, high = flat.min(1, keepdims=True), flat.max(1, keepdims=True)
    width = np.where(high > low, high - low, 1)
    at = np.minimum(((flat - low) / width * bins).astype(np.int64), bins - 1)
    counted = np.bincount((at + bins * np.arange(len(flat))[:, None]).ravel(), minlength=bins * len(flat))
    share = counted.reshape(len(flat), bins) / flat.shape[1]
    return -(share * np.log(np.where(share > 0, share, 1))).sum(1)
