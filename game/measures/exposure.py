"""What was looked at: explanations, guide, magnifier. Outcomes of a condition, never part of who counts as engaged.

A screen that was up is no proof that it was looked at; time with the page hidden is removed.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from game.estimate import Estimate, mean, median, share, undefined
from game.measures import ADVISED, ASSISTED, EVERY, measure
from game.measures.revision import TWO
from game.round import Round

NOT_MADE = "the condition has no explanation"


@measure("explanation_seen", cite="", needs=("method",), protocol=ASSISTED)
def explanation_seen(rounds: Sequence[Round]) -> Estimate:
    """Rounds in which an explanation was on the screen, over rounds that had one to show."""
    return share([each.explanation_shown for each in rounds], NOT_MADE)


@measure("explanation_ms_median", cite="", needs=("explanation_ms",), protocol=ASSISTED, unit="ms")
def explanation_ms_median(rounds: Sequence[Round]) -> Estimate:
    """Median time that an explanation was on the screen, of rounds that showed one."""
    return median([float(each.explanation_ms or 0) for each in rounds if each.explanation_shown], NOT_MADE)


@measure("explanation_ms_per_round", cite="", needs=("method",), protocol=ASSISTED, unit="ms")
def explanation_ms_per_round(rounds: Sequence[Round]) -> Estimate:
    """Mean time that an explanation was on the screen, over all rounds that had one to show (none: 0 ms).

    Refused where the time of one that was shown is not known.
    """
    times = [each.explanation_ms if each.explanation_shown else 0 for each in rounds]
    known = [float(ms) for ms in times if ms is not None]
    if len(known) < len(times):
        return undefined(
            f"how long the explanation was up is not known in {len(times) - len(known)} rounds", len(rounds)
        )
    return mean(known, NOT_MADE)


@measure("guide_use", cite="", needs=("guide_opens",), protocol=EVERY)
def guide_use(rounds: Sequence[Round]) -> Estimate:
    """Rounds in which the field guide was opened."""
    return share([each.guide_opens > 0 for each in rounds], "no round")


@measure("zoom_use", cite="", needs=("zooms",), protocol=EVERY)
def zoom_use(rounds: Sequence[Round]) -> Estimate:
    """Rounds in which the picture was enlarged."""
    return share([each.zooms > 0 for each in rounds], "no round")


@measure("flip_use", cite="", needs=("method", "flips"), protocol=ADVISED)
def flip_use(rounds: Sequence[Round]) -> Estimate:
    """Rounds in which the two panels were flipped over, of those with an explanation to show."""
    return share([each.flips > 0 for each in rounds], NOT_MADE)


@measure("parts_asked", cite="", needs=(), protocol=ASSISTED, unit="number")
def parts_asked(rounds: Sequence[Round]) -> Estimate:
    """Parts of the explanation that were asked for, per round, where a dialogue offered them (0 where nobody ever asked)."""
    total = sum(len(each.parts) for each in rounds)
    if not total:
        return undefined("no part of an explanation was asked for; whether any was offered is not known", len(rounds))
    return Estimate(total / len(rounds), float(total), float(len(rounds)), len(rounds))


@measure("selective_exposure", cite="", needs=("explanation_ms", "own", "ai"), protocol=TWO, unit="ms")
def selective_exposure(rounds: Sequence[Round]) -> Estimate:
    """Median time with the explanation where the AI agrees with the first answer minus where it does not.

    Above 0 people look longer at what confirms them.
    """
    shown = [each for each in rounds if each.explanation_shown]
    agree = [float(each.explanation_ms or 0) for each in shown if each.own == each.ai]
    apart = [float(each.explanation_ms or 0) for each in shown if each.own != each.ai]
    if not agree or not apart:
        missing = "agrees" if not agree else "disagrees"
        return undefined(f"no explanation was seen where the AI {missing} with the first answer", len(shown))
    return Estimate(statistics.median(agree) - statistics.median(apart), None, None, len(shown))
