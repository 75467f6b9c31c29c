"""Model parameter randomisation test: does the map change when the model forgets what it learned?"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ai.again import Again
from ai.coarse import correlations, ranks
from ai.layers import stages
from ai.quality import Case, Maps, Scores, quality
from ai.rerun import Found, reasons, rerun

SAME = "every map of a randomised model is the same everywhere"

declared = partial(
    quality,
    family="randomisation",
    reads="model",
    takes="signed",
    better="lower",
    cite="Adebayo et al. 2018, NeurIPS, arXiv:1810.03292",
    needs=("passes", "explain"),
    unit="correlation",
)


def alike(a: Maps, b: Maps) -> NDArray[np.float64]:
    """Return Spearman's correlation of each map with its fellow, over all pixels with their sign; NaN where one is constant."""
    return correlations(ranks(flat(a)), ranks(flat(b)))


def flat(maps: Maps) -> Maps:
    """Return (n, H, W) as (n, H * W)."""
    return maps.reshape(len(maps), -1)


def mprt(maps: Maps, case: Case, order: str, layers: int) -> Scores:
    """Return the mean correlation over stages with the map of the trained model, and the curve over stages.

    The trained model itself is no stage. A randomised model's map that is the same everywhere is left out.
    """

    def find(again: Again) -> Found:
        budget = again.budget(layers=layers)
        cut = stages(again.passes.module, order, budget.layers)
        plain = ranks(flat(again.maps[: budget.images]))
        y = np.column_stack([correlations(plain, ranks(flat(again.under(names, budget)))) for names in cut])
        good = np.isfinite(y)
        values = np.where(good.any(1), np.where(good, y, 0).sum(1) / np.maximum(good.sum(1), 1), np.nan)
        x = np.arange(1, len(cut) + 1) / len(cut)
        return budget, values, reasons(values, SAME), {f"MPRT, {order.replace('_', ' ')}": (x, y)}

    return rerun(maps, case, find)


@declared("mprt_top_down")
def mprt_top_down(maps: Maps, case: Case, *, layers: int = 4) -> Scores:
    """Return the mean Spearman correlation of the map with those of models drawn anew from the output down, group by group.

    `layers` is the number of groups of layers, fewer for methods that cost many passes. 1 reads nothing that was learned.
    """
    return mprt(maps, case, "top_down", layers)


@declared("mprt_bottom_up")
def mprt_bottom_up(maps: Maps, case: Case, *, layers: int = 4) -> Scores:
    """Return the mean Spearman correlation of the map with those of models drawn anew from the input up, group by group."""
    return mprt(maps, case, "bottom_up", layers)


@declared("mprt_independent")
def mprt_independent(maps: Maps, case: Case, *, layers: int = 4) -> Scores:
    """Return the mean Spearman correlation of the map with those of models with one group of layers drawn anew, each alone."""
    return mprt(maps, case, "independent", layers)


@declared("mprt_full", most=0.7)
def mprt_full(maps: Maps, case: Case) -> Scores:
    """Return Spearman's correlation of the map with that of a model drawn anew as a whole: the last stage of the cascades."""
    return mprt(maps, case, "top_down", 1)
