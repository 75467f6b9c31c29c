"""What is learned from the AI's right and wrong answers: trust that is gained and lost at two rates.

Refused where people were not told after each round who was right: without feedback the rates are those of guesses about it. Rates
are pooled over people, as one participant's rounds are too few to tell them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.estimate import Estimate, undefined
from game.measures import ADVISED, measure
from game.measures.bias import TAUGHT, untaught
from game.measures.modes import people_of
from game.measures.reliance import advised
from game.measures.ridge import SOFT
from game.round import Round

Floats = NDArray[np.float64]
DYNAMICS = "arXiv:2007.13151"
"""Guo & Yang 2020: trust moves with each success and each failure of the machine, and failures weigh more."""
LEAST = 100
"""Rounds with a seen suggestion below which no rate is given."""
RATES = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0)
"""Rates of learning that are tried; then between the best one's neighbours."""
INSIDE = 1.92
"""Half the 95 % point of chi-squared with 1 degree of freedom: how far the log-likelihood may fall."""
STEPS, CLOSE = 40, 1e-8
_linalg: Any = np.linalg


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """Trust as it is learned: T + gain (1 - T) after a right answer of the AI, T - loss T after a wrong one; T starts at 1/2.

    `gain_low` to `loss_high`: 95 % by the profile likelihood on the grid, rounds taken as independent.
    """

    gain: float
    gain_low: float
    gain_high: float
    loss: float
    loss_low: float
    loss_high: float
    weight: float
    """How much trust moves following, in logits from none to full."""
    rounds: int
    participants: int


class _Played(NamedTuple):
    """Rounds of all people one after the other, and where they stand in the table of people by rounds."""

    right: NDArray[np.bool_]
    """(people, rounds): the AI was right; False beyond a person's last round."""
    there: NDArray[np.bool_]
    told: NDArray[np.bool_]
    """(people, rounds): they learned in it whether it was."""
    follow: Floats
    said: Floats
    """The AI's confidence minus 1/2, in the order of `there`; 0 where it is not known."""


def trusts(right: NDArray[np.bool_], gain: float, loss: float, told: NDArray[np.bool_] | None = None) -> Floats:
    """Return the trust before each round, (people, rounds), from whether the AI was right in it, where people were `told`.

    >>> trusts(np.array([[True, False, True]]), 0.2, 0.5).round(3).tolist()
    [[0.5, 0.6, 0.3]]
    """
    made = np.empty(right.shape)
    trust: Floats = np.zeros(right.shape[0]) + 0.5
    for at in range(right.shape[1]):
        made[:, at] = trust
        hit: Floats = right[:, at].astype(np.float64)
        step: Floats = gain * hit * (1 - trust) - loss * (1 - hit) * trust
        trust = trust + (step if told is None else step * told[:, at])
    return made


def learning(rounds: Sequence[Round]) -> Learning | str:
    """Fit how trust is gained and lost, pooled over people: P(F) = logistic(a + w T + k (AI confidence - 1/2)).

    Give it one condition. Maximum likelihood over a grid of both rates. Returns the reason where it cannot be told.
    """
    if why := untaught(rounds):
        return why
    people = [[e for e in theirs if e.followed is not None and e.ai_correct is not None]
              for theirs in people_of(advised(rounds))]  # fmt: skip
    people = [sorted(theirs, key=_place) for theirs in people if theirs]
    count = sum(map(len, people))
    if count < LEAST:
        return f"fewer than {LEAST} rounds with a seen suggestion"
    played = _table(people)
    known = played.right[played.there]
    if np.ptp(played.follow) == 0 or bool(known.all()) or not bool(known.any()):
        return "following, or whether the AI was right, is the same in all rounds"
    grid: dict[tuple[float, float], tuple[float, Floats]] = {}
    weights = np.zeros(2 + bool(played.said.any()))
    for gain, loss in product(RATES, RATES):
        grid[gain, loss] = _fitted(played, gain, loss, weights)
        weights = grid[gain, loss][1]
    best = max(grid, key=lambda key: grid[key][0])
    for gain, loss in product(*(_between(rate) for rate in best)):
        grid[gain, loss] = _fitted(played, gain, loss, grid[best][1])
    best = max(grid, key=lambda key: grid[key][0])
    if float(grid[best][1][1]) <= 0:
        return "following does not rise with trust, so how trust is gained and lost cannot be told"
    inside = [key for key, (value, _) in grid.items() if value > grid[best][0] - INSIDE]
    gains, losses = sorted(key[0] for key in inside), sorted(key[1] for key in inside)
    return Learning(
        gain=best[0], gain_low=gains[0], gain_high=gains[-1], loss=best[1], loss_low=losses[0], loss_high=losses[-1],
        weight=float(grid[best][1][1]), rounds=count, participants=len(people),
    )  # fmt: skip


def _place(each: Round) -> tuple[Any, ...]:
    """Order rounds as they were met; those of one number in any fixed order."""
    return each.round, each.specimen, bool(each.ai_correct), bool(each.followed), each.ai_confidence or 0.0


def _table(people: Sequence[Sequence[Round]]) -> _Played:
    shape = len(people), max(map(len, people))
    right, there, told = (np.zeros(shape, dtype=bool) for _ in range(3))
    for at, theirs in enumerate(people):
        right[at, : len(theirs)] = [bool(each.ai_correct) for each in theirs]
        there[at, : len(theirs)] = True
        told[at, : len(theirs)] = [each.feedback in TAUGHT for each in theirs]
    flat = [each for theirs in people for each in theirs]
    follow = np.array([float(bool(each.followed)) for each in flat])
    said = np.array([0.0 if each.ai_confidence is None else each.ai_confidence - 0.5 for each in flat])
    return _Played(right, there, told, follow, said)


def _fitted(played: _Played, gain: float, loss: float, start: Floats) -> tuple[float, Floats]:
    """Return the log-likelihood and the weights (constant, trust, confidence) at two rates, from `start` by Newton's method."""
    trust = trusts(played.right, gain, loss, played.told)[played.there] - 0.5
    columns = [np.ones(len(trust)), trust]
    x: Floats = np.column_stack([*columns, played.said] if len(start) > 2 else columns)
    y, w = played.follow, start.copy()
    value = _penalised(x, y, w)
    for _ in range(STEPS):
        p: Floats = 1 / (1 + np.exp(-np.clip(x @ w, -500, 500)))
        information: Any = (x * (p * (1 - p))[:, None]).T @ x + SOFT * np.eye(len(w))
        step: Floats = _linalg.solve(information, x.T @ (y - p) - SOFT * w)
        size = 1.0
        while (now := _penalised(x, y, w + size * step)) < value - 1e-12 and size > CLOSE:
            size /= 2
        w, value = w + size * step, now
        if size * float(np.abs(step).max()) < CLOSE:
            break
    return value + 0.5 * SOFT * float(w @ w), w


def _penalised(x: Floats, y: Floats, w: Floats) -> float:
    u: Floats = x @ w
    return float((y * u - np.logaddexp(0.0, u)).sum()) - 0.5 * SOFT * float(w @ w)


def _between(rate: float) -> list[float]:
    at = RATES.index(rate)
    low, high = RATES[max(0, at - 1)], RATES[min(len(RATES) - 1, at + 1)]
    return [round(low + (high - low) * step / 6, 4) for step in range(7)]


def _rate(rounds: Sequence[Round], name: str) -> Estimate:
    made = learning(rounds)
    if isinstance(made, str):
        return undefined(made, len(rounds))
    ends = getattr(made, f"{name}_low"), getattr(made, f"{name}_high")
    return Estimate(getattr(made, name), None, None, made.rounds, low=ends[0], high=ends[1])


@measure(
    "trust_gain", cite=DYNAMICS, needs=("followed", "ai_correct"), protocol=ADVISED, unit="distance", reads="study",
    corrected=True,
)  # fmt: skip
def trust_gain(rounds: Sequence[Round]) -> Estimate:
    """Rate at which trust is gained when the AI was right, 0 to 1: T + gain (1 - T); refused below 100 rounds.

    T starts at 1/2, moves where people were told who was right, and moves following in a logistic model, pooled over people.
    """
    return _rate(rounds, "gain")


@measure(
    "trust_loss", cite=DYNAMICS, needs=("followed", "ai_correct"), protocol=ADVISED, unit="distance", reads="study",
    corrected=True,
)  # fmt: skip
def trust_loss(rounds: Sequence[Round]) -> Estimate:
    """Rate at which trust is lost when the AI was wrong, 0 to 1: T - loss T, of the same model; refused below 100 rounds."""
    return _rate(rounds, "loss")
