"""What delegating saves and costs: how far its share follows the time that it saves, and the points that it is priced at.

One arm cannot tell: people also delegate for other reasons. So both are slopes over conditions that differ in what delegating
saves (effort "natural" beside "equal") or costs ("priced"), by least squares, each condition weighted by its rounds.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence

from game.estimate import Estimate, undefined
from game.measures import measure
from game.round import Round

Arms = Mapping[tuple[str, str], Sequence[Round]]


def _arms(rounds: Sequence[Round]) -> Arms:
    """Return the rounds in which delegating was decided, by study and condition."""
    made: defaultdict[tuple[str, str], list[Round]] = defaultdict(list)
    for each in rounds:
        if each.delegation_offered and each.delegated is not None and not each.handed_over:
            made[each.study, each.condition].append(each)
    return {key: made[key] for key in sorted(made)}


def _saved(arm: Sequence[Round]) -> float | None:
    """Return the seconds that delegating saves: median own round minus median delegated round; None without both."""
    times = {
        flag: [each.total_ms for each in arm if each.delegated is flag and each.total_ms is not None]
        for flag in (True, False)
    }
    if not times[True] or not times[False]:
        return None
    return (statistics.median(times[False]) - statistics.median(times[True])) / 1000


def _slope(arms: Arms, at: Mapping[tuple[str, str], float], why: str) -> Estimate:
    """Return the slope of the share delegated on `at`, over the conditions that have it."""
    known = [(x, arms[key]) for key, x in at.items()]
    n = sum(len(arm) for _, arm in known)
    if len({x for x, _ in known}) < 2:
        return undefined(why, n)
    middle = math.fsum(x * len(arm) for x, arm in known) / n
    over = math.fsum((x - middle) * sum(bool(each.delegated) for each in arm) for x, arm in known)
    under = math.fsum((x - middle) ** 2 * len(arm) for x, arm in known)
    return Estimate(over / under, None, None, n)


@measure(
    "delegation_per_second_saved", cite="", needs=("total_ms",), protocol=("delegation",), unit="number", reads="study",
)  # fmt: skip
def delegation_per_second_saved(rounds: Sequence[Round]) -> Estimate:
    """How much more is delegated for each second that it saves: slope of the share over conditions, per second.

    What is saved is the median time of a round decided oneself minus that of a delegated one, in each condition.
    """
    arms = _arms(rounds)
    saved = {key: seconds for key, arm in arms.items() if (seconds := _saved(arm)) is not None}
    return _slope(arms, saved, "there are no two conditions in which delegating saves different times")


@measure(
    "delegation_per_point", cite="", needs=("delegation_price",), protocol=("delegation",), unit="number", reads="study",
)  # fmt: skip
def delegation_per_point(rounds: Sequence[Round]) -> Estimate:
    """How the share delegated changes for each point that delegating costs, over conditions; below 0 people are thrifty.

    Over the study's pay for one point it is the change per unit of its currency.
    """
    arms = _arms(rounds)
    prices = {key: statistics.fmean(float(each.delegation_price or 0.0) for each in arm) for key, arm in arms.items()}
    return _slope(arms, prices, "there are no two conditions in which delegating costs different points")
