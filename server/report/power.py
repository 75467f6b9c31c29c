"""Power by simulation: how often a study of some size finds an effect of some size, with people who play the real study.

Simulated people play every design (rounds, error rate) to its end in process, each of them both conditions with the same
specimens and the same draws, so that nothing but the condition differs. A study of n people is then n of them, drawn with
replacement, who behave in both conditions as in the reference (within people: as in either, drawn by chance), so that without an
effect there is no difference. An effect is imposed on the contrast's rounds by turning a share of the outcomes over. The test is
Welch's t test of participants' means, or the paired one where conditions vary within people. Participants are the clusters;
specimens are not, which is right where they are drawn for each person.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.power import Assumed, power_of
from game.round import Round
from server.report.inference.libraries import library
from server.report.inference.outcomes import Outcome

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
TARGETS = (0.8, 0.9)
LARGEST = 4000
"""No study of more participants is looked for."""


class Setup(msgspec.Struct, frozen=True, order=True):
    """One design: scored rounds of each item set, and the share of them that the AI gets wrong (NaN: as the study has it)."""

    rounds: int
    error_rate: float


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """What simulated people of one design did: successes and rounds of each, in the reference and in the contrast."""

    setup: Setup
    reference: tuple[Whole, Whole]
    contrast: tuple[Whole, Whole]
    within: bool
    """The same people are in both, in the same order."""
    share: tuple[float, float]
    """Share of all participants who play the reference, and the contrast."""
    minutes: float
    """Expected time of a session."""

    @property
    def rates(self) -> tuple[float, float]:
        """Pooled rate of success in the reference and in the contrast, nothing imposed."""
        (k, m), (other, of) = self.reference, self.contrast
        return float(k.sum() / m.sum()), float(other.sum() / of.sum())


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
    """By the normal approximation (`game.power`), with the pool's own rate and spread: a check."""
    cost: float


class Cheapest(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest design that finds an effect with a power; n 0 where none up to `LARGEST` people does."""

    effect: float
    target: float
    setup: Setup
    n: int
    power: float
    cost: float


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
    """Count the outcome in the reference and in the contrast; returns the reason where one of them has nobody.

    `people`: rounds of each person in a cell with the reference, and of the same person in one with the contrast; within people
    these are the same.
    """
    within = people[0] is people[1]
    sides = [[_counted(rounds, outcome, name) for rounds in side] for name, side in zip(pair, people, strict=True)]
    for name, side in zip(pair, sides, strict=True):
        if sum(of > 0 for _, of in side) < 2:
            return f"in no round of {name} {outcome.needs}: {outcome.name} cannot be counted there"
    kept = [at for at in range(len(sides[0])) if sides[0][at][1] and sides[1][at][1]]
    (ka, ma), (kb, mb) = (np.array([side[at] for at in kept], dtype=np.int64).reshape(-1, 2).T for side in sides)
    return Pool(setup=setup, reference=(ka, ma), contrast=(kb, mb), within=within, share=share, minutes=minutes)


def _counted(rounds: Iterable[Round], outcome: Outcome, condition: str) -> tuple[int, int]:
    values = [outcome.read(each) for each in rounds if each.scored and each.condition == condition]
    known = [value for value in values if value is not None]
    return int(sum(known)), len(known)


def point(
    pool: Pool, effect: float, n: int, price: Price, seed: int = 1, runs: int = 1000, alpha: float = 0.05
) -> Point:
    """Return the power of a study of `n` people in all; `effect`: difference of the two rates, -1 to 1."""
    power = _found(pool, effect, n, seed, runs, alpha)
    error = math.sqrt(power * (1 - power) / runs) if not math.isnan(power) else math.nan
    return Point(
        setup=pool.setup, effect=effect, n=n, power=power, error=error, formula=_formula(pool, effect, n, alpha),
        cost=price.of(n, pool.minutes),
    )  # fmt: skip


def _found(pool: Pool, effect: float, n: int, seed: int, runs: int, alpha: float) -> float:
    """Return the share of simulated studies with p < alpha."""
    sizes = [int(n * share) for share in pool.share]
    k, m = pool.reference
    rate = sum(pool.rates) / 2 if pool.within else pool.rates[0]
    room = (1 - rate) if effect > 0 else rate
    turned = abs(effect) / room if room > 0 else math.inf
    if min(sizes) < 2 or turned > 1:
        return math.nan
    rng = np.random.default_rng([seed, n, pool.setup.rounds, round(abs(effect) * 1e6)])
    first = rng.integers(0, len(k), size=(runs, sizes[0]))
    if pool.within:  # which of the two is the contrast is drawn: by themselves they then do not differ
        kb, mb = pool.contrast
        turn = rng.random(first.shape) < 0.5
        sides = (k[first], m[first]), (kb[first], mb[first])
        (ka, ma), (kb, mb) = [
            tuple(np.where(turn, a, b) for a, b in zip(sides[i], sides[1 - i], strict=True)) for i in (0, 1)
        ]
    else:
        other = rng.integers(0, len(k), size=(runs, sizes[1]))
        ka, ma, kb, mb = k[first], m[first], k[other], m[other]
    moved = rng.binomial(mb - kb if effect > 0 else kb, turned)
    return float((_p(ka / ma, (kb + (moved if effect > 0 else -moved)) / mb, within=pool.within) < alpha).mean())


def _p(a: Floats, b: Floats, *, within: bool) -> Floats:
    """Return two-sided p of each row's t test; 1 where nothing varies and nothing differs."""
    t = library("scipy.stats").t
    with np.errstate(divide="ignore", invalid="ignore"):
        if within:
            d = b - a
            n = d.shape[1]
            value, df = d.mean(axis=1) / (d.std(axis=1, ddof=1) / math.sqrt(n)), np.full(len(d), n - 1.0)
        else:
            va, vb = a.var(axis=1, ddof=1) / a.shape[1], b.var(axis=1, ddof=1) / b.shape[1]
            value = (b.mean(axis=1) - a.mean(axis=1)) / np.sqrt(va + vb)
            df = (va + vb) ** 2 / (va**2 / (a.shape[1] - 1) + vb**2 / (b.shape[1] - 1))
        made: Any = 2 * t.sf(np.abs(value), df)
    return np.where(np.isnan(made), 1.0, made)


def _formula(pool: Pool, effect: float, n: int, alpha: float) -> float:
    """Return the power by the formula for the pool's rate, rounds and the spread of people beyond chance."""
    k, m = pool.reference
    rate, rounds = pool.rates[0], float(m.mean())
    chance = rate * (1 - rate) / rounds
    between = math.sqrt(max(0.0, float((k / m).var(ddof=1)) - chance))
    within = 0.0
    if pool.within:
        kb, mb = pool.contrast
        within = math.sqrt(max(0.0, (float((kb / mb - k / m).var(ddof=1)) - 2 * chance) / 2))
    assumed = Assumed(accuracy=rate, between=between, within=within)
    size = int(n * min(pool.share))
    return power_of(effect, size, max(1, round(rounds)), within=pool.within, alpha=alpha, assumed=assumed)


def cheapest(
    pools: Sequence[Pool],
    effect: float,
    target: float,
    price: Price,
    seed: int = 1,
    runs: int = 1000,
    alpha: float = 0.05,
) -> Cheapest:
    """Return the cheapest of all designs that reaches `target`; of each, the smallest n, found by halving."""
    best: Cheapest | None = None
    for pool in pools:
        n = _smallest(pool, effect, target, seed, runs, alpha)
        if not n:
            continue
        found = point(pool, effect, n, price, seed, runs, alpha)
        made = Cheapest(effect=effect, target=target, setup=pool.setup, n=n, power=found.power, cost=found.cost)
        if best is None or made.cost < best.cost:
            best = made
    return best or Cheapest(
        effect=effect, target=target, setup=Setup(0, math.nan), n=0, power=math.nan, cost=math.nan
    )  # fmt: skip


def _smallest(pool: Pool, effect: float, target: float, seed: int, runs: int, alpha: float) -> int:
    """Return the smallest number of participants with that power, to 5 %; 0 where `LARGEST` are too few."""

    def enough(n: int) -> bool:
        return _found(pool, effect, n, seed, runs, alpha) >= target

    low, high = math.ceil(2 / min(pool.share)), math.ceil(8 / min(pool.share))
    while not enough(high):
        low, high = high, high * 2
        if low > LARGEST:
            return 0
    while high - low > max(1, high // 20):
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
