"""Centre prior: the middle of the picture, whatever it shows. People look there, and specimens lie there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ai.explanation import Maps
from ai.matching import matched
from ai.passes import Passes
from game.registry import explainer


@explainer(
    "centre",
    cite="central fixation bias as in Tatler 2007, Journal of Vision 7(14), doi:10.1167/7.14.4",
    needs=(),
    passes=(),
    family="control",
    signed=False,
)
def centre(
    passes: Passes,
    targets: Sequence[int],
    seed: int,
    *,
    base: str = "gradcam",
    match: str = "",
    size: int = 48,
    width: float = 0.22,
) -> Maps:
    """Return a Gaussian in the middle, (N, size, size), the same for every image.

    `width` is its standard deviation as a share of the side. `match` gives it the values of `base`'s map of each image.
    """
    place = (np.arange(size) + 0.5) / size - 0.5
    bell = np.exp(-(place[:, None] ** 2 + place[None, :] ** 2) / (2 * width**2))
    values = np.repeat(bell[None].astype(np.float32), len(passes), 0)
    return matched(passes, values, base, match, targets, seed)
