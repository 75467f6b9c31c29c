"""Decision times in milliseconds by the browser's clock, of answers that the person gave.

`own`: first screen painted to the first answer, before the AI's was seen. `final`: painting of the screen with the final answer
to that answer. `total`: all screens of the round, time away removed, which the other two have in them. Means are swayed by one
long pause: prefer medians.
"""

from __future__ import annotations

from collections.abc import Sequence

from game.estimate import Estimate, mean, median
from game.measures import EVERY, measure
from game.round import Round

NOBODY = "in no round did the person give the answer"


def finished(each: Round) -> bool:
    """Tell whether a final answer is known: itself, or from importers whether it was right or the AI's."""
    return any(known is not None for known in (each.final, each.correct, each.followed))


def times(rounds: Sequence[Round], field: str, *, whole: bool = True) -> list[float]:
    """Return `field` of the rounds that the person decided: not delegated, not timed out and, unless told, finished."""
    return [
        float(getattr(each, field))
        for each in rounds
        if each.decided_by in {"participant", ""} and not each.timed_out and not each.delegated and not each.handed_over
        if not whole or finished(each)
    ]


@measure("own_ms_median", cite="", needs=("own_ms",), protocol=EVERY, unit="ms")
def own_ms_median(rounds: Sequence[Round]) -> Estimate:
    """Median time to the first answer."""
    return median(times(rounds, "own_ms", whole=False), NOBODY)


@measure("own_ms_mean", cite="", needs=("own_ms",), protocol=EVERY, unit="ms")
def own_ms_mean(rounds: Sequence[Round]) -> Estimate:
    """Mean time to the first answer."""
    return mean(times(rounds, "own_ms", whole=False), NOBODY)


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
