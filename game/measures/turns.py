"""Sudden turns: where somebody's following changes, by the cumulated sum of what departs from what others do there."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.estimate import Estimate, share, undefined
from game.measures import ADVISED, measure
from game.measures.modes import people_of
from game.measures.reliance import UNSEEN, advised
from game.round import Round

Floats = NDArray[np.float64]
CUSUM = "10.1093/biomet/41.1-2.100"
LEAST = 10
"""Rounds below which no turn is looked for."""
DRAWS = 999
RARE = 0.05
"""p below which a turn counts; by chance about one person in twenty has one."""


class Turn(msgspec.Struct, frozen=True):
    """The likeliest place of a change in following: first round after it, largest cumulated sum, its p by permutation."""

    round: int
    size: float
    p: float


def _departures(rounds: Sequence[Round], expected: Mapping[str, float]) -> tuple[list[Round], Floats] | str:
    """Return one person's rounds in order and F - expected F there, the person's own mean taken out; or why not."""
    seen = [each for each in advised(rounds) if each.followed is not None]
    if len(seen) < LEAST:
        return f"fewer than {LEAST} rounds with a seen suggestion"
    seen.sort(key=lambda each: (each.round, each.specimen, bool(each.followed)))
    away: Floats = np.array([float(bool(each.followed)) - expected.get(each.specimen, 0.0) for each in seen])
    away = away - away.mean()
    return (seen, away) if float(away.std()) > 1e-12 else "following never departs from what is expected"


def _sums(away: Floats) -> Floats:
    """Return |cumulated sum| over sd sqrt(n) after each round but the last."""
    made: Floats = np.abs(np.cumsum(away, axis=-1))[..., :-1]
    return made / (float(away.std()) * math.sqrt(away.shape[-1]))


def turn_of(rounds: Sequence[Round], expected: Mapping[str, float], draws: int = DRAWS, seed: int = 1) -> Turn | str:
    """Return where one participant's following changed most, by the cumulated sum of F - expected F.

    Args:
        rounds: One participant's; those without a seen suggestion are left out.
        expected: Specimen -> how often others follow there (see `follow_rates`); the participant's own mean is taken out too.
        draws: Orders drawn for p, the share (with the observed one) with a sum at least as large.
        seed: Of the draws.
    """
    made = _departures(rounds, expected)
    if isinstance(made, str):
        return made
    seen, away = made
    sums = _sums(away)
    at, size = int(sums.argmax()), float(sums.max())
    shuffled: Floats = np.random.default_rng(seed).permuted(np.tile(away, (draws, 1)), axis=1)
    others: Floats = _sums(shuffled).max(axis=1)
    return Turn(seen[at + 1].round, size, (1 + int((others >= size - 1e-12).sum())) / (draws + 1))


def follow_rates(rounds: Sequence[Round], without: str = "") -> dict[str, float]:
    """Return specimen -> share of its seen suggestions that were followed, leaving one participant out."""
    found: defaultdict[str, list[bool]] = defaultdict(list)
    for each in advised(rounds):
        if each.followed is not None and each.participant != without:
            found[each.specimen].append(each.followed)
    return {specimen: sum(flags) / len(flags) for specimen, flags in found.items()}


def _by_others(theirs: Sequence[Round], totals: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """Return specimen -> how often the others follow there, from everybody's counts; unknown where there is nobody else."""
    own = _counts(theirs)
    left = {name: (totals[name][0] - yes, totals[name][1] - n) for name, (yes, n) in own.items()}
    return {name: yes / n for name, (yes, n) in left.items() if n}


def _counts(rounds: Sequence[Round]) -> dict[str, tuple[int, int]]:
    found: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in rounds:
        if each.followed is not None:
            found[each.specimen][0] += each.followed
            found[each.specimen][1] += 1
    return {name: (yes, n) for name, (yes, n) in found.items()}


@measure("follow_turn", cite=CUSUM, needs=("followed",), protocol=ADVISED, unit="number", corrected=True)
def follow_turn(rounds: Sequence[Round]) -> Estimate:
    """Largest |cumulated sum| of following minus its own mean, over its sd and sqrt(rounds); refused below 10 rounds.

    How sudden a person's change is: 0.87 on average by chance in long series, more for one turn than for many (Page 1954).
    """
    seen = advised(rounds)
    made = _departures(seen, {})
    if isinstance(made, str):
        return undefined(made if seen else UNSEEN, len(seen))
    return Estimate(float(_sums(made[1]).max()), None, None, len(seen))


@measure("turn_share", cite=CUSUM, needs=("followed",), protocol=ADVISED, reads="study", corrected=True)
def turn_share(rounds: Sequence[Round]) -> Estimate:
    """People whose following turns at one place (p < 0.05 by permutation), over those with 10 rounds or more.

    Following is taken relative to what the others do on the same specimen. By chance about 0.05.
    """
    seen = advised(rounds)
    totals = _counts(seen)
    made = [turn_of(theirs, _by_others(theirs, totals)) for theirs in people_of(seen)]
    found = [each.p < RARE for each in made if isinstance(each, Turn)]
    why = made[0] if made and isinstance(made[0], str) else UNSEEN
    return share(found, f"nobody's turn can be told: {why}", len(seen))
