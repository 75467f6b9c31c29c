"""Change over rounds: slopes of following, of accuracy and of the trust probe.

A slope is drift of the person only where the order of items was drawn at random; it is given in logits per 10 rounds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from game.estimate import Estimate, undefined
from game.measures import ADVISED, EVERY, measure
from game.measures.reliance import UNSEEN, advised
from game.measures.ridge import Fitted, fit
from game.round import Round

Floats = NDArray[np.float64]
LEAST = 10
"""Rounds below which no slope is given."""


def logistic(x: Floats, y: Sequence[bool]) -> Fitted:
    """Fit a logistic regression of y on x (n, J)."""
    design = np.zeros((len(y), 2, x.shape[1]))
    design[:, 1, :] = x
    return fit(design, np.array([[0.0, 1.0] if each else [1.0, 0.0] for each in y]))


def _slope(rounds: Sequence[Round], flags: Sequence[bool]) -> Estimate:
    """Return the slope of logit(flag) over 10 rounds, each participant's rounds around their own middle."""
    if len(rounds) < LEAST:
        return undefined(f"fewer than {LEAST} rounds", len(rounds))
    if all(flags) or not any(flags):
        return undefined("it is the same in all rounds, so there is no slope to tell", len(rounds))
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for each in rounds:
        places[each.study, each.participant].append(each.round)
    middle = {name: sum(values) / len(values) for name, values in places.items()}
    x: Floats = np.array([[1.0, (each.round - middle[each.study, each.participant]) / 10] for each in rounds])
    if float(np.ptp(x[:, 1])) == 0:
        return undefined("all rounds have the same number", len(rounds))
    return Estimate(float(logistic(x, flags).weights[1]), None, None, len(rounds))


@measure("follow_trend", cite="", needs=("followed",), protocol=ADVISED, unit="number", corrected=True)
def follow_trend(rounds: Sequence[Round]) -> Estimate:
    """Slope of following over rounds, in logits per 10 rounds; refused below 10 rounds."""
    seen = advised(rounds)
    return _slope(seen, [bool(each.followed) for each in seen]) if seen else undefined(UNSEEN, len(rounds))


@measure("accuracy_trend", cite="", needs=("correct",), protocol=EVERY, unit="number", corrected=True)
def accuracy_trend(rounds: Sequence[Round]) -> Estimate:
    """Slope of right final answers over rounds, in logits per 10 rounds: learning, or fatigue; refused below 10 rounds."""
    return _slope(rounds, [bool(each.correct) for each in rounds])


@measure("trust_trend", cite="", needs=("trust",), protocol=EVERY, unit="number")
def trust_trend(rounds: Sequence[Round]) -> Estimate:
    """Slope of the trust probe's answers over rounds, per 10 rounds and on the probe's scale, by least squares."""
    x = np.array([each.round / 10 for each in rounds])
    y = np.array([float(each.trust or 0) for each in rounds])
    away = x - x.mean() if len(x) else x
    if len({each.round for each in rounds}) < 3:
        return undefined("fewer than three trust probes in different rounds", len(rounds))
    return Estimate(float((away * y).sum() / (away**2).sum()), None, None, len(rounds))
