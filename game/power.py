"""What a design can find: the smallest difference in mean accuracy that a study of this size detects, by the normal approximation.

A participant's mean over r rounds varies with the spread s between people and with chance, c / r with c = p (1 - p) - s^2.
Between people the difference of two groups of n has variance 2 (s^2 + c / r) / n; within people the spread between them drops
out and that of condition by person, t, stays: 2 (t^2 + c / r) / n. Items are taken as fixed.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import msgspec


class Assumed(msgspec.Struct, frozen=True):
    """What is assumed of people: accuracy, its spread (SD) between people and between conditions within a person.

    The spreads are SDs of 0.7 and 0.3 on the log-odds scale at an accuracy of 0.7.
    """

    accuracy: float = 0.7
    between: float = 0.15
    within: float = 0.06


ASSUMED = Assumed()


def detectable(
    n: int, rounds: int, *, within: bool, power: float = 0.8, alpha: float = 0.05, assumed: Assumed = ASSUMED
) -> float:
    """Return the least difference in mean accuracy (0 to 1) found with `power` at two-sided `alpha`; NaN without people.

    `n` is per group, or all people where conditions vary within them; `rounds` is per person and condition.

    >>> round(detectable(50, 27, within=False), 3)
    0.096
    """
    if n < 2 or rounds < 1:
        return math.nan
    normal = NormalDist()
    return (normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)) * _error(n, rounds, within, assumed)


def power_of(
    difference: float, n: int, rounds: int, *, within: bool, alpha: float = 0.05, assumed: Assumed = ASSUMED
) -> float:
    """Return the chance (0 to 1) that a true `difference` in mean accuracy is found at two-sided `alpha`.

    NaN without people, and where all are assumed to be alike and always right or always wrong.
    """
    error = _error(n, rounds, within, assumed) if n > 1 and rounds > 0 else 0.0
    if not error > 0:
        return math.nan
    normal, shift = NormalDist(), abs(difference) / error
    critical = normal.inv_cdf(1 - alpha / 2)
    return normal.cdf(shift - critical) + normal.cdf(-shift - critical)


def _error(n: int, rounds: int, within: bool, assumed: Assumed) -> float:
    """Return the standard error of the difference."""
    chance = (assumed.accuracy * (1 - assumed.accuracy) - assumed.between**2) / rounds
    spread = assumed.within if within else assumed.between
    return math.sqrt(max(0.0, 2 * (spread**2 + chance) / n))
