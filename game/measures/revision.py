"""Revision: what a seen suggestion does to a first answer; needs the two-stage protocol.

I: the first answer is right. R: the AI is right. C: the final answer is right. F: the final answer is the AI's.
With more than two classes a final answer can be neither the first one nor the AI's: it is then no reliance on either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from game.estimate import Estimate, share, undefined
from game.measures import measure
from game.measures.reliance import UNSEEN, advised
from game.round import Round

LU_YIN = "10.1145/3411764.3445562"
SCHEMMER = "10.1145/3581641.3584066"
TWO = ("two_stage",)
WRONG_RIGHT = "no round where the first answer was wrong and the suggestion right"
RIGHT_WRONG = "no round where the first answer was right and the suggestion wrong"
ANSWERS = ("own_correct", "ai_correct", "correct")
FOLLOWS = ("own_correct", "ai_correct", "followed")


def cases(rounds: Sequence[Round], own: bool, ai: bool) -> tuple[list[Round], int]:
    """Return the rounds with a seen suggestion, I = own and R = ai, and how many had a seen suggestion at all."""
    seen = advised(rounds)
    return [each for each in seen if each.own_correct is own and each.ai_correct is ai], len(seen)


@measure("switch", cite=LU_YIN, needs=("own", "ai", "followed"), protocol=TWO)
def switch(rounds: Sequence[Round]) -> Estimate:
    """Switch fraction: of the first answers that differ from the AI's, the share changed to the AI's (Lu & Yin 2021)."""
    seen = advised(rounds)
    if not seen:
        return undefined(UNSEEN, len(rounds), 0.0, 0.0)
    differing = [each.followed for each in seen if each.own != each.ai]
    return share(differing, "no round where the first answer and the suggestion differed", len(seen))


@measure("rair", cite=SCHEMMER, needs=ANSWERS, protocol=TWO, better="higher")
def rair(rounds: Sequence[Round]) -> Estimate:
    """Relative AI reliance: right final answers where I=0 and R=1 (Schemmer et al. 2023)."""
    chosen, n = cases(rounds, own=False, ai=True)
    return share([each.correct for each in chosen], WRONG_RIGHT if n else UNSEEN, n)


@measure("rsr", cite=SCHEMMER, needs=ANSWERS, protocol=TWO, better="higher")
def rsr(rounds: Sequence[Round]) -> Estimate:
    """Relative self-reliance: right final answers where I=1 and R=0 (Schemmer et al. 2023)."""
    chosen, n = cases(rounds, own=True, ai=False)
    return share([each.correct for each in chosen], RIGHT_WRONG if n else UNSEEN, n)


@measure("reliance_distance", cite=SCHEMMER, needs=ANSWERS, protocol=TWO, unit="distance", better="lower")
def reliance_distance(rounds: Sequence[Round]) -> Estimate:
    """Distance of (RAIR, RSR) to (1, 1), divided by sqrt 2: 0 is appropriate reliance, 1 its opposite.

    The two coordinates are those of Schemmer et al. 2023; the scaling to [0, 1] is ours.
    """
    by_ai, by_self = rair(rounds), rsr(rounds)
    for part, name in ((by_ai, "RAIR"), (by_self, "RSR")):
        if not part.defined:
            return undefined(f"{name} is undefined: {part.why_undefined}", part.n)
    return Estimate(math.hypot(1 - by_ai.value, 1 - by_self.value) / math.sqrt(2), None, None, by_ai.n)


@measure("over_reliance_two_stage", cite=SCHEMMER, needs=FOLLOWS, protocol=TWO, better="lower")
def over_reliance_two_stage(rounds: Sequence[Round]) -> Estimate:
    """Two-stage over-reliance: wrong suggestions that replaced a right first answer, P(F=1 | R=0, I=1).

    Equal to 1 - RSR with two classes; smaller where people leave their answer for a third one (after Schemmer et al. 2023).
    """
    chosen, n = cases(rounds, own=True, ai=False)
    return share([each.followed for each in chosen], RIGHT_WRONG if n else UNSEEN, n)


@measure("under_reliance_two_stage", cite=SCHEMMER, needs=FOLLOWS, protocol=TWO, better="lower")
def under_reliance_two_stage(rounds: Sequence[Round]) -> Estimate:
    """Two-stage under-reliance: right suggestions not taken after a wrong first answer, P(F=0 | R=1, I=0) = 1 - RAIR."""
    chosen, n = cases(rounds, own=False, ai=True)
    return share([each.followed is False for each in chosen], WRONG_RIGHT if n else UNSEEN, n)
