"""Does a map reveal what the model goes by: how much of it lies on the confounder?"""

from __future__ import annotations

from functools import partial

from ai.quality import Case, Maps, Scores, quality, where
from ai.quality.localisation import flattened, mass, strongest

NONE = "the confounder is not in view"

declared = partial(quality, family="localisation", reads="map", needs=("confounder",), unit="share")


@declared("confounder_mass", cite="energy as in Wang et al. 2020, Score-CAM, CVPR workshops, arXiv:1910.01279")
def confounder_mass(maps: Maps, case: Case) -> Scores:
    """Return the share of the map's mass that lies on the confounder; by chance its area.

    Neither way is better by itself: for a biased model a map should show it, for a fair one not. The lab compares the two.
    """
    assert case.confounder is not None
    mask = flattened(case.confounder)
    return where(mask.any(1), mass(maps, mask), NONE, mask.mean(1))


@declared("confounder_rank", cite="")
def confounder_rank(maps: Maps, case: Case) -> Scores:
    """Return the share of the confounder among as many strongest pixels as it has; by chance its area."""
    assert case.confounder is not None
    mask = flattened(case.confounder)
    return where(mask.any(1), strongest(flattened(maps), mask, mask.sum(1)), NONE, mask.mean(1))
