"""How much weight advice gets, and whether it goes to the right advice.

Weight of advice needs the probability that the AI's label is right, before and after. With two classes a label and a confidence
give it; with more they do not (what is left is spread over the others in a way nobody asked), so it is refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from game.estimate import Estimate, mean, share, undefined
from game.measures import measure
from game.measures.confidence import said
from game.measures.reliance import UNSEEN, advised
from game.measures.revision import TWO
from game.round import Round

JUDGE_ADVISOR = "10.1006/obhd.1995.1040"
NEEDS = ("own", "own_confidence", "final", "final_confidence", "ai")
CLOSE = 0.05
"""Advice nearer than this to the first opinion leaves the weight undefined."""


def weights_of(rounds: Sequence[Round]) -> tuple[list[float], str]:
    """Return (after - before) / (advice - before) of each round that has one, unclipped, and why there is none (or "")."""
    seen = advised(rounds)
    if not seen:
        return [], UNSEEN
    two = [each for each in seen if len(each.options) == 2]
    if not two:
        return (
            [],
            "with more than two classes (or an unknown number) a label and a confidence do not give the probability of the AI's",
        )
    made: list[float] = []
    for each in two:
        before, after = (
            _on_advice(each.own, said(each, "own"), each),
            _on_advice(each.final, said(each, "final"), each),
        )
        advice = 1.0 if each.ai_confidence is None else each.ai_confidence
        if before is not None and after is not None and abs(advice - before) >= CLOSE:
            made.append((after - before) / (advice - before))
    return made, "" if made else "in no round do the advice and a first opinion on a known scale lie apart"


def _on_advice(answer: str | None, sure: float | None, each: Round) -> float | None:
    return None if sure is None else sure if answer == each.ai else 1 - sure


@measure("weight_of_advice", cite=JUDGE_ADVISOR, needs=NEEDS, protocol=TWO)
def weight_of_advice(rounds: Sequence[Round]) -> Estimate:
    """Mean weight of advice, each clipped to 0 (kept) and 1 (fully taken); two classes only (Sniezek & Buckley 1995)."""
    weights, why = weights_of(rounds)
    return undefined(why) if why else mean([min(1.0, max(0.0, w)) for w in weights], why)


@measure("weight_of_advice_raw", cite=JUDGE_ADVISOR, needs=NEEDS, protocol=TWO, unit="number")
def weight_of_advice_raw(rounds: Sequence[Round]) -> Estimate:
    """Mean weight of advice as it comes: below 0 away from the advice, above 1 beyond it."""
    weights, why = weights_of(rounds)
    return undefined(why) if why else mean(weights, why)


@measure("weight_of_advice_outside", cite=JUDGE_ADVISOR, needs=NEEDS, protocol=TWO)
def weight_of_advice_outside(rounds: Sequence[Round]) -> Estimate:
    """Share of weights of advice that lie outside 0 and 1, which clipping hides."""
    weights, why = weights_of(rounds)
    return undefined(why) if why else share([not 0 <= w <= 1 for w in weights], why)


@measure(
    "selectivity",
    cite="",
    needs=("own", "ai", "followed", "ai_correct"),
    protocol=TWO,
    unit="difference",
    better="higher",
)
def selectivity(rounds: Sequence[Round]) -> Estimate:
    """Selectivity J: P(F | AI right) - P(F | AI wrong), where the first answer and the suggestion differed (Youden's index).

    1 judged use; 0 the suggestion is taken, or not, whatever it is worth.
    """
    apart = [each for each in advised(rounds) if each.own != each.ai]
    if not apart:
        return undefined("no round where the first answer and a seen suggestion differed", len(rounds))
    right = [bool(each.followed) for each in apart if each.ai_correct]
    wrong = [bool(each.followed) for each in apart if not each.ai_correct]
    if not right or not wrong:
        return undefined(f"where they differed the suggestion was never {'wrong' if right else 'right'}", len(apart))
    return Estimate(math.fsum(right) / len(right) - math.fsum(wrong) / len(wrong), None, None, len(apart))
