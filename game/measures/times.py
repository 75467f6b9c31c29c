"""Decision times in milliseconds by the browser's clock, of answers that the person gave.

`own`: first screen painted to the first answer, before the AI's was seen. `final`: painting of the screen with the final answer
to that answer. `total`: all screens of the round. Time away is removed. Means are swayed by one long pause: prefer medians.
"""

from __future__ import annotations

from collections.abc import Sequence

from game.estimate import Estimate, mean, median
from game.measures import EVERY, measure
from game.round import Round

NOBODY = "in no round did the person give the answer"


def times(rounds: Sequence[Round], field: str) -> list[float]:
    """Return `field` of the rounds that the person decided, neither delegated nor timed out."""
    return [
        float(getattr(each, field))
        for each in rounds
        if each.decided_by in {"participant", ""} and not each.timed_out and not each.delegated and not each.handed_over
    ]


@measure("own_ms_median", cite="", needs=("own_ms",), protocol=EVERY, unit="ms")
def own_ms_median(rounds: Sequence[Round]) -> Estimate:
    """Median time to the first answer."""
    return median(times(rounds, "own_ms"), NOBODY)


@measure("own_ms_mean", cite="", needs=("own_ms",), protocol=EVERY, unit="ms")
def own_ms_mean(rounds: Sequence[Round]) -> Estimate:
    """Mean time to the first answer."""
    return mean(times(rounds, "own_ms"), NOBODY)


@measure("final_ms_median", cite="", needs=("final_ms",), protocol=EVERY, unit="ms")
def final_ms_median(rounds: Sequence[Round]) -> Estimate:
    """Median time from the painting of the final answer's screen to the final answer."""
    return median(times(rounds, "final_ms"), NOBODY)


@measure("final_ms_mean", cite="", needs=("final_ms",), protocol=EVERY, unit="ms")
def final_ms_mean(rounds: Sequence[Round]) -> Estimate:
    """Mean time from the painting of the final answer's screen to the final answer."""
    return mean(times(rounds, "final_ms"), NOBODY)


@measure("total_ms_median", cite="", needs=("total_ms",), protocol=EVERY, unit="ms")
def total_ms_median(rounds: Sequence[Round]) -> Estimate:
    """Median time of a whole round that the person decided."""
    return median(times(rounds, "total_ms"), NOBODY)


@measure("total_ms_mean", cite="", needs=("total_ms",), protocol=EVERY, unit="ms")
def total_ms_mean(rounds: Sequence[Round]) -> Estimate:
    """Mean time of a whole round that the person decided."""
    return mean(times(rounds, "total_ms"), NOBODY)
