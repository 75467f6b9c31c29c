"""Recovery: what is measured of simulated people, against what they are in truth.

A person's true value of a measure is that of the same person over many more sessions, with other specimens: what a measure
comes to when nothing is left to chance. A study is one session of each of some people. Bias is the mean of estimate minus truth
over people; an interval covers when a study's 95 % interval for the mean holds the true mean of all people.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from game.estimate import Estimate, mean
from game.registry import measure
from game.round import Round
from game.truth import Truth
from server.report.bootstrap import resample

STUDY_SESSIONS = 3
"""Sessions of each person behind the truth of what is measured of everybody together: more take long, and there are many people."""
FEW = 12
"""Fewer people with a value in both are not reported."""


class Person(msgspec.Struct, frozen=True):
    """One simulated person in one cell: the session that a study has, the long run, and the truth."""

    truth: Truth
    sessions: list[list[Round]]
    """The first is the one that a study has; each has its own numbers of rounds."""

    @property
    def rounds(self) -> list[Round]:
        """Those that a study has."""
        return self.sessions[0]

    def named(self, name: str) -> Person:
        """Return the same person under another name."""
        replace = msgspec.structs.replace
        sessions = [[replace(each, participant=name) for each in rounds] for rounds in self.sessions]
        return Person(replace(self.truth, participant=name), sessions)


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """One measure in one condition."""

    measure: str
    condition: str
    unit: str
    people: int
    """With a value in the study and in the long run."""
    undefined: float
    """Share of people without a value in the study."""
    truth: float
    estimate: float
    bias: float
    error: float
    """Standard error of the bias, from the people."""
    rmse: float
    correlation: float
    """Between people; NaN where nobody differs."""
    coverage: float
    """Share of studies whose interval for the mean holds the true mean."""


class Grouped(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of everybody's rounds in one condition."""

    measure: str
    condition: str
    truth: float
    estimate: float
    """Mean over studies."""
    spread: float
    """Standard deviation over studies."""
    undefined: float
    """Share of studies without a value."""


class Linked(msgspec.Struct, frozen=True):
    """A trait and the measure that should show it: rank correlation over people."""

    player: str
    trait: str
    measure: str
    condition: str
    people: int
    correlation: float


def measured(people: Sequence[Person], condition: str, size: int, runs: int, seed: int) -> list[Recovered]:
    """Return every measure of a person's rounds in one condition. `size`: people per study; `runs`: studies, drawn from these."""
    made: list[Recovered] = []
    pairs: dict[str, list[tuple[Estimate, Estimate]]] = {}
    for entry in measure:
        if entry.info["reads"] not in ("cell", "person"):
            continue
        pairs[entry.name] = [
            (_once(entry.name, one, condition), long_run(entry.name, one, condition)) for one in people
        ]
    kept = {name: both for name, both in pairs.items() if _tells(both)}
    truths = {name: statistics.fmean(b.value for _, b in both if b.defined) for name, both in kept.items()}
    covered = _coverage([[a for a, _ in both] for both in kept.values()], list(truths.values()), size, runs, seed)
    for (name, both), share in zip(kept.items(), covered, strict=True):
        known = [(a.value, b.value) for a, b in both if a.defined and b.defined]
        gaps = [a - b for a, b in known]
        made.append(
            Recovered(
                measure=name, condition=condition, unit=measure[name].info["unit"], people=len(known),
                undefined=1 - sum(a.defined for a, _ in both) / len(both), truth=truths[name],
                estimate=statistics.fmean(a.value for a, _ in both if a.defined), bias=statistics.fmean(gaps),
                error=statistics.stdev(gaps) / math.sqrt(len(gaps)),
                rmse=math.sqrt(statistics.fmean(gap**2 for gap in gaps)), correlation=correlation(known), coverage=share,
            )
        )  # fmt: skip
    return made


def _tells(both: Sequence[tuple[Estimate, Estimate]]) -> bool:
    """Tell whether enough people have a value, and not all the same one."""
    known = [(a.value, b.value) for a, b in both if a.defined and b.defined]
    return len(known) >= FEW and len({value for pair in known for value in pair}) > 1


def _once(name: str, one: Person, condition: str) -> Estimate:
    entry = measure[name]
    return entry.thing(here(one.rounds, condition, whole=entry.info["reads"] == "person"))


def long_run(name: str, one: Person, condition: str) -> Estimate:
    """Return a person's true value: over the rounds of all sessions, or the mean over sessions where their order counts."""
    entry = measure[name]
    whole = entry.info["reads"] == "person"
    each = [here(rounds, condition, whole=whole) for rounds in one.sessions]
    if entry.info["ordered"] or whole:
        return mean(
            [found.value for rounds in each if (found := entry.thing(rounds)).defined], "no session has a value"
        )
    return entry.thing([round_ for rounds in each for round_ in rounds])


def grouped(people: Sequence[Person], condition: str, size: int, runs: int, seed: int) -> list[Grouped]:
    """Return the measures of everybody's rounds in one condition, with those alone for measures that compare protocols.

    The truth is that of all people in all their sessions, each session a person of its own.
    """
    rng = np.random.default_rng([seed, size, runs])
    studies = [[people[int(at)] for at in rng.integers(0, len(people), size)] for _ in range(runs)]
    everybody = [one.named(f"{at}") for at, one in enumerate(people)]
    made: list[Grouped] = []
    for entry in measure:
        if entry.info["reads"] != "study":
            continue
        whole = bool(entry.info["pools"])
        truth = entry.thing(
            [
                msgspec.structs.replace(each, participant=f"{each.participant}/{at}")
                for one in everybody
                for at, rounds in enumerate(one.sessions[:STUDY_SESSIONS])
                for each in here(rounds, condition, whole=whole)
            ]
        )
        values: list[float] = []
        for study in studies if truth.defined else ():
            chosen = [here(one.named(f"{at}").rounds, condition, whole=whole) for at, one in enumerate(study)]
            found = entry.thing([each for rounds in chosen for each in rounds])
            if found.defined:
                values.append(found.value)
        if len(values) > 1:
            made.append(
                Grouped(
                    measure=entry.name, condition=condition, truth=truth.value, estimate=statistics.fmean(values),
                    spread=statistics.stdev(values), undefined=1 - len(values) / runs,
                )
            )  # fmt: skip
    return made


def here(rounds: Sequence[Round], condition: str, *, whole: bool) -> list[Round]:
    """Return the rounds of a condition; a measure of a whole person gets those alone too, for the person's own pace."""
    return [each for each in rounds if each.condition == condition or (whole and each.protocol == "alone")]


def _coverage(
    estimates: Sequence[Sequence[Estimate]], truths: Sequence[float], size: int, runs: int, seed: int
) -> list[float]:
    """Return how often the participant bootstrap's interval for the mean holds the truth, measure by measure."""
    held: list[list[bool]] = [[] for _ in truths]
    count = len(estimates[0]) if estimates else 0
    rng = np.random.default_rng(seed)
    for run in range(runs if count else 0):
        drawn = [int(at) for at in rng.integers(0, count, size)]
        intervals = resample([[row[at] for at in drawn] for row in estimates], seed + run, 300, 0.95)
        for at, interval in enumerate(intervals):
            low, high = interval.mean
            if not math.isnan(low):
                held[at].append(low - 1e-12 <= truths[at] <= high + 1e-12)
    return [statistics.fmean(flags) if flags else math.nan for flags in held]


def correlation(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the correlation of pairs; NaN where one side does not vary."""
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    if len(pairs) < 3 or max(a) - min(a) < 1e-12 or max(b) - min(b) < 1e-12:
        return math.nan
    return statistics.correlation(a, b)


def linked(people: Sequence[Person], trait: str, name: str, condition: str) -> Linked | None:
    """Return how a trait shows in a measure over the people who have it, by ranks; None with too few."""
    known: list[tuple[float, float]] = []
    for one in people:
        value = long_run(name, one, condition)
        if trait in one.truth.traits and value.defined:
            known.append((one.truth.traits[trait], value.value))
    if len(known) < FEW:
        return None
    ranks = list(zip(_ranks([a for a, _ in known]), _ranks([b for _, b in known]), strict=True))
    return Linked(people[0].truth.player, trait, name, condition, len(known), correlation(ranks))


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    first = {value: at for at, value in reversed(list(enumerate(ordered)))}
    ties = Counter(values)
    return [first[value] + (ties[value] - 1) / 2 for value in values]
