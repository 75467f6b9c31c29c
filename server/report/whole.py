"""Measures that need more than one participant's rounds in one condition: those of a person, and of a whole study."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import msgspec

from game.estimate import Estimate, undefined
from game.measures.modes import people_of
from game.registry import measure
from game.round import Round

EVERYBODY = ""
"""Condition of a row over all conditions of a study, which measures need that compare some."""


class WholeRow(msgspec.Struct, frozen=True):
    """One measure of one condition with an AI (and of what the study has alone), or of all conditions: ""."""

    study: str
    condition: str
    source: str
    measure: str
    unit: str
    reads: str
    """"study", or "person": the mean over participants whose value is defined."""
    people: int
    estimate: Estimate


def whole_rows(rounds: Sequence[Round]) -> list[WholeRow]:
    """Return every measure that reads persons or studies: of each condition with an AI, and of all conditions together.

    A condition comes with the study's rounds alone, which tell a person's own pace and the items' solo rates. Measures that pool no
    protocols get them only where they are defined for rounds alone and the condition has none.
    """
    made: list[WholeRow] = []
    for study, source in sorted({(each.study, each.source) for each in rounds}):
        mine = [each for each in rounds if (each.study, each.source) == (study, source)]
        alone = [each for each in mine if each.protocol == "alone"]
        arms = sorted({each.condition for each in mine if each.protocol != "alone"})
        parts = {arm: [e for e in mine if e.condition == arm and e.protocol != "alone"] for arm in arms}
        people = {arm: {each.participant for each in theirs} for arm, theirs in parts.items()}
        for condition in (*arms, EVERYBODY):
            theirs = parts.get(condition, mine)
            for entry in measure:
                if entry.info["reads"] == "cell":
                    continue
                own = alone if entry.info["reads"] == "study" else [
                    each for each in alone if each.participant in people.get(condition, ())]  # fmt: skip
                given = [*theirs, *own] if condition and _takes_alone(entry.info) else theirs
                made.append(_row(study, condition, source, entry, given))
    return made


def _takes_alone(info: dict[str, Any]) -> bool:
    return info["pools"] or info["reads"] == "person"


def _row(study: str, condition: str, source: str, entry: Any, rounds: Sequence[Round]) -> WholeRow:
    people = people_of(rounds)
    reads = entry.info["reads"]
    estimate = entry.thing(rounds) if reads == "study" else _mean([entry.thing(theirs) for theirs in people])
    return WholeRow(study, condition, source, entry.name, entry.info["unit"], reads, len(people), estimate)


def _mean(values: Sequence[Estimate]) -> Estimate:
    """Return the mean over the people who have a value; no ratio of sums."""
    known = [each.value for each in values if each.defined]
    n = sum(each.n for each in values)
    if not known:
        return undefined(values[0].why_undefined if values else "no participant", n)
    return Estimate(statistics.fmean(known), None, None, n)
