"""Pointing game: does the strongest place of the map lie on the evidence?"""

from __future__ import annotations

import numpy as np

from ai.quality import Case, Maps, Scores, quality, where


@quality(
    "pointing_game",
    family="localisation",
    reads="map",
    better="higher",
    cite="Zhang et al. 2018, IJCV, doi:10.1007/s11263-017-1059-x",
    needs=("masks",),
    unit="share",
)
def pointing_game(maps: Maps, case: Case) -> Scores:
    """Return 1 where the map's strongest pixel lies on the evidence, 0 elsewhere; ties count by their share.

    By chance it is the area of the evidence. An image without evidence in view is undefined, not a hit.
    """
    mask = np.logical_or.reduce(list(case.masks.values())).reshape(len(maps), -1)
    flat = maps.reshape(len(maps), -1)
    top = flat == flat.max(1, keepdims=True)
    return where(mask.any(1), (top & mask).sum(1) / top.sum(1), "no evidence is in view", mask.mean(1))
