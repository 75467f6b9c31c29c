"""How many images or people would tell two methods apart, by the normal approximation.

One sample of differences: n = (z_a + z_b)^2 sd^2 / d^2. Two groups of people: the same with the variance of a difference of two
means, as `game/power.py` states it. Source: Chow, Shao & Wang 2003, Sample Size Calculations in Clinical Research, Marcel Dekker
(chapter 3, comparing means).
"""

from __future__ import annotations

import math
from statistics import NormalDist

from game.power import ASSUMED, Assumed, detectable

CITE = "Chow, Shao & Wang 2003, Sample Size Calculations in Clinical Research, Marcel Dekker"
MOST = 1_000_000
"""Larger numbers say only that nobody can do it."""
LIFT = 0.1
"""Assumed change of accuracy on an item where two methods show different things; none where they show the same."""
ROUNDS = 24
"""Assumed rounds per person and condition."""


def images_needed(difference: float, sd: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return the images at which a mean paired difference is found; 0 where there is none, or where it needs over MOST.

    >>> images_needed(0.5, 1.0)
    32
    """
    if not (math.isfinite(difference) and math.isfinite(sd)) or difference == 0:
        return 0
    normal = NormalDist()
    raw = ((normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) * sd / difference) ** 2
    return max(2, math.ceil(raw)) if raw <= MOST else 0


def people_needed(difference: float, rounds: int = ROUNDS, *, within: bool = False, assumed: Assumed = ASSUMED) -> int:
    """Return people per condition (all people where conditions vary within them) for a difference in mean accuracy.

    0 where there is no difference, or where it needs over MOST.

    >>> people_needed(0.1, 27)
    47
    """
    if not math.isfinite(difference) or difference == 0 or rounds < 1:
        return 0
    raw = 2 * (detectable(2, rounds, within=within, assumed=assumed) / difference) ** 2
    return max(2, math.ceil(raw)) if raw <= MOST else 0


def diluted(share: float, lift: float = LIFT) -> float:
    """Return the difference in mean accuracy over all items, if only on `share` of them the methods show different things.

    >>> round(diluted(0.38), 3)
    0.038
    """
    return share * lift
