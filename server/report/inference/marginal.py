"""Generalised estimating equations: population-averaged effects with participants as clusters (Liang & Zeger 1986).

Specimens are taken as given: read it beside the two-way result.
"""

from __future__ import annotations

import math
import warnings

import numpy as np

from server.report.inference.comparison import Comparison
from server.report.inference.effect import Effect
from server.report.inference.libraries import library
from server.report.inference.spread import TINY, design, ends, no_odds, no_spread, scale_of

LIANG_ZEGER = "10.1093/biomet/73.1.13"
FEW = 50
"""Participants below which the bias-reduced variance of Mancl & DeRouen (2001) is taken."""


def gee(comparison: Comparison, *, level: float = 0.95) -> Effect:
    """Return the effect by GEE with exchangeable correlation within participants: odds ratio, ratio of times, or difference.

    Below 50 participants with the bias-reduced variance (Mancl & DeRouen 2001) and t with participants - 2.
    """
    kind = comparison.outcome.kind
    scale = "odds ratio" if kind == "share" else scale_of(comparison)
    why = no_odds(comparison) if kind == "share" else no_spread(comparison)
    if kind == "signal":
        why = why or "d' and criterion are estimated by cluster_robust only"
    if why:
        return comparison.undefined("gee", scale, why, level=level, cite=LIANG_ZEGER)
    people = comparison.clusters.participants
    if people < 4:
        why = f"{people} participants are too few for a robust variance"
        return comparison.undefined("gee", scale, why, level=level, cite=LIANG_ZEGER)
    fitted = _fitted(comparison, few=people < FEW)
    if isinstance(fitted, str):
        return comparison.undefined("gee", scale, fitted, level=level, cite=LIANG_ZEGER)
    estimate, se, correlation = fitted
    df = people - 2.0 if people < FEW else math.inf
    low, high, p = ends(estimate, se, df, level)
    if scale in ("odds ratio", "ratio"):
        estimate, low, high = math.exp(estimate), math.exp(low), math.exp(high)
    return comparison.effect(
        "gee", scale, estimate=estimate, low=low, high=high, level=level, p=p, se=se, df=df, cite=LIANG_ZEGER,
        method=f"population-averaged {scale} by GEE, exchangeable within participants, "
        f"{'bias-reduced' if people < FEW else 'robust'} standard errors",
        details={"within_correlation": correlation},
    )  # fmt: skip


def _fitted(comparison: Comparison, *, few: bool) -> tuple[float, float, float] | str:
    """Return the coefficient, its standard error and the correlation within participants, or why there is none."""
    y, columns, at = design(comparison)
    models = library("statsmodels.api")
    families = models.families
    family = families.Binomial() if comparison.outcome.kind == "share" else families.Gaussian()
    order = comparison.person.argsort(kind="stable")
    structure = models.cov_struct.Exchangeable()
    model = models.GEE(y[order], columns[order], groups=comparison.person[order], family=family, cov_struct=structure)
    try:
        with (
            warnings.catch_warnings(),
            np.errstate(over="raise", invalid="raise"),
        ):  # odds without bound: the steps run away
            warnings.simplefilter("ignore")
            fitted = model.fit(cov_type="bias_reduced" if few else "robust")
            # of the contrast alone: where rounding leaves the other less than no variance, all standard errors at once are refused
            covariance = fitted.cov_robust_bc if few else fitted.cov_robust
            estimate, variance = float(fitted.params[at]), float(covariance[at, at])
    except (ValueError, ArithmeticError, library("numpy.linalg").LinAlgError) as error:
        return f"the equations have no solution ({error})"
    if not (fitted.converged and math.isfinite(estimate)):
        return "the equations did not converge"
    if not variance > TINY:
        return "the clusters leave no variance to judge by"
    return estimate, math.sqrt(variance), float(structure.dep_params)
