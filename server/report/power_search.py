"""The cheapest design that is enough: of each design the smallest number of participants, then the cheapest of all."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from server.report.power import Pool, Price, Setup, power_at

TARGETS = (0.8, 0.9)
LARGEST = 4000
"""No study of more participants is looked for."""
NEAR = 1.25
"""By how much the guess from the variance may be off at first."""


class Cheapest(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest design that finds an effect with a power; n 0 where none up to `LARGEST` people does."""

    effect: float
    target: float
    setup: Setup
    n: int
    power: float
    cost: float
    drawn: bool = True


def cheapest(
    pools: Sequence[Pool],
    effect: float,
    target: float,
    price: Price,
    seed: int = 1,
    runs: int = 1000,
    alpha: float = 0.05,
) -> Cheapest:
    """Return the cheapest of all designs that reaches `target`; of each, the smallest n, to 5 %."""
    best: Cheapest | None = None
    for pool in pools:
        n = _smallest(pool, effect, target, seed, runs, alpha)
        if not n:
            continue
        made = Cheapest(
            effect=effect, target=target, setup=pool.setup, n=n, cost=price.of(n, pool.minutes), drawn=n <= pool.largest,
            power=power_at(pool, effect, n, seed, runs, alpha),
        )  # fmt: skip
        if best is None or made.cost < best.cost:
            best = made
    return best or Cheapest(
        effect=effect, target=target, setup=Setup(0, math.nan), n=0, power=math.nan, cost=math.nan
    )  # fmt: skip


def _smallest(pool: Pool, effect: float, target: float, seed: int, runs: int, alpha: float) -> int:
    """Return the smallest number of participants with that power, to 5 %; 0 where `LARGEST` are too few."""
    least = math.ceil(2 / min(pool.share))

    def enough(n: int) -> bool:
        return power_at(pool, effect, n, seed, runs, alpha) >= target

    guess = _guessed(pool, effect, target, seed, alpha)
    if not guess:
        return 0
    low, high = max(least, int(guess / NEAR)), max(least + 1, int(guess * NEAR))
    while not enough(high):
        low, high = high, int(high * NEAR) + 1
        if low > LARGEST:
            return 0
    while low > least and enough(low):
        low, high = max(least, int(low / NEAR)), low
    while high - low > max(1, high // 20):
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high if high <= LARGEST else 0


def _guessed(pool: Pool, effect: float, target: float, seed: int, alpha: float) -> int:
    """Return about how many it takes, from the parts of the variance; 0 where twice `LARGEST` are too few."""
    low, high = 1, 2 * LARGEST
    if not power_at(pool, effect, high, seed, 0, alpha) >= target:
        return 0
    while high - low > max(1, high // 50):
        middle = (low + high) // 2
        found = power_at(pool, effect, middle, seed, 0, alpha)
        low, high = (low, middle) if found >= target else (middle, high)
    return high
