"""Completeness: does the map's sum account for what the model's answer gained over a baseline?"""

from __future__ import annotations

import numpy as np
import torch

from ai.quality import Case, Maps, Scores, quality, undefined, where

LEAST = 1e-3
"""A gain in logits below which there is nothing to account for."""


@quality(
    "completeness",
    family="axiomatic",
    reads="model",
    takes="signed",
    better="lower",
    cite="Sundararajan et al. 2017, ICML, arXiv:1703.01365",
    needs=("passes",),
    unit="share of the gain",
)
def completeness(maps: Maps, case: Case, *, baseline: str = "mean") -> Scores:
    """Return |sum of the map - (logit - logit of the baseline)| / |logit - logit of the baseline|; 0 accounts for all of it.

    Read from the map at the method's own resolution; a map without a sign accounts for nothing against, so it is undefined.
    """
    if not case.signed or case.own is None:
        return undefined(len(maps), "the map has no sign")
    gain = case.held.get(("gain", baseline))
    if gain is None:
        at = torch.tensor(case.targets)[:, None]
        before, after = case.passes.logits(), case.passes.forward(case.passes.baseline(baseline))
        gain = (before - after).gather(1, at).squeeze(1).double().cpu().numpy()
        case.held["gain", baseline] = gain
    there = np.abs(gain) >= LEAST
    gap = np.abs(case.own.reshape(len(maps), -1).sum(1, dtype=np.float64) - gain)
    return where(there, gap / np.where(there, np.abs(gain), 1), "the answer gains nothing over the baseline")
