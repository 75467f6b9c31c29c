"""Smooth MPRT: the randomisation test on maps without their grain, averaged over noisy images."""

from __future__ import annotations

from ai.again import Again
from ai.layers import stages
from ai.quality import Case, Maps, Scores, quality
from ai.quality.mprt import SAME, alike
from ai.rerun import Found, reasons, rerun


@quality(
    "smooth_mprt",
    family="randomisation",
    reads="model",
    takes="signed",
    better="lower",
    cite="Hedström et al. 2023, XAIA at NeurIPS, arXiv:2401.06465",
    needs=("passes", "explain"),
    unit="correlation",
)
def smooth_mprt(maps: Maps, case: Case, *, draws: int = 6) -> Scores:
    """Return Spearman's correlation of the map and that of a model drawn anew as a whole, both means over noisy images.

    The images are those of `max_sensitivity`; a mean takes the grain out of maps, which alone can make them differ.
    """

    def find(again: Again) -> Found:
        budget = again.budget(draws)
        (names,) = stages(again.passes.module, "top_down", 1)
        values = alike(again.under_noise(budget).mean(0), again.under_noise_and(names, budget).mean(0))
        return budget, values, reasons(values, SAME), {}

    return rerun(maps, case, find)
