"""Table T17: the main effects by a Bayesian mixed logit, made where it was asked for; the mixed logit of table T13 beside it."""

from __future__ import annotations

import math
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from server.report.inference.bayes import CHAINS, DRAWS, ESS, PRIORS, RHAT, TUNE, bayes
from server.report.inference.comparison import Comparison
from server.report.inference.effect import Effect
from server.report.inference.mixed import mixed_logit
from server.report.page.methods import MIXED_ROUNDS, compared
from server.report.page.story import Story
from server.report.plate import Table

COLUMNS = (
    "outcome", "condition", "against", "odds ratio", "low", "high", "mean log odds", "SD log odds", "direction",
    "probability of direction", "SD of people", "SD of specimens", "R-hat", "effective draws", "in the tails", "divergences",
    "mixed logit", "its low", "its high", "people", "specimens", "rounds", "beware",
)  # fmt: skip
HOW = (
    "A logistic regression with an intercept for every person and every specimen, as the mixed logit of table T13 (which stands"
    " beside), with priors. Odds ratio: median of the posterior, for one person and specimen; 1 is no effect. Low to high: {level}"
    " credible interval, the narrowest that holds so much of the posterior; given model and priors, the odds ratio lies in it with"
    " that probability. Mean and SD are of the log odds ratio. Probability of direction: share of the posterior on the median's"
    " side of 1, from 0.5; it says nothing of size, and is no probability that there is an effect. R-hat is the worst of intercept,"
    " contrast and spreads; above {rhat}, below {ess} effective draws of the contrast (bulk or tails), or with divergences the"
    " row should not be used. Nothing here is corrected for several comparisons. Priors: {priors}."
)
NUMBERS = ("rhat", "effective_draws", "effective_draws_tails", "divergences")


def believed(story: Story) -> Table:
    """T17: a row per main comparison (those of T13); the reason where one has no number."""
    sides = list(compared(story))
    rows = [row(bayes(side, seed=story.bootstrap.seed, level=story.level), _mixed(story, side)) for side in sides]
    return Table(
        id="T17", topic="The main effects by a Bayesian model", columns=COLUMNS, rows=rows, note=_note(story),
        how=HOW.format(level=f"{100 * story.level:.3g} %", rhat=RHAT, ess=ESS, priors=PRIORS),
        missing="no two conditions with an AI are compared",
    )  # fmt: skip


def plan(story: Story) -> dict[str, Any]:
    """Return how the table was made, for `report.json`."""
    return {"seed": story.bootstrap.seed, "chains": CHAINS, "draws": DRAWS, "tune": TUNE, "priors": PRIORS}


def sentence(story: Story) -> str:
    """Return what the methods section says of it."""
    return (
        f"Beside them a Bayesian mixed logit of the main comparisons (table T17): priors {PRIORS}; {_note(story)} Intervals are the"
        f" narrowest with {100 * story.level:.3g} % of the posterior."
    )


def _note(story: Story) -> str:
    return (
        f"{CHAINS} chains of {DRAWS:,} draws after {TUNE:,} to tune, No-U-Turn sampler, seed {story.bootstrap.seed};"
        f" {_versions()}."
    )


def _versions() -> str:
    """Return the versions behind the draws: others draw other numbers from the same seed."""
    told: list[str] = []
    for name in ("bambi", "pymc"):
        try:
            told.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(told) or "bambi is not installed"


def _mixed(story: Story, side: Comparison) -> Effect | None:
    share = side.outcome.kind == "share" and len(side.y) <= MIXED_ROUNDS
    return mixed_logit(side, level=story.level) if share else None


def row(each: Effect, mixed: Effect | None) -> tuple[Any, ...]:
    """Return a row of the table; `mixed` is the mixed logit of the same comparison, where it was fitted."""
    at = each.details
    way = None if not each.defined else "above 1" if each.estimate > 1 else "below 1"
    beside = (mixed.estimate, mixed.low, mixed.high) if mixed else (None, None, None)
    words = "; ".join(dict.fromkeys(word for word in (each.undefined_because, *each.warnings) if word))
    return (
        each.outcome.replace("_", " "), each.contrast, each.reference, each.estimate, each.low, each.high,
        at.get("mean_log_odds", math.nan), each.se, way, at.get("probability_of_direction", math.nan),
        at.get("sd_participants"), at.get("sd_items"), *(_count(name, at.get(name)) for name in NUMBERS), *beside,
        each.clusters.participants, each.clusters.items, each.n, words or None,
    )  # fmt: skip


def _count(name: str, value: float | None) -> float | int | None:
    return value if value is None or name == "rhat" else round(value)
