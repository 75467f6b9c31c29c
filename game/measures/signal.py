"""Signal detection of the AI's errors: does a person tell right suggestions from wrong ones (d'), or just say yes (c)?

H = P(followed | AI right), FA = P(followed | AI wrong); d' = z(H) - z(FA), c = -(z(H) + z(FA)) / 2, below 0 for saying yes. In the
two-stage form only disagreements count. Who ignores the AI agrees with it more often where it is right: on a plot, that
point (`ignorer_point`) and the follower's (1, 1) are the references, not d' = 0.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.estimate import Estimate, undefined
from game.measures import ADVISED, EVERY, measure
from game.measures.reliance import UNSEEN, advised
from game.round import Round

HAUTUS = "10.3758/bf03206051"
LEAST = 8
"""Rounds with a right and with a wrong suggestion, each, below which no value is given."""
NEEDS = ("followed", "ai_correct")
NODES = 15
STEPS = 80
Floats = NDArray[np.float64]
_linalg: Any = np.linalg
_cdf: Any = np.frompyfunc(NormalDist().cdf, 1, 1)


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
    `dprime_mixed` takes that out by solo rates, and is too high itself where these come from few people.
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

    The solo rate is how often people alone chose the AI's label for the item, (chosen + 0.5) / (n + 1); it is used where it is
    known for every round, and centred. Without it d' contains how much easier right items are; it has to vary among items with
    right and among those with wrong suggestions, or the two cannot be told apart (the interval is then wide). A solo rate
    from few people is inexact, and part of what it stands for then stays in d'. Maximum likelihood with Gauss-Hermite
    quadrature; intervals from the participants' scores. Give it the rounds of one condition, with those alone.
    """
    _, why = _counted(rounds)
    if why:
        return why
    chosen = sorted(judged(rounds), key=lambda each: (each.study, each.participant, each.round))
    names = [(each.study, each.participant) for each in chosen]
    order = {name: at for at, name in enumerate(sorted(set(names)))}
    if len(order) < 4:
        return "fewer than four participants: how people differ cannot be told"
    rates = solo_choice(rounds)
    known = all((each.specimen, each.ai or "") in rates for each in chosen)
    columns = [[1.0] * len(chosen), [each.ai_correct - 0.5 for each in chosen if each.ai_correct is not None]]
    if known:
        z = [NormalDist().inv_cdf((k + 0.5) / (n + 1)) for k, n in (rates[e.specimen, e.ai or ""] for e in chosen)]
        middle = math.fsum(z) / len(z)
        columns.append([value - middle for value in z])
    x: Floats = np.array(columns).T
    sign: Floats = np.array([1.0 if each.followed else -1.0 for each in chosen])
    at, scores = _climbed(x, sign, np.array([order[name] for name in names]))
    errors = 1.96 * np.sqrt(np.diag(_linalg.pinv(scores.T @ scores)))
    return SignalFit(
        dprime=float(at[1]), dprime_low=float(at[1] - errors[1]), dprime_high=float(at[1] + errors[1]),
        criterion=float(-at[0]), criterion_low=float(-at[0] - errors[0]), criterion_high=float(-at[0] + errors[0]),
        spread=float(np.exp(at[-1])), baseline=known, rounds=len(chosen), participants=len(order),
    )  # fmt: skip


def _climbed(x: Floats, sign: Floats, groups: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the weights with log sd (J + 1) and the participants' scores (P, J + 1) at the greatest likelihood."""
    nodes, weights = _nodes()
    at: Any = np.zeros(x.shape[1] + 1)
    at[-1] = math.log(0.5)
    best, scores = _likelihood(at, x, sign, groups, nodes, weights)
    for _ in range(STEPS):
        step: Any = _linalg.solve(scores.T @ scores + 1e-6 * np.eye(len(at)), scores.sum(axis=0))
        size = min(1.0, 1.0 / max(1e-12, float(np.abs(step).max())))
        gained = 0.0
        while size > 1e-6:
            there: Any = at + size * step
            there[-1] = min(2.0, max(-4.0, float(there[-1])))
            now, found = _likelihood(there, x, sign, groups, nodes, weights)
            if now >= best:
                at, best, scores, gained = there, now, found, now - best
                break
            size /= 2
        if gained < 1e-8:
            break
    return at, scores


def _nodes() -> tuple[Floats, Floats]:
    hermite: Any = np.polynomial.hermite_e.hermegauss(NODES)
    return hermite[0], hermite[1] / math.sqrt(2 * math.pi)


def _likelihood(
    at: Floats, x: Floats, sign: Floats, groups: NDArray[np.int64], nodes: Floats, weights: Floats
) -> tuple[float, Floats]:
    """Return the log-likelihood and each participant's score."""
    count = int(groups.max()) + 1
    sd = math.exp(float(at[-1]))
    u: Floats = sign[:, None] * ((x @ at[:-1])[:, None] + sd * nodes)
    p: Floats = np.maximum(np.asarray(_cdf(u), dtype=np.float64), 1e-12)
    logs = np.zeros((count, len(nodes)))
    np.add.at(logs, groups, np.log(p))
    top = logs.max(axis=1, keepdims=True)
    joint = np.exp(logs - top) * weights
    total = joint.sum(axis=1, keepdims=True)
    posterior: Floats = joint / total
    mills = sign[:, None] * np.exp(-0.5 * u**2) / math.sqrt(2 * math.pi) / p
    pulled = mills * posterior[groups]
    each = np.column_stack([pulled.sum(axis=1)[:, None] * x, (pulled * nodes).sum(axis=1) * sd])
    scores = np.zeros((count, x.shape[1] + 1))
    np.add.at(scores, groups, each)
    return float((np.log(total) + top).sum()), scores


def _mixed(rounds: Sequence[Round], name: str) -> Estimate:
    made = fit(rounds)
    return undefined(made) if isinstance(made, str) else Estimate(getattr(made, name), None, None, made.rounds)


@measure(
    "dprime_mixed", cite=HAUTUS, needs=(), protocol=EVERY, unit="number", better="higher", reads="study", pools=True,
    corrected=True,
)  # fmt: skip
def dprime_mixed(rounds: Sequence[Round]) -> Estimate:
    """Discrimination d' of a group: probit over rounds, participants random, the item's solo rate as baseline.

    Too high where each person gets fresh items: few people then answered an item alone, its solo rate is noisy, and what it
    misses of how easy right items are stays in d'. In docs/recovery.md (48 simulated people) it is 0.7 to 1.3 above the same
    measure over three sessions. Compare conditions that share items; do not read it against 0.
    """
    return _mixed(rounds, "dprime")


@measure(
    "criterion_mixed", cite=HAUTUS, needs=(), protocol=EVERY, unit="number", reads="study", pools=True, corrected=True
)
def criterion_mixed(rounds: Sequence[Round]) -> Estimate:
    """Bias c of a group from the same model: below 0 for following."""
    return _mixed(rounds, "criterion")
