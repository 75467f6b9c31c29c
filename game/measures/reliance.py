"""Reliance on a suggestion that was seen, from the final answer alone; defined with and without a first answer.

A round counts when the AI's answer was on the screen and the person (not the AI, not the clock) gave the final answer: what was
delegated or handed over is an act of its own (see acts.py). In `on_request` people choose in which rounds they see the AI, so
these shares describe the rounds they asked in.
"""

from __future__ import annotations

from collections.abc import Sequence

from game.estimate import Estimate, share, undefined
from game.measures import ADVISED, measure
from game.round import Round

UNSEEN = "in no round was a suggestion seen and answered by the person"


def advised(rounds: Sequence[Round]) -> list[Round]:
    """Return the rounds in which the person answered with the AI's suggestion on the screen."""
    return [
        each
        for each in rounds
        if each.ai_shown and not each.delegated and not each.handed_over and each.decided_by in {"participant", ""}
    ]


def follow(rounds: Sequence[Round], ai_correct: bool, followed: bool, why: str) -> Estimate:
    """Return P(F = followed | R = ai_correct) over rounds with a seen suggestion."""
    seen = advised(rounds)
    if not seen:
        return undefined(UNSEEN, len(rounds), 0.0, 0.0)
    return share([each.followed is followed for each in seen if each.ai_correct is ai_correct], why, len(seen))


@measure("agreement", cite="10.1145/3411764.3445562", needs=("followed",), protocol=ADVISED)
def agreement(rounds: Sequence[Round]) -> Estimate:
    """Agreement fraction: final answer equal to the AI's, over rounds with a seen suggestion: mean F (Lu & Yin 2021)."""
    seen = advised(rounds)
    return share([each.followed for each in seen], UNSEEN, len(seen))


@measure("over_reliance", cite="10.1145/3449287", needs=("followed", "ai_correct"), protocol=ADVISED, better="lower")
def over_reliance(rounds: Sequence[Round]) -> Estimate:
    """One-stage over-reliance: share of wrong suggestions that were followed, P(F=1 | R=0) (Buçinca et al. 2021)."""
    return follow(rounds, ai_correct=False, followed=True, why="no round where the suggestion was wrong")


@measure("under_reliance", cite="10.1145/3579605", needs=("followed", "ai_correct"), protocol=ADVISED, better="lower")
def under_reliance(rounds: Sequence[Round]) -> Estimate:
    """One-stage under-reliance: share of right suggestions that were not followed, P(F=0 | R=1) (Vasconcelos et al. 2023)."""
    return follow(rounds, ai_correct=True, followed=False, why="no round where the suggestion was right")
