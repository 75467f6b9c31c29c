"""Two-way cluster-robust differences: rounds of one participant, and rounds of one specimen, are no independent evidence.

The default of every report. Cameron, Gelbach & Miller (2011): the variance by participant plus the variance by specimen minus the
variance by both; t with the fewer clusters - 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from server.report.inference.comparison import Comparison
from server.report.inference.effect import Effect, Scale
from server.report.inference.libraries import library
from server.report.inference.spread import TINY, design, ends, groups_of, no_odds, no_signal, no_spread, scale_of

CGM = "10.1198/jbes.2010.07136"
METHODS = {
    "share": "difference of shares (linear probability)",
    "time": "ratio of geometric means (log time)",
    "number": "difference of means",
    "signal": "difference in a probit model of following",
}
CLUSTERED = "standard errors clustered two ways, by participant and specimen"


def cluster_robust(comparison: Comparison, *, level: float = 0.95) -> Effect:
    """Return the difference between two conditions with two-way clustered standard errors.

    Shares as a difference, times as a ratio of geometric means, d' and criterion from a probit model with the AI's correctness.
    """
    scale, kind = scale_of(comparison), comparison.outcome.kind
    why = no_signal(comparison) if kind == "signal" else no_spread(comparison)
    if why:
        return comparison.undefined("cluster_robust", scale, why, level=level, cite=CGM)
    y, columns, at = design(comparison)
    models = library("statsmodels.api")
    model = models.GLM(y, columns, family=_probit()) if kind == "signal" else models.OLS(y, columns)
    return told(comparison, model, at, scale, level, f"{METHODS[kind]}, {CLUSTERED}", "cluster_robust")


def odds_ratio(comparison: Comparison, *, level: float = 0.95) -> Effect:
    """Return the population-averaged odds ratio of a share, by logistic regression with two-way clustered standard errors."""
    if comparison.outcome.kind != "share":
        why = f"{comparison.outcome.about} is no share, so it has no odds"
        return comparison.undefined("odds_ratio", "odds ratio", why, level=level, cite=CGM)
    if why := no_odds(comparison):
        return comparison.undefined("odds_ratio", "odds ratio", why, level=level, cite=CGM)
    y, columns, at = design(comparison)
    models = library("statsmodels.api")
    model = models.GLM(y, columns, family=models.families.Binomial())
    method = f"population-averaged odds ratio (logistic regression), {CLUSTERED}"
    return told(comparison, model, at, "odds ratio", level, method, "odds_ratio")


def told(comparison: Comparison, model: Any, at: int, scale: Scale, level: float, method: str, name: str) -> Effect:
    """Fit a statsmodels model with clustered errors and return coefficient `at` as an effect."""
    groups, df, warnings = groups_of(comparison)
    fitted, variance, more = _variance(model, groups, at)
    if not variance > TINY:
        return comparison.undefined(name, scale, "the clusters leave no variance to judge by", level=level, cite=CGM)
    estimate, se = float(fitted.params[at]), math.sqrt(variance)
    if scale == "criterion":
        estimate = -estimate
    low, high, p = ends(estimate, se, df, level)
    if scale in ("odds ratio", "ratio"):
        estimate, low, high = math.exp(estimate), math.exp(low), math.exp(high)
    return comparison.effect(
        name, scale, estimate=estimate, low=low, high=high, level=level, p=p, se=se, df=df, method=method, cite=CGM,
        warnings=(*warnings, *more),
    )  # fmt: skip


def _variance(model: Any, groups: Any, at: int) -> tuple[Any, float, tuple[str, ...]]:
    """Return the fit and the variance of one coefficient; where two ways leave none, the larger of the one-way variances."""
    fitted = _fit(model, groups)
    variance = float(np.asarray(fitted.cov_params())[at, at])
    if variance > TINY or groups.ndim == 1:
        return fitted, variance, ()
    single = [float(np.asarray(_fit(model, groups[:, way]).cov_params())[at, at]) for way in (0, 1)]
    return fitted, max(single), ("the two-way variance is not positive: the larger one-way variance is used",)


def _fit(model: Any, groups: Any) -> Any:
    return model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": True})


def _probit() -> Any:
    families = library("statsmodels.api").families
    return families.Binomial(link=families.links.Probit())
