"""Unaided change: how people do alone after having worked with an AI, against before; read only beside an arm without AI.

Practice alone moves people, too. The change of those with an AI means something as a difference to the change of those without.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import msgspec

from game.estimate import Estimate, undefined
from game.measures import EVERY, measure
from game.measures.modes import people_of
from game.round import Round

LEAST = 4
"""Rounds alone, before and after each, below which nobody's change is told."""
NO_BLOCKS = f"fewer than {LEAST} scored rounds alone before, or after, what came between"


class Change(msgspec.Struct, frozen=True):
    """One person's shares right alone, first and last, and whether an AI came between."""

    before: float
    after: float
    rounds: int
    with_ai: bool


def change_of(rounds: Sequence[Round]) -> Change | None:
    """Return one person's change; None without enough rounds alone on both sides.

    With an AI: the rounds alone before its first and after its last round. Without: those of the first and of the last phase,
    where a phase lies between.
    """
    ordered = sorted((e for e in rounds if e.scored and e.correct is not None), key=lambda each: each.round)
    aided = [at for at, each in enumerate(ordered) if each.protocol != "alone"]
    if aided:
        early, late = ordered[: aided[0]], ordered[aided[-1] + 1 :]
    else:
        phases = list(dict.fromkeys(each.phase for each in ordered))
        if len(phases) < 3:
            return None
        early = [each for each in ordered if each.phase == phases[0]]
        late = [each for each in ordered if each.phase == phases[-1]]
    if min(len(early), len(late)) < LEAST:
        return None
    shares = [sum(bool(each.correct) for each in part) / len(part) for part in (early, late)]
    return Change(shares[0], shares[1], len(early) + len(late), bool(aided))


@measure(
    "unaided_change", cite="", needs=("correct",), protocol=EVERY, unit="difference", better="higher", reads="person",
    pools=True, ordered=True, corrected=True,
)  # fmt: skip
def unaided_change(rounds: Sequence[Round]) -> Estimate:
    """Share right alone after, minus before, what came between (an AI, or more rounds alone); above 0 people learned.

    With several people the mean of their changes. Read it beside the change of those without AI: `unaided_change_by_ai`.
    """
    made = [change for theirs in people_of(rounds) if (change := change_of(theirs))]
    if not made:
        return undefined(NO_BLOCKS, len(rounds))
    gap = math.fsum(each.after - each.before for each in made) / len(made)
    return Estimate(gap, None, None, sum(each.rounds for each in made))


@measure(
    "unaided_change_by_ai", cite="", needs=("correct",), protocol=EVERY, unit="number", better="higher", reads="study",
    pools=True, ordered=True, corrected=True,
)  # fmt: skip
def unaided_change_by_ai(rounds: Sequence[Round]) -> Estimate:
    """What working with an AI does to people alone: their mean change minus that of those who never had one; -2 to 2.

    Below 0 they unlearned, or learned less, than by practice alone. Undefined without an arm that has no AI.
    """
    made = [change for theirs in people_of(rounds) if (change := change_of(theirs))]
    sides = {flag: [each.after - each.before for each in made if each.with_ai is flag] for flag in (True, False)}
    n = sum(each.rounds for each in made)
    if not sides[True]:
        return undefined(NO_BLOCKS, len(rounds))
    if not sides[False]:
        return undefined("no arm without AI: practice alone may explain any change", n)
    return Estimate(statistics.fmean(sides[True]) - statistics.fmean(sides[False]), None, None, n)
