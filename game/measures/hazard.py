"""When people first delegate or hand over: the discrete-time hazard, round by round, among those who had not done it yet.

The hazard of a round is P(first act in it | none before), rounds being numbered 1, 2, ... among those that offered the act. Its
model is logit h(t) = a + g t + k [people were told that the AI erred in the round before]; who never acts is censored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np

from game.estimate import Estimate, ratio, undefined
from game.measures import EVERY, measure
from game.measures.bias import TAUGHT
from game.measures.drift import logistic
from game.measures.modes import people_of
from game.round import Round

ALLISON = "10.2307/270718"
LEAST = 10
"""Rounds at risk below which no model is fitted."""
Act = Literal["handed_over", "delegated"]
NEVER = {"handed_over": "handing over was never offered", "delegated": "delegating a round was never offered"}


class AtRisk(msgspec.Struct, frozen=True):
    """One round of a person who had not acted before."""

    number: int
    """1, 2, ... of the rounds that offered the act."""
    acted: bool
    after_error: bool
    """In the round before the AI was wrong, and the person was told."""


class Hazard(msgspec.Struct, frozen=True):
    """Of those who had not acted before a round, how many did in it."""

    round: int
    at_risk: int
    acted: int

    @property
    def hazard(self) -> float:
        """Share of those at risk."""
        return self.acted / self.at_risk


def risks(rounds: Sequence[Round], act: Act) -> list[AtRisk]:
    """Return every round at risk, person by person: offered, and nothing of the kind done before."""
    made: list[AtRisk] = []
    for theirs in people_of([each for each in rounds if each.scored]):
        by_place = {(each.condition, each.block, each.round): each for each in theirs}
        offers = sorted((each for each in theirs if _offers(each, act)), key=lambda each: each.round)
        for number, each in enumerate(offers, 1):
            before = by_place.get((each.condition, each.block, each.round - 1))
            seen = before is not None and before.feedback in TAUGHT and before.ai_correct is False
            acted = bool(getattr(each, act))
            made.append(AtRisk(number, acted, seen))
            if acted:
                break
    return made


def _offers(each: Round, act: Act) -> bool:
    if act == "handed_over":
        return each.handover_offered or each.handed_over
    return each.delegation_offered and each.delegated is not None and not each.handed_over


def hazards(rounds: Sequence[Round], act: Act) -> list[Hazard]:
    """Return the life table of the first act, in the order of rounds."""
    found = risks(rounds, act)
    numbers = sorted({each.number for each in found})
    at = {number: [each.acted for each in found if each.number == number] for number in numbers}
    return [Hazard(number, len(flags), sum(flags)) for number, flags in at.items()]


def _mean(rounds: Sequence[Round], act: Act) -> Estimate:
    found = risks(rounds, act)
    return ratio(sum(each.acted for each in found), len(found), NEVER[act])


def _weight(rounds: Sequence[Round], act: Act, which: Literal["trend", "error"]) -> Estimate:
    found = risks(rounds, act)
    if not found:
        return undefined(NEVER[act])
    flags, n = [each.acted for each in found], len(found)
    if n < LEAST:
        return undefined(f"fewer than {LEAST} rounds at risk", n)
    if all(flags) or not any(flags):
        return undefined("everybody or nobody acted in each of their rounds", n)
    errors = [each.after_error for each in found]
    if which == "error" and (all(errors) or not any(errors)):
        return undefined("no round at risk came after an error of the AI that people were told of, or all did", n)
    numbers = [each.number / 10 for each in found]
    if which == "trend" and len(set(numbers)) < 2:
        return undefined("all rounds at risk are first ones", n)
    columns = [[1.0] * n, numbers] + ([[float(flag) for flag in errors]] if any(errors) and not all(errors) else [])
    return Estimate(float(logistic(np.array(columns).T, flags).weights[1 if which == "trend" else 2]), None, None, n)


@measure(
    "handover_hazard", cite=ALLISON, needs=(), protocol=EVERY, reads="study", pools=True, ordered=True, corrected=True
)
def handover_hazard(rounds: Sequence[Round]) -> Estimate:
    """Chance that a person who has not handed over does so in a round that offers it: hand-overs over rounds at risk."""
    return _mean(rounds, "handed_over")


@measure(
    "handover_hazard_trend", cite=ALLISON, needs=(), protocol=EVERY, unit="number", reads="study", pools=True, ordered=True,
    corrected=True,
)  # fmt: skip
def handover_hazard_trend(rounds: Sequence[Round]) -> Estimate:
    """How the hazard of handing over changes, in logits per 10 rounds; above 0 ever more likely (Allison 1982)."""
    return _weight(rounds, "handed_over", "trend")


@measure(
    "handover_hazard_error", cite=ALLISON, needs=(), protocol=EVERY, unit="number", reads="study", pools=True, ordered=True,
    corrected=True,
)  # fmt: skip
def handover_hazard_error(rounds: Sequence[Round]) -> Estimate:
    """What having been told of an error of the AI does to the hazard of handing over in the next round, in logits."""
    return _weight(rounds, "handed_over", "error")


@measure(
    "delegation_hazard", cite=ALLISON, needs=(), protocol=EVERY, reads="study", pools=True, ordered=True, corrected=True
)
def delegation_hazard(rounds: Sequence[Round]) -> Estimate:
    """Chance that a person who never delegated does so in a round that offers it: first delegations over rounds at risk."""
    return _mean(rounds, "delegated")


@measure(
    "delegation_hazard_trend", cite=ALLISON, needs=(), protocol=EVERY, unit="number", reads="study", pools=True, ordered=True,
    corrected=True,
)  # fmt: skip
def delegation_hazard_trend(rounds: Sequence[Round]) -> Estimate:
    """How the hazard of a first delegation changes, in logits per 10 rounds (Allison 1982)."""
    return _weight(rounds, "delegated", "trend")


@measure(
    "delegation_hazard_error", cite=ALLISON, needs=(), protocol=EVERY, unit="number", reads="study", pools=True, ordered=True,
    corrected=True,
)  # fmt: skip
def delegation_hazard_error(rounds: Sequence[Round]) -> Estimate:
    """What having been told of an error of the AI does to the hazard of delegating for the first time, in logits."""
    return _weight(rounds, "delegated", "error")
