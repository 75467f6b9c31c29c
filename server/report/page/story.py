"""The story: rounds as arrays, conditions with their colours, and measures by person, that every figure and sentence tells from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.estimate import Estimate
from game.registry import measure
from game.round import Round
from server.report.inference.effect import Caution, Effect
from server.report.ink import MODES, SERIES
from server.report.page.gather import Gathered
from server.report.page.lab import LabRead
from server.report.tables import Bootstrap, Group, GroupRow, PersonRow, group_rows, groups_of

Floats = NDArray[np.float64]
MEASURES = (
    "accuracy",
    "accuracy_own",
    "accuracy_ai",
    "agreement",
    "over_reliance",
    "under_reliance",
    "switch",
    "rair",
    "rsr",
    "dprime",
    "delegation_rate",
    "request_rate",
    "handover_share",
    "explanation_seen",
    "total_ms_median",
    "final_ms_median",
    "brier",
    "overconfidence",
)
"""Measures by person that figures and tables show, by their registered names."""
MODE_NAMES = tuple(MODES)
UNKNOWN = math.nan


class Arm(msgspec.Struct, frozen=True):
    """One condition in one protocol: what may be pooled over, how it is called and drawn."""

    group: Group
    label: str
    colour: str
    mark: str
    people: dict[str, list[Round]]
    hollow: bool = False
    """A second protocol of the same condition, drawn with an empty mark."""

    @property
    def alone(self) -> bool:
        """People decide without an AI here."""
        return self.group.protocol == "alone"

    @property
    def rounds(self) -> list[Round]:
        """Scored rounds of all participants."""
        return [each for theirs in self.people.values() for each in theirs]

    @property
    def key(self) -> dict[str, str]:
        """Columns that name the arm in a tidy table."""
        return {"condition_id": self.group.condition, "protocol": self.group.protocol}


class Story(msgspec.Struct, kw_only=True):
    """All that is told. `persons[measure][arm]`: participant -> value; `groups[arm][measure]`: mean and interval."""

    gathered: Gathered
    arms: list[Arm]
    persons: dict[str, list[dict[str, float]]]
    groups: list[dict[str, GroupRow]]
    bootstrap: Bootstrap
    effects: tuple[Effect, ...] = ()
    cautions: tuple[Caution, ...] = ()
    known: list[Round] = []
    """Rounds of people who were told and paid to decide, delegate or hand over (`coplay report --known-groups`)."""
    level: float = 0.95
    """Coverage of the intervals of effects: 1 - alpha of a plan."""
    lab: LabRead | None = None
    pictures: Callable[[str], bytes] | None = None
    """Reads a blob of the pack, where a pack was given."""
    unblinded: date | None = None
    """When the researchers say that they first saw results by condition."""
    bayes: bool = False
    """Table T17 was asked for, and the extra `bayes` is installed."""
    desk: str = ""
    """Origin of the desk that replays these sessions; "" where none was given."""

    @property
    def rounds(self) -> list[Round]:
        """Every round, practice and probes too."""
        return self.gathered.rounds

    @property
    def study(self) -> str:
        """The study's name."""
        return self.rounds[0].study

    @property
    def simulated(self) -> bool:
        """No person played: the data are simulated."""
        return any(each.source == "simulated" for each in self.rounds)

    @property
    def assisted(self) -> list[tuple[int, Arm]]:
        """Arms with an AI, with their places."""
        return [(at, arm) for at, arm in enumerate(self.arms) if not arm.alone]

    def values(self, name: str, at: int) -> Floats:
        """Return the values of a measure in an arm, one per participant who has one, in the order of participants."""
        return np.array([value for value in self.persons[name][at].values() if not math.isnan(value)])

    def row(self, name: str, at: int) -> GroupRow:
        """Return mean, interval and pooled ratio of a measure in an arm."""
        return self.groups[at][name]


def registered(name: str, arm: Arm) -> str:
    """Return the registered measure behind a name: "accuracy" is that of people alone, or of the team."""
    return {True: "accuracy_alone", False: "accuracy_team"}[arm.alone] if name == "accuracy" else name


def story(gathered: Gathered, bootstrap: Bootstrap) -> Story:
    """Return the story of gathered rounds, without effects yet."""
    arms = arms_of(gathered.rounds)
    persons: dict[str, list[dict[str, float]]] = {name: [] for name in MEASURES}
    groups: list[dict[str, GroupRow]] = []
    for arm in arms:
        rows: list[PersonRow] = []
        for name in MEASURES:
            entry = measure[registered(name, arm)]
            told: dict[str, float] = {}
            for person, theirs in arm.people.items():
                made: Estimate = entry.thing(theirs)
                told[person] = made.value
                rows.append(PersonRow(arm.group, person, name, entry.info["unit"], made))
            persons[name].append(told)
        groups.append({row.measure: row for row in group_rows(rows, bootstrap)})
    return Story(gathered=gathered, arms=arms, persons=persons, groups=groups, bootstrap=bootstrap)


def arms_of(rounds: Sequence[Round]) -> list[Arm]:
    """Return the arms, those alone first; colour and mark by the condition's place among all names, as on the desk."""
    names = sorted({each.condition for each in rounds})
    groups = groups_of(rounds)
    made: list[Arm] = []
    for group, people in groups.items():
        twins = [other for other in groups if other.condition == group.condition]
        name = group.condition or "(no name)"
        label = f"{name}, {group.protocol.replace('_', '-')}" if len(twins) > 1 else name
        colour, mark = SERIES[names.index(group.condition) % len(SERIES)]
        made.append(Arm(group, label, colour, mark, people, hollow=twins.index(group) > 0))
    return sorted(made, key=lambda arm: (not arm.alone, arm.group))


def mode_of(each: Round) -> str:
    """Return how a round was decided: as the exported column `mode`, and handed over where "AI instead of me" was chosen."""
    if each.handed_over or (each.arrangement == "ai_instead" and each.decided_by == "ai"):
        return "handed_over"
    return (
        "delegated"
        if each.delegated
        else "explained"
        if each.explanation_shown
        else "suggested"
        if each.ai_shown
        else "alone"
    )


def means_by(keys: Sequence[Any], values: Sequence[float]) -> dict[Any, tuple[float, int]]:
    """Return key -> mean and count, in the order of the keys."""
    found: dict[Any, list[float]] = {}
    for key, value in zip(keys, values, strict=True):
        found.setdefault(key, []).append(value)
    return {key: (math.fsum(listed) / len(listed), len(listed)) for key, listed in sorted(found.items())}


def resampled(values: Floats, weights: Floats, bootstrap: Bootstrap) -> tuple[float, float]:
    """Return the interval of a ratio of sums over participants: `values` over `weights`, one of each per participant.

    NaN twice for fewer than two participants, weights that are all 0, and without draws.
    """
    n = len(values)
    if n < 2 or bootstrap.resamples < 1 or weights.sum() == 0:
        return UNKNOWN, UNKNOWN
    rng = np.random.default_rng(bootstrap.seed)
    found: list[Floats] = []
    step = max(1, 2_000_000 // n)
    for start in range(0, bootstrap.resamples, step):
        at = rng.integers(0, n, size=(min(step, bootstrap.resamples - start), n))
        over, under = values[at].sum(axis=1), weights[at].sum(axis=1)
        found.append(over[under > 0] / under[under > 0])
    drawn = np.concatenate(found)
    if not len(drawn):
        return UNKNOWN, UNKNOWN  # no draw met anybody with a weight
    tail = (1 - bootstrap.confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)
