"""The mixed logit of a comparison: a conditional odds ratio, for a given person and a given specimen.

It is further from 1 than the population-averaged one of GEE and of the clustered logistic regression: say which is printed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from server.report.inference.comparison import Comparison
from server.report.inference.crossed import NODES, Fitted, fit
from server.report.inference.effect import Effect
from server.report.inference.spread import ends, no_odds

PINHEIRO_CHAO = "10.1198/106186006X96962"
PER_LEVEL = 5
"""Rounds per specimen (or participant) below which its spread is too uncertain, and is left out with a warning."""
LEVELS = 3
FEW = 50
"""Participants below which t with participants - 2 stands for the normal: a rule of thumb, as spreads are estimated, too."""
CELLS = 40_000_000
"""Largest product of both sides' levels and nodes."""


def mixed_logit(comparison: Comparison, *, level: float = 0.95) -> Effect:
    """Return the conditional odds ratio by logistic regression with normal intercepts of participants and of specimens.

    Crossed effects have no closed integral: the side with more levels is integrated by adaptive Gauss-Hermite quadrature (Pinheiro
    & Chao 2006) of 15 nodes, the other by Laplace's method. Wald interval from the curvature of the likelihood, below 50
    participants with t. With few levels of a side, its spread is estimated somewhat small. `details` has both standard deviations.
    """
    if comparison.outcome.kind != "share":
        why = f"{comparison.outcome.about} is no share, so it has no odds"
        return comparison.undefined("mixed_logit", "odds ratio", why, level=level, cite=PINHEIRO_CHAO)
    if why := no_odds(comparison):
        return comparison.undefined("mixed_logit", "odds ratio", why, level=level, cite=PINHEIRO_CHAO)
    sides, warnings = _sides(comparison)
    counted = comparison.clusters
    if why := _too_large(comparison, sides):
        return comparison.undefined("mixed_logit", "odds ratio", why, level=level, cite=PINHEIRO_CHAO)
    columns = np.column_stack([np.ones_like(comparison.x), comparison.x])
    codes: dict[str, Any] = {"participants": comparison.person, "specimens": comparison.item}
    ordered = sorted(sides, key=lambda side: counted.participants if side == "participants" else counted.items)[::-1]
    fitted = fit(comparison.y, columns, *(codes[side] for side in ordered))
    variance = float(fitted.covariance[1, 1])
    if not (fitted.converged or variance > 0) or not variance > 0:
        why = "the likelihood has no maximum that could be found"
        return comparison.undefined("mixed_logit", "odds ratio", why, level=level, cite=PINHEIRO_CHAO)
    return _told(comparison, fitted, ordered, level, warnings)


def _told(
    comparison: Comparison, fitted: Fitted, ordered: Sequence[str], level: float, warnings: tuple[str, ...]
) -> Effect:
    estimate, se = float(fitted.weights[1]), math.sqrt(float(fitted.covariance[1, 1]))
    people = comparison.clusters.participants
    df = people - 2.0 if people < FEW else math.inf
    low, high, p = ends(estimate, se, df, level)
    spreads = dict(zip(ordered, (fitted.sd_inner, fitted.sd_outer), strict=False))
    names = {"participants": "sd_participants", "specimens": "sd_items"}
    details = {names[side]: spread for side, spread in spreads.items()}
    how = f"{NODES}-node adaptive Gauss-Hermite quadrature over {ordered[0]}"
    how += f", Laplace approximation over {ordered[1]}" if len(ordered) > 1 else ""
    zero = tuple(f"the spread of {side} is estimated as zero" for side, spread in spreads.items() if spread == 0)
    return comparison.effect(
        "mixed_logit", "odds ratio", estimate=math.exp(estimate), low=math.exp(low), high=math.exp(high), level=level, p=p,
        se=se, df=df, cite=PINHEIRO_CHAO, warnings=(*warnings, *zero), details=details | {"log_likelihood": fitted.log_likelihood},
        method=f"conditional odds ratio, mixed logit with intercepts of {' and '.join(ordered)} ({how})",
    )  # fmt: skip


def _sides(comparison: Comparison) -> tuple[list[str], tuple[str, ...]]:
    """Return which intercepts the rounds can tell from chance, and what is said of the one they cannot."""
    n, counted = len(comparison.y), comparison.clusters
    sides: list[str] = []
    told: list[str] = []
    for name, levels in (("participants", counted.participants), ("specimens", counted.items)):
        if levels >= LEVELS and n >= PER_LEVEL * levels:
            sides.append(name)
        else:
            told.append(f"no intercepts of {name}: {n} rounds of {levels} {name} are too few to tell a spread")
    return sides, tuple(told)


def _too_large(comparison: Comparison, sides: Sequence[str]) -> str:
    if not sides:
        return "neither participants nor specimens have enough rounds each: take the clustered odds ratio"
    counted = comparison.clusters
    cells = counted.participants * counted.items * NODES if len(sides) == 2 else 0
    if cells <= CELLS:
        return ""
    return (
        f"{counted.participants} participants x {counted.items} specimens are too many for it: take the clustered one"
    )
