"""Localisation: does a map lie on the evidence, whose exact pixels are known?

The evidence for the class that is explained are the pixels of the cues that speak for it; all cues where that is not known.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from ai.coarse import ranks
from ai.quality import Case, Maps, Scores, Values, quality, where

NONE = "no evidence for the answer is in view"
TOP = 0.02
"""Share of the picture of the strongest pixels; near the thousand of 224 x 224 that are usual."""

declared = partial(quality, family="localisation", reads="map", better="higher", needs=("masks",), unit="share")


@declared("pointing_game", cite="Zhang et al. 2018, IJCV 126:1084-1102")
def pointing_game(maps: Maps, case: Case) -> Scores:
    """Return 1 where the map's strongest pixel lies on the evidence, 0 elsewhere; ties count by their share.

    By chance it is the area of the evidence. An image without evidence in view is undefined, not a hit.
    """
    mask, flat = evidence(case), flattened(maps)
    top = flat == flat.max(1, keepdims=True)
    return where(mask.any(1), (top & mask).sum(1) / top.sum(1), NONE, mask.mean(1))


@declared("relevance_mass", cite="Arras, Osman & Samek 2022, Information Fusion, arXiv:2003.07258")
def relevance_mass(maps: Maps, case: Case) -> Scores:
    """Return the share of the map's mass that lies on the evidence; by chance the evidence's area."""
    mask = evidence(case)
    return where(mask.any(1), mass(maps, mask), NONE, mask.mean(1))


@declared("relevance_rank", cite="Arras, Osman & Samek 2022, Information Fusion, arXiv:2003.07258")
def relevance_rank(maps: Maps, case: Case) -> Scores:
    """Return the share of the evidence among as many strongest pixels as it has; by chance the evidence's area."""
    mask = evidence(case)
    return where(mask.any(1), strongest(flattened(maps), mask, mask.sum(1)), NONE, mask.mean(1))


@declared("top_k_intersection", cite="Theiner, Mueller-Budack & Ewerth 2021, arXiv:2104.14995")
def top_k_intersection(maps: Maps, case: Case) -> Scores:
    """Return the share of the strongest 2 % of pixels that lies on the evidence; by chance the evidence's area."""
    mask = evidence(case)
    k = np.full(len(mask), max(1, round(TOP * mask.shape[1])))
    return where(mask.any(1), strongest(flattened(maps), mask, k), NONE, mask.mean(1))


@declared("localisation_auc", cite="Fawcett 2006, Pattern Recognition Letters 27(8)", random=0.5)
def localisation_auc(maps: Maps, case: Case) -> Scores:
    """Return the area under the ROC curve of the map as a detector of the evidence's pixels, ties at their mean."""
    mask = evidence(case)
    inside, outside = mask.sum(1), (~mask).sum(1)
    good = (inside > 0) & (outside > 0)
    above = (ranks(flattened(maps)) * mask).sum(1) - inside * (inside - 1) / 2
    return where(good, above / np.where(good, inside * outside, 1), "the evidence is nowhere, or everywhere")


@declared("cue_overlap", cite="")
def cue_overlap(maps: Maps, case: Case) -> Scores:
    """Return how far the map's mass on each cue agrees with how much the cue speaks for the answer: 1 where it is shared out so.

    A cue's due is its diagnosticity, where above zero, times its area, as a share of all. The value is the sum over cues of
    the smaller of due and mass; what lies beside the cues, or too much on one of them, is lost. A pixel of several cues
    counts for each by its diagnosticity. The mass on every single cue stands in the curves `cue NAME`.
    """
    cues, n = list(case.masks), len(maps)
    weights = np.stack([np.clip(case.weights[c], 0, None) if c in case.weights else np.ones(n) for c in cues])
    masks = np.stack([flattened(case.masks[c]) for c in cues]) * weights[:, :, None]
    whole = masks.sum(0)
    seen = whole.sum(1) > 0
    due = masks.sum(2) / np.where(seen, whole.sum(1), 1)
    flat = flattened(maps).astype(np.float64)
    share = flat / flat.sum(1, keepdims=True)
    held = (masks / np.where(whole > 0, whole, 1) * share).sum(2)
    made = where(seen, np.minimum(due, held).sum(0), NONE)
    curves = {
        f"cue {c}": (
            np.zeros(1),
            np.where(case.masks[c].any((1, 2)), mass(maps, flattened(case.masks[c])), np.nan)[:, None],
        )
        for c in cues
    }
    return Scores(made.values, made.why, curves=curves)


def evidence(case: Case) -> NDArray[np.bool_]:
    """Return the pixels of the cues that speak for the answer, (n, H * W)."""
    held = [
        mask & (case.weights[cue] > 0)[:, None, None] if cue in case.weights else mask
        for cue, mask in case.masks.items()
    ]
    return flattened(np.logical_or.reduce(held))


def mass(maps: Maps, mask: NDArray[np.bool_]) -> Values:
    """Return the share of each map's sum that lies in (n, H * W) masks."""
    flat = flattened(maps).astype(np.float64)
    return (flat * mask).sum(1) / flat.sum(1)


def strongest(flat: NDArray[np.floating], mask: NDArray[np.bool_], k: NDArray[np.integer]) -> Values:
    """Return the share of the k strongest pixels that lies in the mask; pixels tied at the limit count by their share."""
    out: list[float] = []
    for values, inside, count in zip(flat, mask, k.tolist(), strict=True):
        if not count:
            out.append(np.nan)
            continue
        limit = np.partition(values, values.size - count)[values.size - count]
        above, tied = values > limit, values == limit
        out.append(((above & inside).sum() + (count - above.sum()) * (tied & inside).sum() / tied.sum()) / count)
    return np.array(out)


def flattened(stack: NDArray[np.generic]) -> NDArray:
    """Return (n, H, W) as (n, H * W)."""
    return stack.reshape(len(stack), -1)
