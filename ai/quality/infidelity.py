"""Infidelity: how far the map is from saying what the answer loses when a square is taken away."""

from __future__ import annotations

import numpy as np

from ai.asked import Asked
from ai.quality import Case, Maps, Scores, quality, where


@quality(
    "infidelity",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="lower",
    random=1.0,
    cite="Yeh et al. 2019, NeurIPS, arXiv:1901.09392",
    needs=("passes",),
    unit="share",
)
def infidelity(
    maps: Maps, case: Case, *, side: int = 12, baseline: str = "mean", scale: str = "best", times: str = "one"
) -> Scores:
    """Return the mean squared gap of the map's sum over a square and the logit's fall without it, over all squares.

    `scale` "best" first multiplies the map by the number that fits best, as maps have no common unit, and gives the gap as
    a share of the mean squared fall: 0 tells all, 1 nothing. "none" takes the map as it is, in squared logits. `times`
    "difference" multiplies the map by what each pixel loses, for maps that are gradients; "one" does not.
    """
    asked, rows = Asked.of(case), np.arange(len(maps)) % len(case.targets)
    if scale not in ("best", "none") or times not in ("one", "difference"):
        raise ValueError(f"no scale {scale!r} or times {times!r}: give 'best' or 'none', and 'one' or 'difference'")
    if times == "difference":
        lost = (asked.passes.images - asked.base(baseline)).sum(1).cpu().numpy()
        maps = maps * lost[rows]
    attributed, _ = asked.cells(maps, asked.grid(side))
    falls = asked.plain(len(case.targets), probability=False)[:, None]
    falls = (falls - asked.target(asked.without(side, baseline), probability=False))[rows]
    if scale == "none":
        return Scores(((attributed - falls) ** 2).mean(1))
    size, fall = (attributed**2).sum(1), (falls**2).sum(1)
    best = (attributed * falls).sum(1) / np.where(size > 0, size, 1)
    left = ((best[:, None] * attributed - falls) ** 2).sum(1) / np.where(fall > 0, fall, 1)
    return where((size > 0) & (fall > 0), left, "no square changes the answer, or the map gives nothing to any")
