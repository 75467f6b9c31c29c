"""A Bayesian mixed model, where the extra `bayes` (bambi on PyMC) is installed; a clear refusal where it is not."""

from __future__ import annotations

import math
from typing import Any

from server.report.inference.comparison import Comparison
from server.report.inference.effect import Effect
from server.report.inference.libraries import Missing, library
from server.report.inference.spread import no_odds

CITE = "10.18637/jss.v103.i15"
RHAT, ESS = 1.01, 400


def bayes(comparison: Comparison, *, seed: int = 1, draws: int = 1000, chains: int = 4, level: float = 0.95) -> Effect:
    """Return the conditional odds ratio of a share: posterior median and highest-density interval.

    Logistic regression with normal intercepts of participants and specimens; priors Normal(0, 1.5) for the intercept, Normal(0, 1)
    for the contrast, HalfNormal(1) for both spreads. `p` stays NaN; `details` has P(odds ratio > 1), R-hat and effective draws.
    """
    why = no_odds(comparison) if comparison.outcome.kind == "share" else "it is given for shares only"
    if why:
        return comparison.undefined("bayes", "odds ratio", why, level=level, cite=CITE)
    try:
        bambi, arviz = library("bambi"), library("arviz")
    except Missing as error:
        return comparison.undefined("bayes", "odds ratio", str(error), level=level, cite=CITE)
    frame = library("pandas").DataFrame(
        {"y": comparison.y.astype(int), "x": comparison.x, "person": comparison.person.astype(str),
         "item": comparison.item.astype(str)}
    )  # fmt: skip
    spread = bambi.Prior("Normal", mu=0, sigma=bambi.Prior("HalfNormal", sigma=1))
    priors = {"Intercept": bambi.Prior("Normal", mu=0, sigma=1.5), "x": bambi.Prior("Normal", mu=0, sigma=1),
              "1|person": spread, "1|item": spread}  # fmt: skip
    formula = "y ~ x + (1|person)" + (" + (1|item)" if comparison.clusters.items > 1 else "")
    known = {name: prior for name, prior in priors.items() if name == "Intercept" or name in formula}
    model = bambi.Model(formula, frame, family="bernoulli", priors=known)
    fitted = model.fit(draws=draws, chains=chains, random_seed=seed, progressbar=False, cores=1)
    return _told(comparison, arviz, fitted, level)


def _told(comparison: Comparison, arviz: Any, fitted: Any, level: float) -> Effect:
    values = library("numpy").asarray(fitted.posterior["x"]).ravel()
    ordered = sorted(values.tolist())
    count = math.ceil(level * len(ordered))
    start = min(range(len(ordered) - count + 1), key=lambda at: ordered[at + count - 1] - ordered[at])
    low, high = ordered[start], ordered[start + count - 1]
    rhat, ess = float(arviz.rhat(fitted)["x"]), float(arviz.ess(fitted)["x"])
    bad = (f"the chains have not met: R-hat {rhat:.3f}, {ess:.0f} effective draws",) if rhat > RHAT or ess < ESS else ()
    return comparison.effect(
        "bayes", "odds ratio", estimate=math.exp(float(library("numpy").median(values))), low=math.exp(low),
        high=math.exp(high), level=level, se=float(values.std()), cite=CITE, warnings=bad,
        method="conditional odds ratio, Bayesian mixed logit (bambi), posterior median and highest-density interval",
        details={"probability_above_1": float((values > 0).mean()), "rhat": rhat, "effective_draws": ess},
    )  # fmt: skip
