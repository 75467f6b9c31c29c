"""Who decides, round by round: explicit acts first, then one engagement rule with the same inputs and thresholds in every arm.

A round counts as engaged when the person took long enough (half of their own pace in the rounds alone before the AI came, at
least 600 ms), or changed a provisional choice, or opened the guide or zoomed; a picture's source cannot be opened in a round. What
was seen of the explanation is an outcome and never part of the rule. Engagement is inferred and not validated on people: see
`NOTICE`.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import msgspec

from game.estimate import Estimate, ratio, share, undefined
from game.measures import ASSISTED, EVERY, measure
from game.round import Round

Code = Literal["handed_over", "delegated", "by_design", "accepted", "mediated", "overrode", "solo", ""]
"""handed_over: a hand-over or the arrangement "AI instead of me" is in force. delegated: given to the AI before its answer was
seen. by_design: the AI decided, and nobody asked the person. accepted, overrode: the suggestion was followed or not, without
engagement. mediated: a suggestion was seen, and the person engaged. solo: none was seen. "": nobody decided, or nothing
tells whether the person engaged, as no time is known."""
EXPLICIT = ("handed_over", "delegated")
"""Codes that need no threshold."""
FLOOR_MS = 600.0
PACE = 0.5
PACED = 5
"""Rounds alone that a person's own pace is taken from, at least."""
RUN = 8
"""Rounds of acceptance without engagement, to the end of a block, that are called unconditional."""
UNTOLD = "in no round was a suggestion seen and answered by the person in a known time"
NOTICE = "Inferred modes are not validated on people: no log of people instructed to decide, delegate or hand over was given."


class Rule(msgspec.Struct, frozen=True):
    """The engagement rule's thresholds; `scale` multiplies the times (sensitivity: 0.5, 1, 2)."""

    floor_ms: float = FLOOR_MS
    pace: float = PACE
    run: int = RUN
    scale: float = 1.0


class Coded(msgspec.Struct, frozen=True):
    """One round and its code. `unconditional`: in a run of unengaged acceptances that reaches the end of its block."""

    round: Round
    code: Code
    unconditional: bool = False


def threshold_ms(rounds: Sequence[Round], rule: Rule | None = None) -> float:
    """Return how long a decision of this person has to take to count as engaged.

    The pace is the median time of the scored rounds alone before the first round with an AI; below 5 of them only the floor.
    """
    rule = rule or Rule()
    times: list[int] = []
    for each in sorted(rounds, key=lambda each: each.round):
        if each.protocol != "alone":
            break
        if each.scored and each.final_ms is not None and each.decided_by in ("participant", ""):
            times.append(each.final_ms)
    own = rule.pace * statistics.median(times) if len(times) >= PACED else 0.0
    return rule.scale * max(rule.floor_ms, own)


def engaged(each: Round, least_ms: float) -> bool:
    """Apply the rule to a round in which a suggestion was seen.

    Time runs from the AI's answer being visible to Confirm, over all screens, so that asking for more is not haste; in the
    two-stage form the first own answer counts as well. Imports know the last screen's time only.
    """
    decided = each.final_ms if each.since_ai_ms is None else each.since_ai_ms
    looked = max(decided or 0, each.own_ms or 0) >= least_ms
    return looked or len(set(each.choices)) > 1 or each.guide_opens > 0 or each.zooms > 0


def code_of(each: Round, least_ms: float) -> Code:
    """Return who decided a round."""
    if each.handed_over or (each.arrangement == "ai_instead" and each.decided_by == "ai"):
        return "handed_over"
    if each.delegated:
        return "delegated"
    if each.decided_by == "ai":
        return "by_design"
    if each.final is None and each.followed is None:
        return ""
    if not each.ai_shown:
        return "solo"
    if engaged(each, least_ms):
        return "mediated"
    if each.since_ai_ms is None and each.final_ms is None and each.own_ms is None:
        return ""
    return "accepted" if each.followed else "overrode"


def coded(rounds: Sequence[Round], rule: Rule | None = None) -> list[Coded]:
    """Return the codes of one participant's scored rounds with an AI, in their order; rounds alone only set the pace."""
    rule = rule or Rule()
    least = threshold_ms(rounds, rule)
    ordered = sorted((each for each in rounds if each.scored), key=lambda each: each.round)
    codes: list[Code] = [code_of(each, least) for each in ordered if each.protocol != "alone"]
    ordered = [each for each in ordered if each.protocol != "alone"]
    by_block: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for at, each in enumerate(ordered):
        by_block[each.condition, each.phase, each.block].append(at)
    runs: set[int] = set()
    for places in by_block.values():
        tail: list[int] = []
        for at in reversed(places):
            if codes[at] not in ("accepted", "delegated"):
                break
            tail.append(at)
        if len(tail) >= rule.run and any(codes[at] == "accepted" for at in tail):
            runs |= {at for at in tail if codes[at] == "accepted"}
    return [Coded(each, code, at in runs) for at, (each, code) in enumerate(zip(ordered, codes, strict=True))]


def people_of(rounds: Sequence[Round]) -> list[list[Round]]:
    """Return the rounds of each participant, by study and name."""
    found: defaultdict[tuple[str, str], list[Round]] = defaultdict(list)
    for each in rounds:
        found[each.study, each.participant].append(each)
    return [found[key] for key in sorted(found)]


def mode_shares(rounds: Sequence[Round], rule: Rule | None = None) -> dict[str, Estimate]:
    """Return code -> its share of the decided rounds with an AI, over all participants; sums to 1."""
    codes = [each.code for theirs in people_of(rounds) for each in coded(theirs, rule) if each.code]
    names = ("handed_over", "delegated", "by_design", "accepted", "mediated", "overrode", "solo")
    return {name: share([code == name for code in codes], "no decided round with an AI") for name in names}


def sensitivity(rounds: Sequence[Round], scales: Sequence[float] = (0.5, 1, 2)) -> dict[float, dict[str, Estimate]]:
    """Return scale -> mode shares with all time thresholds multiplied by it: do conclusions hold?"""
    return {scale: mode_shares(rounds, Rule(scale=scale)) for scale in scales}


def _of_seen(rounds: Sequence[Round], code: Code) -> Estimate:
    seen = [
        one.code
        for theirs in people_of(rounds)
        for one in coded(theirs)
        if one.code in ("accepted", "mediated", "overrode")
    ]
    return share([one == code for one in seen], UNTOLD, len(seen))


@measure("mediation_rate", cite="", needs=(), protocol=EVERY, reads="person", pools=True, ordered=True)
def mediation_rate(rounds: Sequence[Round]) -> Estimate:
    """Rounds in which the person engaged, over those they answered with a suggestion on the screen.

    Our rule, the same in every condition; not validated on people.
    """
    return _of_seen(rounds, "mediated")


@measure("unengaged_acceptance", cite="", needs=(), protocol=EVERY, reads="person", pools=True, ordered=True)
def unengaged_acceptance(rounds: Sequence[Round]) -> Estimate:
    """Suggestions followed without engagement, over those answered: implicit delegation, or haste, or thrift."""
    return _of_seen(rounds, "accepted")


@measure("unengaged_override", cite="", needs=(), protocol=EVERY, reads="person", pools=True, ordered=True)
def unengaged_override(rounds: Sequence[Round]) -> Estimate:
    """Suggestions not followed without engagement, over those answered."""
    return _of_seen(rounds, "overrode")


@measure(
    "unconditional_acceptance",
    cite="",
    needs=(),
    protocol=EVERY,
    reads="person",
    pools=True,
    ordered=True,
    corrected=True,
)
def unconditional_acceptance(rounds: Sequence[Round]) -> Estimate:
    """Rounds in a run of at least 8 unengaged acceptances that lasts to the end of its block, over rounds with an AI.

    Not called substitution: it can also be fatigue or thrift.
    """
    made = [each.unconditional for theirs in people_of(rounds) for each in coded(theirs) if each.code]
    return share(made, "no decided round with an AI")


@measure("explicit_substitution", cite="", needs=(), protocol=ASSISTED, reads="person", pools=True)
def explicit_substitution(rounds: Sequence[Round]) -> Estimate:
    """Rounds under a hand-over or "the AI instead of me", over rounds where either was offered. Acts only, no threshold."""
    offered = [each for each in rounds if each.handover_offered or each.handed_over or each.arrangement]
    held = [each.handed_over or each.arrangement == "ai_instead" for each in offered]
    return share(held, "neither handing over nor an arrangement was offered", len(offered))


@measure("arrangement_ai_instead", cite="", needs=("arrangement",), protocol=EVERY, reads="person", pools=True)
def arrangement_ai_instead(rounds: Sequence[Round]) -> Estimate:
    """Blocks for which "the AI instead of me" was chosen, over blocks with a choice: the primary measure of substitution."""
    blocks = {(each.study, each.participant, each.phase, each.block): each.arrangement for each in rounds}
    return share([chosen == "ai_instead" for chosen in blocks.values()], "no arrangement was chosen", len(rounds))


@measure(
    "takeback_rate", cite="", needs=(), protocol=ASSISTED, reads="person", pools=True, ordered=True, corrected=True
)
def takeback_rate(rounds: Sequence[Round]) -> Estimate:
    """Hand-overs that were taken back, over hand-overs: above 0 the hand-over was delegation at a larger grain."""
    made = back = 0
    for theirs in people_of(rounds):
        held = False
        for each in sorted(theirs, key=lambda each: each.round):
            made += each.handed_over and not held
            back += each.took_back and (each.handed_over or held)
            held = each.handed_over and not each.took_back
    if not made:
        return undefined("nothing was handed over", len(rounds), 0.0, 0.0)
    return ratio(min(back, made), made, "", len(rounds))
