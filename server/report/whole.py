"""Measures that need more than one participant's rounds in one condition: those of a person, and of a whole study."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from game.estimate import Estimate, undefined
from game.measures.modes import people_of
from game.registry import Entry, measure
from game.round import Round
from server.report.bootstrap import resample
from server.report.jackknife import DRAWN, MANY, MOST, repeats, rests, spread
from server.report.tables import Bootstrap

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
    """With its 95 % interval, where `whole_rows` was given a bootstrap and there is one."""
    interval: str = ""
    """How the interval is made, or why there is none."""


class Given(NamedTuple):
    """What one measure gets of one condition."""

    study: str
    condition: str
    source: str
    entry: Entry[Any]
    rounds: list[Round]


def whole_rows(rounds: Sequence[Round], bootstrap: Bootstrap | None = None) -> list[WholeRow]:
    """Return every measure that reads persons or studies: of each condition with an AI, and of all conditions together.

    With `bootstrap`, each with the interval that a report gives it (table T11); raises `libraries.Missing` without SciPy.
    """
    return [_row(each, bootstrap) for each in given(rounds)]


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


def _row(of: Given, bootstrap: Bootstrap | None) -> WholeRow:
    people, entry = people_of(of.rounds), of.entry
    reads = entry.info["reads"]
    values: list[Estimate] = [] if reads == "study" else [entry.thing(theirs) for theirs in people]
    made: Estimate = entry.thing(of.rounds) if reads == "study" else _mean(values)
    interval = ""
    if bootstrap and made.defined:
        low, high, interval = _ends(of, made, values, bootstrap)
        if not math.isnan(low):
            made = msgspec.structs.replace(made, low=low, high=high)
    return WholeRow(
        of.study, of.condition, of.source, entry.name, entry.info["unit"], reads, len(people), made, interval
    )


def _ends(of: Given, made: Estimate, values: Sequence[Estimate], bootstrap: Bootstrap) -> tuple[float, float, str]:
    """Return a measure's interval and how it is made, or why there is none."""
    if values:
        low, high = resample([values], bootstrap.seed, bootstrap.resamples, bootstrap.confidence)[0].mean
        none = "no draws were asked for" if not bootstrap.resamples else "fewer than 2 people have a value"
        return low, high, f"no interval: {none}" if math.isnan(low) else DRAWN
    name, parts = of.entry.name, list[float]()
    if repeats(name, made):
        if len(of.rounds) > MOST:
            return math.nan, math.nan, MANY
        parts = [of.entry.thing(rest).value for rest in rests(of.rounds)]
    low, high, by, why = spread(name, made, parts)
    return low, high, by or why


def _mean(values: Sequence[Estimate]) -> Estimate:
    """Return the mean over the people who have a value; no ratio of sums."""
    known = [each.value for each in values if each.defined]
    n = sum(each.n for each in values)
    if not known:
        return undefined(values[0].why_undefined if values else "no participant", n)
    return Estimate(statistics.fmean(known), None, None, n)
