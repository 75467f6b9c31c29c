"""Intervals of measures that need everybody's rounds at once: groups of people are left out in turn (delete-a-group jackknife)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from game.estimate import Estimate, wilson
from game.round import Round
from server.report.inference.spread import ends

GROUPS = 20
"""Groups of participants that are left out in turn; one person each where there are fewer people."""
FEWEST = 4
MOST = 60_000
"""Rounds of a condition above which measures of everybody's rounds have no interval."""
FITTED = ("dprime_mixed", "criterion_mixed")
PEOPLE = ("turn_share",)
"""Measures that count people, whose interval is Wilson's."""
PLAIN = ("ece_if_calibrated",)
"""Reference values, which have no interval."""
DRAWN, LEFT, OWN, WILSON = "people drawn", "people left out", "of its fit", "Wilson's"
MANY = f"no interval: more than {MOST:,} rounds"


def repeats(name: str, made: Estimate) -> bool:
    """Tell whether a measure's interval is made by measuring again without groups of people."""
    return made.defined and made.low is None and name not in (*FITTED, *PEOPLE, *PLAIN)


def rests(rounds: Sequence[Round]) -> Iterator[list[Round]]:
    """Yield the rounds without each group of participants; nothing below 4 people."""
    place = {who: at for at, who in enumerate(sorted({each.participant for each in rounds}))}
    if len(place) < FEWEST:
        return
    groups = min(GROUPS, len(place))
    at: list[tuple[int, Round]] = [(place[each.participant] % groups, each) for each in rounds]
    for group in range(groups):
        yield [each for mine, each in at if mine != group]


def spread(name: str, made: Estimate, parts: Sequence[float]) -> tuple[float, float, str | None, str]:
    """Return the interval of a measure of everybody's rounds, how it is made, and why there is none.

    `parts`: the measure without each group of participants, NaN where it is undefined.
    """
    if made.low is not None and made.high is not None:
        return made.low, made.high, OWN, ""
    if name in (*FITTED, *PLAIN):
        return math.nan, math.nan, None, "no interval here"
    if name in PEOPLE and made.numerator is not None and made.denominator:
        return *wilson(made.numerator, made.denominator), WILSON, ""
    low, high, why = left_out(made.value, parts)
    return low, high, None if why else LEFT, why


def left_out(value: float, parts: Sequence[float]) -> tuple[float, float, str]:
    """Return the 95 % interval of a value from those without each group of people, and why there is none."""
    found: Any = np.array(parts, dtype=np.float64)
    n = len(found)
    if n < FEWEST:
        return math.nan, math.nan, "no interval: fewer than 4 people"
    if not np.isfinite(found).all():
        return math.nan, math.nan, "no interval: undefined without some of the people"
    se = math.sqrt((n - 1) / n * float(((found - found.mean()) ** 2).sum()))
    if not se > 0:
        return math.nan, math.nan, "no interval: the same whoever is left out"
    low, high, _ = ends(value, se, n - 1.0, 0.95)
    return low, high, ""
