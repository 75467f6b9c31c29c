"""Aversion: whether the same advice is followed less because it is said to come from an AI, and not from a person."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from game.estimate import Estimate, undefined
from game.measures import ADVISED, measure
from game.measures.bias import DIETVORST
from game.measures.reliance import UNSEEN, advised
from game.round import Round


@measure(
    "aversion", cite=DIETVORST, needs=("followed", "ai_correct", "attributed"), protocol=ADVISED, unit="difference", reads="study",
)  # fmt: skip
def aversion(rounds: Sequence[Round]) -> Estimate:
    """Right advice followed when said to be a person's, minus when said to be an AI's; above 0 aversion, below 0 appreciation.

    P(F | right), the mean over advice (label and confidence, on one specimen) that was given under both names, so that nothing
    but the name differs. After Dietvorst et al. 2015. Undefined where no source of the advice was named.
    """
    seen = advised(rounds)
    if not seen:
        return undefined(UNSEEN, len(rounds))
    sides: defaultdict[tuple[object, ...], dict[str, list[bool]]] = defaultdict(lambda: {"human": [], "ai": []})
    for each in seen:
        if each.ai_correct:
            sides[each.study, each.specimen, each.ai, each.ai_confidence][each.attributed].append(bool(each.followed))
    both = [side for side in sides.values() if side["human"] and side["ai"]]
    if not both:
        return undefined("no right advice was given both as a person's and as an AI's", len(seen))
    gaps = sorted(sum(side["human"]) / len(side["human"]) - sum(side["ai"]) / len(side["ai"]) for side in both)
    n = sum(len(flags) for side in both for flags in side.values())
    return Estimate(math.fsum(gaps) / len(gaps), None, None, n)
