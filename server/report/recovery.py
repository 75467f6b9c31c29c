"""Recovery: what is measured of simulated people, against what they are in truth.

A person's true value of a measure is that of the same person over many more sessions, with other specimens: what a measure
comes to when nothing is left to chance. A study is one session of each of some people, who and which session both drawn anew
for each study: with the same session every time, its luck would look like a bias and like missing coverage. Bias is the mean of
estimate minus truth over people and sessions; an interval covers when a study's 95 % interval holds the true mean of all people.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

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
    """One simulated person in one cell: several sessions, of which a study has one, and the truth."""

    truth: Truth
    sessions: list[list[Round]]
    """Each has its own numbers of rounds."""

    @property
    def rounds(self) -> list[Round]:
        """Those of the first session, whose modes `truth` knows."""
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
    """With a value in a session and in the long run."""
    undefined: float
    """Share of sessions without a value."""
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
    kept: dict[str, list[Both]] = {}
    for entry in measure:
        if entry.info["reads"] in ("cell", "person"):
            both = [Both(_each(entry.name, one, condition), long_run(entry.name, one, condition)) for one in people]
            if _tells(both):
                kept[entry.name] = both
    truths = [statistics.fmean(one.truth.value for one in both if one.truth.defined) for both in kept.values()]
    sessions = [[one.sessions for one in both] for both in kept.values()]
    covered = _coverage(sessions, truths, size, runs, seed)
    for (name, both), truth, share in zip(kept.items(), truths, covered, strict=True):
        known = [
            (each.value, one.truth.value) for one in both for each in one.sessions if each.defined and one.truth.defined
        ]
        gaps = [gap for one in both if not math.isnan(gap := one.gap)]
        made.append(
            Recovered(
                measure=name, condition=condition, unit=measure[name].info["unit"], people=len(gaps),
                undefined=statistics.fmean(not each.defined for one in both for each in one.sessions), truth=truth,
                estimate=statistics.fmean(a for a, _ in known), bias=statistics.fmean(gaps),
                error=statistics.stdev(gaps) / math.sqrt(len(gaps)),
                rmse=math.sqrt(statistics.fmean((a - b) ** 2 for a, b in known)), correlation=correlation(known), coverage=share,
            )
        )  # fmt: skip
    return made


class Both(NamedTuple):
    """A person's estimates, one a session, and the truth."""

    sessions: list[Estimate]
    truth: Estimate

    @property
    def gap(self) -> float:
        """Return the mean of estimate minus truth over the sessions that have one; NaN without."""
        found = [each.value for each in self.sessions if each.defined]
        return statistics.fmean(found) - self.truth.value if found and self.truth.defined else math.nan


def _tells(both: Sequence[Both]) -> bool:
    """Tell whether enough people have a value, and not all the same one."""
    known = [one for one in both if not math.isnan(one.gap)]
    values = {each.value for one in known for each in (*one.sessions, one.truth) if each.defined}
    return len(known) >= FEW and len(values) > 1


def _each(name: str, one: Person, condition: str) -> list[Estimate]:
    entry = measure[name]
    whole = entry.info["reads"] == "person"
    return [entry.thing(here(rounds, condition, whole=whole)) for rounds in one.sessions]


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
    studies = [drawn(people, size, rng) for _ in range(runs)]
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
            chosen = [here(rounds, condition, whole=whole) for rounds in study]
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


def drawn(people: Sequence[Person], size: int, rng: np.random.Generator) -> list[list[Round]]:
    """Return a study: the rounds of `size` people, drawn with replacement, each in one of their sessions, under new names."""
    who = [people[int(at)] for at in rng.integers(0, len(people), size)]
    which = [int(rng.integers(len(one.sessions))) for one in who]
    return [
        [msgspec.structs.replace(each, participant=f"{at}") for each in one.sessions[session]]
        for at, (one, session) in enumerate(zip(who, which, strict=True))
    ]


def here(rounds: Sequence[Round], condition: str, *, whole: bool) -> list[Round]:
    """Return the rounds of a condition; a measure of a whole person gets those alone too, for the person's own pace."""
    return [each for each in rounds if each.condition == condition or (whole and each.protocol == "alone")]


def _coverage(
    estimates: Sequence[Sequence[Sequence[Estimate]]], truths: Sequence[float], size: int, runs: int, seed: int
) -> list[float]:
    """Return how often the participant bootstrap's interval for the mean holds the truth; `estimates[measure][person][session]`."""
    held: list[list[bool]] = [[] for _ in truths]
    count = len(estimates[0]) if estimates else 0
    rng = np.random.default_rng(seed)
    for run in range(runs if count else 0):
        who = [int(at) for at in rng.integers(0, count, size)]
        study = [(at, int(rng.integers(len(estimates[0][at])))) for at in who]
        intervals = resample([[row[at][session] for at, session in study] for row in estimates], seed + run, 300, 0.95)
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
