"""Signal detection of the AI's errors: does a person tell right suggestions from wrong ones (d'), or just say yes (c)?

H = P(followed | AI right), FA = P(followed | AI wrong); d' = z(H) - z(FA), c = -(z(H) + z(FA)) / 2, below 0 for saying yes. In the
two-stage form only disagreements count. Who ignores the AI agrees with it more often where it is right: on a plot, that
point (`ignorer_point`) and the follower's (1, 1) are the references, not d' = 0.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.estimate import Estimate, undefined
from game.measures import ADVISED, EVERY, measure
from game.measures.probit import Data, climbed
from game.measures.reliance import UNSEEN, advised
from game.measures.solo import estimated
from game.round import Round

HAUTUS = "10.3758/bf03206051"
LEAST = 8
"""Rounds with a right and with a wrong suggestion, each, below which no value is given."""
WEIGHT = (1.0, 0.5)
"""Mean and SD of what is assumed of the solo rate's weight: 1 for who ignores the AI, 0 for who does not look at the item."""
NEEDS = ("followed", "ai_correct")
Floats = NDArray[np.float64]


class SignalFit(msgspec.Struct, frozen=True, kw_only=True):
    """A probit model of following with a random intercept per participant; 95 % intervals."""

    dprime: float
    dprime_low: float
    dprime_high: float
    criterion: float
    criterion_low: float
    criterion_high: float
    spread: float
    """Standard deviation of the participants' criteria."""
    baseline: bool
    """Whether the items' solo rates are taken into account."""
    rounds: int
    participants: int


def judged(rounds: Sequence[Round]) -> list[Round]:
    """Return the rounds that count: answered with a suggestion on the screen; of the two-stage form, disagreements."""
    seen = [each for each in advised(rounds) if each.followed is not None and each.ai_correct is not None]
    return [each for each in seen if each.protocol != "two_stage" or (each.own is not None and each.own != each.ai)]


def log_linear(hits: int, right: int, alarms: int, wrong: int) -> tuple[float, float]:
    """Return d' and c with the log-linear correction: (hits + 0.5) / (right + 1), (alarms + 0.5) / (wrong + 1).

    >>> [round(value, 4) for value in log_linear(9, 10, 1, 10)]
    [2.1934, 0.0]
    """
    z = NormalDist().inv_cdf
    yes, no = z((hits + 0.5) / (right + 1)), z((alarms + 0.5) / (wrong + 1))
    return yes - no, -(yes + no) / 2


def _counted(rounds: Sequence[Round]) -> tuple[tuple[int, int, int, int], str]:
    chosen = judged(rounds)
    right = [bool(each.followed) for each in chosen if each.ai_correct]
    wrong = [bool(each.followed) for each in chosen if not each.ai_correct]
    counts = (sum(right), len(right), sum(wrong), len(wrong))
    if not chosen:
        return counts, UNSEEN
    few = f"{len(right)} right and {len(wrong)} wrong suggestions: at least {LEAST} of each are needed"
    return counts, few if min(len(right), len(wrong)) < LEAST else ""


@measure("dprime", cite=HAUTUS, needs=NEEDS, protocol=ADVISED, unit="number", better="higher", corrected=True)
def dprime(rounds: Sequence[Round]) -> Estimate:
    """Discrimination d' of right from wrong suggestions, log-linear; refused below 8 of each (see Hautus & Lee 1998).

    It contains how much easier items with right suggestions are: who ignores the AI is above 0, too (see `ignorer_point`).
    `dprime_mixed` takes that out by solo rates.
    """
    counts, why = _counted(rounds)
    n = counts[1] + counts[3]
    return undefined(why, n) if why else Estimate(log_linear(*counts)[0], None, None, n)


@measure("criterion", cite=HAUTUS, needs=NEEDS, protocol=ADVISED, unit="number", corrected=True)
def criterion(rounds: Sequence[Round]) -> Estimate:
    """Bias c towards following (below 0) or keeping (above 0), log-linear; refused below 8 of each."""
    counts, why = _counted(rounds)
    n = counts[1] + counts[3]
    return undefined(why, n) if why else Estimate(log_linear(*counts)[1], None, None, n)


def solo_choice(rounds: Sequence[Round]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return (specimen, label) -> how often people alone chose the label, and how many answered."""
    answers: defaultdict[str, list[str]] = defaultdict(list)
    for each in rounds:
        if each.protocol == "alone" and each.scored and each.final is not None:
            answers[each.specimen].append(each.final)
    return {
        (each.specimen, each.ai): (answers[each.specimen].count(each.ai), len(answers[each.specimen]))
        for each in rounds
        if each.ai is not None and answers.get(each.specimen)
    }


def ignorer_point(rounds: Sequence[Round]) -> tuple[float, float] | None:
    """Return (H, FA) of somebody who never looks at the AI: how often people alone choose its label, right and wrong."""
    rates = solo_choice(rounds)
    points: dict[bool, list[float]] = {True: [], False: []}
    for each in advised(rounds):
        chosen, n = rates.get((each.specimen, each.ai or ""), (0, 0))
        if n and each.ai_correct is not None:
            points[each.ai_correct].append(chosen / n)
    if not points[True] or not points[False]:
        return None
    return math.fsum(points[True]) / len(points[True]), math.fsum(points[False]) / len(points[False])


def fit(rounds: Sequence[Round]) -> SignalFit | str:
    """Fit P(follow) = Phi(-c + d' (R - 1/2) + b z(solo rate) + u), u normal over participants; or say why not.

    The solo rate is how likely somebody alone chooses the AI's label for the item. It is told from the answers alone by
    `game.measures.solo`, which says how uncertain it is; the model has this uncertainty in it, so that d' is not left with what
    few answers do not tell (Carroll et al. 2006). It is centred, and used where right and wrong suggestions have 8 answers alone
    each; without it d' contains how much easier right items are. It has to vary among items with right and among those with
    wrong suggestions, or the two cannot be told apart (the interval is then wide). Maximum likelihood with Gauss-Hermite
    quadrature; intervals from the participants' scores and the solo rates' own error. Give it the rounds of one condition, with
    those alone.
    """
    _, why = _counted(rounds)
    if why:
        return why
    chosen = sorted(judged(rounds), key=lambda each: (each.study, each.participant, each.round))
    names = [(each.study, each.participant) for each in chosen]
    order = {name: at for at, name in enumerate(sorted(set(names)))}
    if len(order) < 4:
        return "fewer than four participants: how people differ cannot be told"
    columns = [[1.0] * len(chosen), [each.ai_correct - 0.5 for each in chosen if each.ai_correct is not None]]
    blur, error, solo, prior = np.zeros(len(chosen)), 0.0, _solo(rounds, chosen), None
    if solo is not None:
        prior = WEIGHT
        z, blur, error = solo
        columns.append((z - z.mean()).tolist())
    sign: Floats = np.array([1.0 if each.followed else -1.0 for each in chosen])
    made = climbed(Data(np.array(columns).T, sign, np.array([order[name] for name in names]), blur, prior))
    at, variance = made.at, np.diag(made.covariance)
    b = float(at[2]) if solo is not None else 0.0
    wide, narrow = 1.96 * math.sqrt(variance[1] + b**2 * error), 1.96 * math.sqrt(variance[0])
    return SignalFit(
        dprime=float(at[1]), dprime_low=float(at[1]) - wide, dprime_high=float(at[1]) + wide,
        criterion=float(-at[0]), criterion_low=float(-at[0]) - narrow, criterion_high=float(-at[0]) + narrow,
        spread=float(np.exp(at[-1])), baseline=solo is not None, rounds=len(chosen), participants=len(order),
    )  # fmt: skip


def _solo(rounds: Sequence[Round], chosen: Sequence[Round]) -> tuple[Floats, Floats, float] | None:
    """Return z of each round's solo rate, its variance, and that of the mean difference of right and wrong; None with too few."""
    rates = solo_choice(rounds)
    met = Counter((each.specimen, each.ai or "", bool(each.ai_correct)) for each in chosen)
    keys = sorted(met)
    counts: Floats = np.array([rates.get(key[:2], (0, 0)) for key in keys], dtype=np.float64)
    right = np.array([key[2] for key in keys])
    if min(counts[right, 1].sum(), counts[~right, 1].sum()) < LEAST:
        return None
    made = estimated(counts[:, 0], counts[:, 1], right, np.array([float(met[key]) for key in keys]))
    place = {key: at for at, key in enumerate(keys)}
    where = [place[each.specimen, each.ai or "", bool(each.ai_correct)] for each in chosen]
    return made.z[where], made.variance[where], made.error


def _mixed(rounds: Sequence[Round], name: str) -> Estimate:
    made = fit(rounds)
    if isinstance(made, str):
        return undefined(made)
    low, high = getattr(made, f"{name}_low"), getattr(made, f"{name}_high")
    return Estimate(getattr(made, name), None, None, made.rounds, low=low, high=high)


@measure(
    "dprime_mixed", cite=HAUTUS, needs=(), protocol=EVERY, unit="number", better="higher", reads="study", pools=True,
    corrected=True,
)  # fmt: skip
def dprime_mixed(rounds: Sequence[Round]) -> Estimate:
    """Discrimination d' of a group: probit over rounds, participants random, the item's solo rate as baseline.

    How easy right items are is taken out by how people alone answer them, also where only a few did (see `fit`): in simulated
    studies of 30 people with fresh items, where a d' without solo rates is 1.5 too high, about 0.2 of it stays. Compare
    conditions that share items.
    """
    return _mixed(rounds, "dprime")


@measure(
    "criterion_mixed", cite=HAUTUS, needs=(), protocol=EVERY, unit="number", reads="study", pools=True, corrected=True
)
def criterion_mixed(rounds: Sequence[Round]) -> Estimate:
    """Bias c of a group from the same model: below 0 for following."""
    return _mixed(rounds, "criterion")
