"""When people hand over: Kaplan-Meier over rounds, and how well single cases are delegated, in probabilities.

The person's chance on an item is the share of others who were right on it alone; the AI's is its calibrated probability. So
a delegated case is judged by what was to be expected of it, not by how it happened to come out.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from game.estimate import Estimate, undefined
from game.measures import EVERY, measure
from game.measures.modes import people_of
from game.round import Round

KAPLAN_MEIER = "10.1080/01621459.1958.10501452"
FUGENER = "10.1287/isre.2021.1079"


class Survived(msgspec.Struct, frozen=True):
    """Share of people who had not handed over by the end of a round (1, 2, ... among those that offered it)."""

    round: int
    at_risk: int
    handed: int
    survival: float
    low: float
    """95 % interval on the log(-log) scale (Greenwood's variance); NaN where it has none."""
    high: float


def survival(rounds: Sequence[Round]) -> list[Survived]:
    """Return the Kaplan-Meier curve of the first hand-over; who never handed over is censored at their last offer."""
    times: list[tuple[int, bool]] = []
    for theirs in people_of(rounds):
        offers = sorted(
            (each for each in theirs if each.scored and (each.handover_offered or each.handed_over)),
            key=lambda each: each.round,
        )
        first = next((at for at, each in enumerate(offers, 1) if each.handed_over), 0)
        if offers:
            times.append((first or len(offers), bool(first)))
    made: list[Survived] = []
    left, curve, spread = len(times), 1.0, 0.0
    ends, events = Counter(at for at, _ in times), Counter(at for at, handed in times if handed)
    for at in sorted(ends):
        handed = events[at]
        curve *= 1 - handed / left
        spread += handed / (left * (left - handed)) if left > handed else math.inf
        made.append(Survived(at, left, handed, curve, *_ends(curve, spread)))
        left -= ends[at]
    return made


def _ends(curve: float, spread: float) -> tuple[float, float]:
    if not 0 < curve < 1:
        return math.nan, math.nan
    by = 1.96 * math.sqrt(spread) / math.log(curve)
    return curve ** math.exp(-by), curve ** math.exp(by)


@measure("handover_survival", cite=KAPLAN_MEIER, needs=(), protocol=EVERY, reads="study", pools=True, ordered=True)
def handover_survival(rounds: Sequence[Round]) -> Estimate:
    """Kaplan-Meier estimate of the share of people who never hand over, at the last round that offered it."""
    curve = survival(rounds)
    if not curve:
        return undefined("handing over was never offered", len(rounds))
    n = sum(each.handover_offered or each.handed_over for each in rounds)
    low, high = (None if math.isnan(end) else end for end in (curve[-1].low, curve[-1].high))
    return Estimate(curve[-1].survival, None, None, n, low=low, high=high)


def solo_rates(rounds: Sequence[Round]) -> dict[str, dict[str, tuple[int, int]]]:
    """Return specimen -> participant -> (right, rounds) of the rounds decided alone."""
    found: defaultdict[str, defaultdict[str, tuple[int, int]]] = defaultdict(lambda: defaultdict(lambda: (0, 0)))
    for each in rounds:
        if each.protocol == "alone" and each.scored and each.correct is not None:
            right, n = found[each.specimen][each.participant]
            found[each.specimen][each.participant] = (right + each.correct, n + 1)
    return {specimen: dict(people) for specimen, people in found.items()}


def chances(rounds: Sequence[Round]) -> list[tuple[Round, float, float]]:
    """Return the rounds in which delegating was decided, with P(AI right) and P(person right).

    P(AI right) is the model's probability of its own answer, or the confidence that was shown. P(person
    right) leaves the participant's own rounds out; items that nobody else answered alone are left out.
    """
    rates = solo_rates(rounds)
    made: list[tuple[Round, float, float]] = []
    for each in rounds:
        others = [pair for who, pair in rates.get(each.specimen, {}).items() if who != each.participant]
        n = sum(pair[1] for pair in others)
        chance = _chance(each)
        if each.delegation_offered and each.delegated is not None and not each.handed_over and n and chance is not None:
            made.append((each, chance, sum(pair[0] for pair in others) / n))
    return made


def _chance(each: Round) -> float | None:
    if len(each.probabilities) == len(each.options) and each.ai in each.options:
        return float(each.probabilities[each.options.index(each.ai)])
    return each.ai_confidence


NO_CHANCES = "in no round where delegating was decided are the AI's probability and others' solo rate known"


@measure(
    "delegation_quality", cite=FUGENER, needs=(), protocol=EVERY, unit="number", reads="study", pools=True,
    better="higher",
)  # fmt: skip
def delegation_quality(rounds: Sequence[Round]) -> Estimate:
    """Does delegation go where the AI is better: mean of P(AI right) - P(person right) delegated, minus not delegated.

    -2 to 2; above 0 delegation knows. In probabilities, after Fügener et al. 2022.
    """
    known = chances(rounds)
    gains: dict[bool, list[float]] = {True: [], False: []}
    for each, ai, person in known:
        gains[bool(each.delegated)].append(ai - person)
    if not known:
        return undefined(NO_CHANCES, 0)
    if not gains[True] or not gains[False]:
        return undefined("all or none of the cases were delegated", len(known))
    means = {key: math.fsum(values) / len(values) for key, values in gains.items()}
    return Estimate(means[True] - means[False], None, None, len(known))


@measure("delegation_oracle_gap", cite=FUGENER, needs=(), protocol=EVERY, reads="study", pools=True, better="lower")
def delegation_oracle_gap(rounds: Sequence[Round]) -> Estimate:
    """What is lost by delegating the wrong cases: mean of max(P(AI), P(person)) minus the chance of whoever decided."""
    known = chances(rounds)
    lost = [max(ai, person) - (ai if each.delegated else person) for each, ai, person in known]
    return Estimate(math.fsum(lost) / len(lost), None, None, len(lost)) if lost else undefined(NO_CHANCES, 0)


@measure("difficulty_targeting", cite=FUGENER, needs=(), protocol=EVERY, unit="difference", reads="study", pools=True)
def difficulty_targeting(rounds: Sequence[Round]) -> Estimate:
    """Whether hard cases are given away: mean share of others who are right on them alone, kept minus delegated.

    Above 0 what is delegated is harder than what is kept; says nothing of whether the AI does better on it.
    """
    rates = solo_rates(rounds)
    ease: dict[bool, list[float]] = {True: [], False: []}
    for each in rounds:
        others = [pair for who, pair in rates.get(each.specimen, {}).items() if who != each.participant]
        n = sum(pair[1] for pair in others)
        if each.delegation_offered and each.delegated is not None and not each.handed_over and n:
            ease[each.delegated].append(sum(pair[0] for pair in others) / n)
    known = len(ease[True]) + len(ease[False])
    if not known:
        return undefined("no case whose delegation was decided is known from others who were alone")
    if not ease[True] or not ease[False]:
        return undefined("all or none of the cases were delegated", known)
    kept, given = (math.fsum(sorted(ease[flag])) / len(ease[flag]) for flag in (False, True))
    return Estimate(kept - given, None, None, known)


def _shadows(rounds: Sequence[Round]) -> tuple[list[tuple[Round, float]], str]:
    """Return delegated or handed-over rounds with an own answer that was drawn, and 1 / their propensity; or why none."""
    given = [each for each in rounds if each.scored and (each.delegated or each.handed_over) and each.ai]
    drawn = [each for each in given if each.shadow and each.own is not None]
    if not given:
        return [], "nothing was delegated or handed over"
    if not drawn:
        return [], "no shadow round: what people would have answered where the AI decided is not known"
    weighted = [(each, 1 / p) for each in drawn if (p := each.propensities.get("shadow", 0.0)) > 0]
    return weighted, "" if weighted else "the propensity of the shadow rounds is not known"


def _weighted(pairs: Sequence[tuple[float, float]], n: int) -> Estimate:
    total = math.fsum(weight for _, weight in pairs)
    return Estimate(math.fsum(value * weight for value, weight in pairs) / total, None, None, n)


@measure("shadow_agreement", cite="", needs=(), protocol=EVERY, reads="person", pools=True)
def shadow_agreement(rounds: Sequence[Round]) -> Estimate:
    """Where the AI decided for the person: how often they would have said the same, by inverse-probability weights.

    Weights are 1 / the logged propensity of asking, normalised to sum to 1. Refused without shadow rounds.
    """
    pairs, why = _shadows(rounds)
    return undefined(why) if why else _weighted([(float(each.own == each.ai), w) for each, w in pairs], len(pairs))


@measure("shadow_gain", cite="", needs=(), protocol=EVERY, unit="difference", reads="person", pools=True)
def shadow_gain(rounds: Sequence[Round]) -> Estimate:
    """Where the AI decided for the person: share right of the AI minus of the own answer, by inverse-probability weights."""
    pairs, why = _shadows(rounds)
    gains = [(float(each.ai == each.truth) - float(each.own == each.truth), w) for each, w in pairs]
    return undefined(why) if why else _weighted(gains, len(gains))
