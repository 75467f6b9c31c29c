"""Measures that need more than one participant's rounds in one condition: those of a person, and of a whole study."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from game.estimate import Estimate, undefined
from game.measures.modes import people_of
from game.registry import Entry, measure
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


class Given(NamedTuple):
    """What one measure gets of one condition."""

    study: str
    condition: str
    source: str
    entry: Entry[Any]
    rounds: list[Round]


def whole_rows(rounds: Sequence[Round]) -> list[WholeRow]:
    """Return every measure that reads persons or studies: of each condition with an AI, and of all conditions together."""
    return [_row(each) for each in given(rounds)]


def given(rounds: Sequence[Round]) -> Iterator[Given]:
    """Yield what each measure of persons or studies gets, by condition.

    A condition comes with the study's rounds alone, which tell a person's own pace and the items' solo rates. Measures that pool no
    protocols get them only where they are defined for rounds alone and the condition has none.
    """
    for study, source in sorted({(each.study, each.source) for each in rounds}):
        mine = [each for each in rounds if (each.study, each.source) == (study, source)]
        alone = [each for each in mine if each.protocol == "alone"]
        arms = sorted({each.condition for each in mine if each.protocol != "alone"})
        parts = {arm: [e for e in mine if e.condition == arm and e.protocol != "alone"] for arm in arms}
        people = {arm: {each.participant for each in theirs} for arm, theirs in parts.items()}
        for condition in (*arms, EVERYBODY):
            theirs = parts.get(condition, mine)
            own = [each for each in alone if each.participant in people.get(condition, ())]
            for entry in measure:
                if entry.info["reads"] != "cell":
                    beside = alone if entry.info["reads"] == "study" else own
                    taken = [*theirs, *beside] if condition and _takes_alone(entry.info) else theirs
                    yield Given(study, condition, source, entry, taken)


def _takes_alone(info: dict[str, Any]) -> bool:
    return info["pools"] or info["reads"] == "person"


def _row(of: Given) -> WholeRow:
    people, entry = people_of(of.rounds), of.entry
    reads = entry.info["reads"]
    estimate = entry.thing(of.rounds) if reads == "study" else _mean([entry.thing(theirs) for theirs in people])
    return WholeRow(of.study, of.condition, of.source, entry.name, entry.info["unit"], reads, len(people), estimate)


def _mean(values: Sequence[Estimate]) -> Estimate:
    """Return the mean over the people who have a value; no ratio of sums."""
    known = [each.value for each in values if each.defined]
    n = sum(each.n for each in values)
    if not known:
        return undefined(values[0].why_undefined if values else "no participant", n)
    return Estimate(statistics.fmean(known), None, None, n)
