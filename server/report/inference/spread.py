"""Whether answers can tell anything: all equal, or equal within a condition, they have no odds and no interval."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from game.measures.signal import LEAST
from server.report.inference.comparison import Comparison
from server.report.inference.effect import Scale
from server.report.inference.libraries import library

Floats = NDArray[np.float64]
TINY = 1e-15
"""Variance, of shares, logs or points, at or below which there is none but rounding."""
SCALES: dict[str, Scale] = {"share": "difference", "time": "ratio", "number": "points", "signal": "d'"}


def scale_of(comparison: Comparison) -> Scale:
    """Return the scale on which the outcome's two conditions are compared by default."""
    return "criterion" if comparison.outcome.name == "criterion" else SCALES[comparison.outcome.kind]


def no_spread(comparison: Comparison) -> str:
    """Say why a difference of means has no interval, or ""."""
    if comparison.undefined_because:
        return comparison.undefined_because
    y, x = comparison.y, comparison.x
    if float(np.ptp(y)) == 0:
        return f"all answers are equal ({y[0]:g}): there is no spread to judge a difference by"
    if all(float(np.ptp(y[x == side])) == 0 for side in (0, 1)):
        return "answers do not vary within either condition: no interval can be told"
    return ""


def no_odds(comparison: Comparison) -> str:
    """Say why an odds ratio does not exist (a condition without any variation is separated), or ""."""
    why = no_spread(comparison)
    if why:
        return why
    for name, side in ((comparison.contrast, 1), (comparison.reference, 0)):
        values = comparison.y[comparison.x == side]
        if float(np.ptp(values)) == 0:
            return f"separation: in {name} every answer is {values[0]:g}, so its odds are not finite"
    return ""


def no_signal(comparison: Comparison) -> str:
    """Say why d' and criterion cannot be compared, or ""; needs 8 right and 8 wrong suggestions in each condition."""
    if comparison.undefined_because:
        return comparison.undefined_because
    for name, side in ((comparison.contrast, 1), (comparison.reference, 0)):
        for kind, right in (("right", 1), ("wrong", 0)):
            values = comparison.y[(comparison.x == side) & (comparison.right == right)]
            if len(values) < LEAST:
                return f"in {name} there are {len(values)} {kind} suggestions, {LEAST} are needed"
            if float(np.ptp(values)) == 0:
                done = "followed" if values[0] else "rejected"
                return f"separation: in {name} every {kind} suggestion was {done}, so d' is not finite"
    return ""


def design(comparison: Comparison) -> tuple[Floats, Floats, int]:
    """Return y, the columns, and which column is the contrast; times in logs, signals as probit columns around 0."""
    x, kind = comparison.x, comparison.outcome.kind
    if kind != "signal":
        y = np.log(comparison.y) if kind == "time" else comparison.y
        return y, np.column_stack([np.ones_like(x), x]), 1
    right = comparison.right - 0.5
    at = 2 if comparison.outcome.name == "criterion" else 3
    return comparison.y, np.column_stack([np.ones_like(x), right, x, x * right]), at


def groups_of(comparison: Comparison) -> tuple[Any, float, tuple[str, ...]]:
    """Return the columns of clusters, degrees of freedom (fewest clusters - 1), and what is to be told of them."""
    counted = comparison.clusters
    if counted.items < 2:
        told = "all rounds are of one specimen: nothing is said of other specimens"
        return comparison.person, counted.participants - 1.0, (told,)
    both = np.column_stack([comparison.person, comparison.item])
    few = min(counted.participants, counted.items)
    told = (f"only {few} clusters: intervals lean on few participants or specimens",) if few < 20 else ()
    return both, few - 1.0, told


def ends(estimate: float, se: float, df: float, level: float) -> tuple[float, float, float]:
    """Return the lower and upper end and the two-sided p of no effect, from the t distribution (normal for infinite df)."""
    stats = library("scipy.stats")
    law: Any = stats.norm if math.isinf(df) else stats.t(df)
    half = float(law.ppf(0.5 + level / 2)) * se
    return estimate - half, estimate + half, float(2 * law.sf(abs(estimate / se)))
