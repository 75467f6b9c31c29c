"""A Bayesian mixed model, where the extra `bayes` (bambi on PyMC) is installed; a clear refusal where it is not."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from server.report.inference.comparison import Comparison
from server.report.inference.effect import Effect
from server.report.inference.libraries import PARTS, Missing, library
from server.report.inference.spread import no_odds

CITE = "10.18637/jss.v103.i15"
PRIORS = (
    "Normal(0, 1.5) for the intercept and Normal(0, 1) for the contrast, in log odds, HalfNormal(1) for the standard deviations of"
    " people and specimens"
)
"""Weakly informative: half of the prior's odds ratios lie between 0.51 and 1.96, 95 % between 0.14 and 7.1."""
DRAWS, TUNE, CHAINS, ACCEPT = 1000, 1000, 4, 0.9
RHAT, ESS = 1.01, 400
"""R-hat above which, and effective draws below which, chains have not met (Vehtari et al. 2021, 10.1214/20-BA1221)."""
SPREADS = {"sd_participants": "1|person_sigma", "sd_items": "1|item_sigma"}


def installed() -> None:
    """Raise Missing, with what to install, where the model cannot be fitted on this machine."""
    for name in PARTS:
        try:
            library(name)
        except Missing:
            raise
        except ImportError as error:
            why = f"{name} is installed and cannot be imported ({error}): python -m pip install 'coplay[bayes]'"
            raise Missing(why) from error


def bayes(
    comparison: Comparison, *, seed: int = 1, draws: int = DRAWS, chains: int = CHAINS, level: float = 0.95
) -> Effect:
    """Return the conditional odds ratio of a share: posterior median and highest-density interval.

    Logistic regression with normal intercepts of participants and specimens and the priors of `PRIORS`, by the No-U-Turn sampler.
    `p` stays NaN. `details`: mean and SD of the log odds ratio, `probability_of_direction` (share of the draws on the median's
    side of no effect), spreads of people and specimens, the worst R-hat, effective draws of the contrast in the bulk and in the
    tails, divergences. One chain after another, so that equal seeds give equal draws on one machine.
    """
    why = no_odds(comparison) if comparison.outcome.kind == "share" else "it is given for shares only"
    if why:
        return comparison.undefined("bayes", "odds ratio", why, level=level, cite=CITE)
    try:
        installed()
    except Missing as error:
        return comparison.undefined("bayes", "odds ratio", str(error), level=level, cite=CITE)
    with _quiet():
        fitted = _model(comparison).fit(
            draws=draws, tune=TUNE, chains=chains, random_seed=seed, progressbar=False, cores=1, target_accept=ACCEPT
        )
    return _told(comparison, fitted, level)


def _model(comparison: Comparison) -> Any:
    bambi = library("bambi")
    frame = library("pandas").DataFrame(
        {"y": comparison.y.astype(int), "x": comparison.x, "person": comparison.person.astype(str),
         "item": comparison.item.astype(str)}
    )  # fmt: skip
    spread = bambi.Prior("Normal", mu=0, sigma=bambi.Prior("HalfNormal", sigma=1))
    sides = ["1|person", *(["1|item"] if comparison.clusters.items > 1 else [])]
    priors = {"Intercept": bambi.Prior("Normal", mu=0, sigma=1.5), "x": bambi.Prior("Normal", mu=0, sigma=1)}
    formula = " + ".join(["y ~ x", *(f"({side})" for side in sides)])
    # uncentred, so that the intercept's prior is that of the reference, as PRIORS says
    return bambi.Model(
        formula, frame, family="bernoulli", priors=priors | dict.fromkeys(sides, spread), center_predictors=False
    )


@contextmanager
def _quiet() -> Generator[None]:
    """Keep the sampler from telling what the effect tells, and its libraries what is theirs to change."""
    logs = [logging.getLogger(name) for name in ("pymc", "bambi")]
    before = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)


def _told(comparison: Comparison, fitted: Any, level: float) -> Effect:
    np, arviz = library("numpy"), library("arviz")
    values = np.asarray(fitted.posterior["x"]).ravel()
    low, high = densest(values.tolist(), level)
    median = float(np.median(values))
    names = ["Intercept", "x", *(name for name in SPREADS.values() if name in fitted.posterior)]
    rhat = max(float(arviz.rhat(fitted, var_names=[name])[name]) for name in names)
    bulk, tail = (float(arviz.ess(fitted, var_names=["x"], method=how)["x"]) for how in ("bulk", "tail"))
    wrong = int(np.asarray(fitted.sample_stats["diverging"]).sum())
    details = {
        "mean_log_odds": float(values.mean()), "probability_of_direction": float(((values > 0) == (median > 0)).mean()),
        "rhat": rhat, "effective_draws": bulk, "effective_draws_tails": tail, "divergences": float(wrong),
        "draws": float(len(values)),
    }  # fmt: skip
    details |= {
        key: float(np.median(np.asarray(fitted.posterior[name]))) for key, name in SPREADS.items() if name in names
    }
    return comparison.effect(
        "bayes", "odds ratio", estimate=math.exp(median), low=math.exp(low), high=math.exp(high), level=level,
        se=float(values.std(ddof=1)), cite=CITE, warnings=_beware(rhat, min(bulk, tail), wrong), details=details,
        method="conditional odds ratio, Bayesian mixed logit (bambi), posterior median and highest-density interval",
    )  # fmt: skip


def _beware(rhat: float, effective: float, wrong: int) -> tuple[str, ...]:
    told = [f"{wrong} divergences: some of the posterior may not have been reached"] if wrong else []
    if not (rhat <= RHAT and effective >= ESS):
        told.append(f"the chains have not met: R-hat {rhat:.3f}, {effective:.0f} effective draws")
    return tuple(told)


def densest(values: list[float], level: float) -> tuple[float, float]:
    """Return the narrowest interval that holds `level` of the values.

    >>> densest([0.0, 1.0, 1.1, 1.2, 5.0], 0.6)
    (1.0, 1.2)
    """
    ordered = sorted(values)
    count = math.ceil(level * len(ordered))
    start = min(range(len(ordered) - count + 1), key=lambda at: ordered[at + count - 1] - ordered[at])
    return ordered[start], ordered[start + count - 1]
