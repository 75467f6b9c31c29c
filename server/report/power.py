"""Power by simulation: how often a study of some size finds an effect of some size, with people who play the real study.

Simulated people play every design (rounds, error rate) to its end in process, each of them both conditions with the same
specimens and the same draws, so that nothing but the condition differs. A study of n people is then n of them, drawn without
replacement, who behave in both conditions as in the reference (within people: as in either, drawn by chance), so that without an
effect there is no difference. An effect is imposed on the contrast's rounds by turning a share of the outcomes over. It is looked
for as a report does by default: the difference of the two shares, errors clustered by participant and by specimen, t with the
fewer clusters - 1. More people than were simulated are not drawn twice, as the same person twice would be two of one mind about
the same specimens: there the power follows from the parts of the variance, and is marked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.power import Assumed, power_of
from game.round import Round
from server.report.inference.libraries import library
from server.report.inference.outcomes import Outcome
from server.report.inference.quick import Quick, pairs, quick

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
GUESSES = 40
"""Simulated studies behind the parts of the variance."""


class Setup(msgspec.Struct, frozen=True, order=True):
    """One design: scored rounds of each item set, and the share of them that the AI gets wrong (NaN: as the study has it)."""

    rounds: int
    error_rate: float


class Answers(NamedTuple):
    """The outcome of each round: (n,) arrays."""

    y: Floats
    person: Codes
    item: Codes


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """What simulated people of one design did in the reference and in the contrast."""

    setup: Setup
    reference: Answers
    contrast: Answers
    people: int
    within: bool
    """The same people are in both, under the same codes."""
    share: tuple[float, float]
    """Share of all participants who play the reference, and the contrast."""
    minutes: float
    """Expected time of a session."""

    @property
    def rates(self) -> tuple[float, float]:
        """Pooled rate of success in the reference and in the contrast, nothing imposed."""
        return float(self.reference.y.mean()), float(self.contrast.y.mean())

    @property
    def largest(self) -> int:
        """Return the largest study of these people, in participants in all."""
        return int(self.people / (self.share[0] if self.within else sum(self.share)))


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """Power of one design with n participants in all."""

    setup: Setup
    effect: float
    n: int
    power: float
    """NaN where the effect is impossible, e.g. more than is left to 1, or where an arm has fewer than two people."""
    error: float
    """Standard error of the simulation."""
    formula: float
    """By the normal approximation (`game.power`), specimens as fixed, with the pool's own rate and spread: a check."""
    cost: float
    drawn: bool = True
    """Studies were drawn; else the power follows from the parts of the variance."""


class Price(msgspec.Struct, frozen=True):
    """What an hour of a participant costs, in `unit` ("hours" at 1 where the study pays nothing)."""

    hour: float = 1.0
    unit: str = "hours of participants"

    def of(self, n: int, minutes: float) -> float:
        """Return what n sessions cost."""
        return n * minutes / 60 * self.hour


def pool_of(
    people: tuple[Sequence[Sequence[Round]], Sequence[Sequence[Round]]],
    outcome: Outcome,
    pair: tuple[str, str],
    setup: Setup,
    share: tuple[float, float],
    minutes: float,
) -> Pool | str:
    """Read the outcome in the reference and in the contrast; returns the reason where one of them has nobody.

    `people`: rounds of each person in a cell with the reference, and of the same person in one with the contrast; within people
    these are the same.
    """
    within = people[0] is people[1]
    sides = [[_read(rounds, outcome, name) for rounds in side] for name, side in zip(pair, people, strict=True)]
    for name, side in zip(pair, sides, strict=True):
        if sum(bool(theirs) for theirs in side) < 2:
            return f"in no round of {name} {outcome.needs}: {outcome.name} cannot be counted there"
    kept = [at for at in range(len(sides[0])) if sides[0][at] and sides[1][at]]
    items = sorted({item for side in sides for at in kept for item, _ in side[at]})
    place = {item: at for at, item in enumerate(items)}
    reference, contrast = (_answers([side[at] for at in kept], place) for side in sides)
    return Pool(
        setup=setup, reference=reference, contrast=contrast, people=len(kept), within=within, share=share, minutes=minutes
    )  # fmt: skip


def _read(rounds: Iterable[Round], outcome: Outcome, condition: str) -> list[tuple[str, float]]:
    values = [(each.specimen, outcome.read(each)) for each in rounds if each.scored and each.condition == condition]
    return [(item, value) for item, value in values if value is not None]


def _answers(people: Sequence[Sequence[tuple[str, float]]], place: dict[str, int]) -> Answers:
    person = [at for at, theirs in enumerate(people) for _ in theirs]
    found = [(place[item], value) for theirs in people for item, value in theirs]
    return Answers(
        np.array([value for _, value in found]), np.array(person, dtype=np.intp), np.array([at for at, _ in found], dtype=np.intp)
    )  # fmt: skip


def point(
    pool: Pool, effect: float, n: int, price: Price, seed: int = 1, runs: int = 1000, alpha: float = 0.05
) -> Point:
    """Return the power of a study of `n` people in all; `effect`: difference of the two rates, -1 to 1."""
    drawn = n <= pool.largest
    power = power_at(pool, effect, n, seed, runs, alpha)
    error = math.sqrt(power * (1 - power) / runs) if drawn and not math.isnan(power) else math.nan
    return Point(
        setup=pool.setup, effect=effect, n=n, power=power, error=error, formula=_formula(pool, effect, n, alpha),
        cost=price.of(n, pool.minutes), drawn=drawn,
    )  # fmt: skip


def power_at(pool: Pool, effect: float, n: int, seed: int, runs: int, alpha: float) -> float:
    """Return the power of n people: of `runs` studies drawn, or from the variance for more people than there are or 0 runs."""
    if runs and n <= pool.largest:
        return _found(pool, effect, n, seed, runs, alpha)
    return _beyond(pool, effect, n, seed, alpha)


def _found(pool: Pool, effect: float, n: int, seed: int, runs: int, alpha: float) -> float:
    """Return the share of simulated studies with p < alpha."""
    studies = list(_studies(pool, effect, n, seed, runs))
    if not studies:
        return math.nan
    t = library("scipy.stats").t
    values: Floats = np.array([abs(each.difference) / each.error if each.error > 0 else 0.0 for each in studies])
    p: Any = 2 * t.sf(values, np.array([each.df for each in studies]))
    return float((p < alpha).mean())


def _turned(pool: Pool, effect: float) -> float:
    """Return which share of the contrast's outcomes is turned over; above 1 where the effect is impossible."""
    rate = sum(pool.rates) / 2 if pool.within else pool.rates[0]
    room = (1 - rate) if effect > 0 else rate
    return abs(effect) / room if room > 0 else math.inf


def _studies(pool: Pool, effect: float, n: int, seed: int, runs: int) -> Iterable[Quick]:
    """Yield what simulated studies of n people find; nothing where there can be none."""
    sizes, turned = [int(n * share) for share in pool.share], _turned(pool, effect)
    if min(sizes) < 2 or turned > 1 or n > pool.largest:
        return
    rng = np.random.default_rng([seed, n, pool.setup.rounds, round(abs(effect) * 1e6)])
    first, other = pool.reference, pool.contrast
    y, person, item = first
    side: NDArray[np.bool_] = np.zeros(len(y), dtype=bool)
    if pool.within:
        y = np.concatenate([first.y, other.y])
        person, item = np.concatenate([first.person, other.person]), np.concatenate([first.item, other.item])
        side = np.arange(len(y)) >= len(first.y)
    both = pairs(person, item)
    for _ in range(runs):
        order = rng.permutation(pool.people)[: sizes[0] if pool.within else sum(sizes)]
        place: Codes = np.full(pool.people, -1, dtype=np.intp)
        if pool.within:  # which of the two is the contrast is drawn: by themselves they then do not differ
            place[order] = rng.random(len(order)) < 0.5
        else:
            place[order[sizes[0] :]], place[order[: sizes[0]]] = 1, 0
        theirs: Codes = place[person]
        kept = theirs >= 0
        x: NDArray[np.bool_] = side[kept] ^ (theirs[kept] == 1)
        mine: Floats = y[kept]
        may = x & (mine == (0 if effect > 0 else 1))
        mine = np.where(may & (rng.random(len(mine)) < turned), 1 - mine, mine)
        yield quick(mine, x, person[kept], item[kept], both[kept])


def _beyond(pool: Pool, effect: float, n: int, seed: int, alpha: float) -> float:
    """Return the power of any n from the parts of the variance: what people and rounds add shrinks as 1 / n, specimens stay."""
    studies = list(_studies(pool, effect, pool.largest, seed, GUESSES))
    if not studies or min(int(n * share) for share in pool.share) < 2:
        return math.nan
    stats = library("scipy.stats")
    by_person, by_both = (float(np.mean([getattr(s, name) for s in studies])) for name in ("by_person", "by_both"))
    by_item = [s.by_item for s in studies if not math.isnan(s.by_item)]
    lasting = max(0.0, float(np.mean(by_item)) - by_both) if by_item else 0.0
    error = math.sqrt(by_person * pool.largest / n + lasting)
    if not error > 0:
        return math.nan  # simulated people who are all alike: nothing varies
    people = n * (pool.share[0] if pool.within else sum(pool.share))
    df = min(people, len(np.unique(pool.reference.item))) - 1 if by_item else people - 1
    critical, shift = float(stats.t.isf(alpha / 2, max(1.0, df))), abs(effect) / error
    return float(stats.norm.sf(critical - shift) + stats.norm.cdf(-critical - shift))


def _formula(pool: Pool, effect: float, n: int, alpha: float) -> float:
    """Return the power by the formula for the pool's rate, rounds and the spread of people beyond chance."""
    (k, m), (kb, mb) = _by_person(pool.reference), _by_person(pool.contrast)
    rate, rounds = pool.rates[0], float(m.mean())
    chance = rate * (1 - rate) / rounds
    between = math.sqrt(max(0.0, float((k / m).var(ddof=1)) - chance))
    within = math.sqrt(max(0.0, (float((kb / mb - k / m).var(ddof=1)) - 2 * chance) / 2)) if pool.within else 0.0
    assumed = Assumed(accuracy=rate, between=between, within=within)
    size = int(n * min(pool.share))
    return power_of(effect, size, max(1, round(rounds)), within=pool.within, alpha=alpha, assumed=assumed)


def _by_person(answers: Answers) -> tuple[Floats, Floats]:
    """Return successes and rounds of each person."""
    ones = np.ones(len(answers.y))
    hits, rounds = (np.bincount(answers.person, each).astype(np.float64) for each in (answers.y, ones))
    return hits, rounds
