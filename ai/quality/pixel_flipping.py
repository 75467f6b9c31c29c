"""Pixel flipping: the answer while pixels are flipped in even steps, from the most important to the least."""

from __future__ import annotations

import numpy as np

from ai.asked import Asked
from ai.curves import area, counts
from ai.quality import Case, Maps, Scores, quality


@quality(
    "pixel_flipping",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="lower",
    cite="Bach et al. 2015, PLOS ONE, doi:10.1371/journal.pone.0130140",
    needs=("passes",),
    unit="probability",
)
def pixel_flipping(maps: Maps, case: Case, *, steps: int = 6, baseline: str = "black") -> Scores:
    """Return the mean probability of the target over even steps, each turning as many pixels black, from none to all.

    The signed map gives the order; chance orders pixels that it holds alike.
    """
    asked = Asked.of(case)
    x = np.arange(1, steps + 1) / steps
    flipped = asked.target(asked.curve(maps, counts(x[:-1], maps[0].size), baseline), probability=True)
    whole, nothing = (asked.target(end, probability=True) for end in asked.ends(len(maps), baseline))
    x, y = np.array([0.0, *x]), np.column_stack([whole, flipped, nothing])
    return Scores(area(x, y), curves={"pixel flipping": (x, y)})
