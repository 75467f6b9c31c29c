"""An effect: one number about two conditions, how sure it is, how it was computed, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

Family = Literal["confirmatory", "exploratory"]
Scale = Literal["difference", "odds ratio", "ratio", "ms", "points", "d'", "criterion", "mean"]
"""difference: of two shares, -1 to 1; odds ratio and ratio: 1 is none; points: on the question's own scale; d' and criterion:
difference of two, in standard deviations; mean: one share, nothing is compared."""


class Clusters(msgspec.Struct, frozen=True):
    """How many participants and specimens stand behind an effect: rounds of the same one are no independent evidence."""

    participants: int = 0
    items: int = 0


class Equivalence(msgspec.Struct, frozen=True):
    """Two one-sided tests: is the effect inside (-margin, margin)? `margin` was declared before the data were seen, or is ours."""

    margin: float
    p: float
    """The larger of the two one-sided p; small means equivalent."""
    low: float
    """Interval at 1 - 2 alpha (90 % for 5 %), which lies inside the margins exactly when `equivalent`."""
    high: float
    equivalent: bool
    declared: bool = False
    """The margin came from the study's plan, and is no default of ours."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One effect. Undefined numbers are NaN (in JSON null) and `undefined_because` says why; never 0."""

    name: str
    """Stable and unique in one report: "OUTCOME: CONTRAST - REFERENCE (METHOD)"."""
    study: str = ""
    protocol: str = ""
    """That of both conditions, or "ONE, OTHER" where they differ on purpose."""
    source: str = ""
    outcome: str
    contrast: str
    """The condition that is compared."""
    reference: str
    """The condition it is compared with; "" for a single mean."""
    estimate: float = math.nan
    low: float = math.nan
    high: float = math.nan
    level: float = 0.95
    """Coverage that low to high is made for."""
    scale: Scale = "difference"
    p: float = math.nan
    """Two-sided, of no effect."""
    p_adjusted: float = math.nan
    adjustment: str = ""
    """"Holm", "Benjamini-Hochberg" or "max-T", with the number of tests; "" before adjusting."""
    family: Family = "exploratory"
    method: str = ""
    """In words that a methods section can print."""
    se: float = math.nan
    """Standard error, on the scale of the test: log odds for odds ratios, log for ratios."""
    df: float = math.inf
    """Degrees of freedom of the t distribution that p and interval are from; infinite for the normal."""
    means: tuple[float, float] = (math.nan, math.nan)
    """Raw mean of the contrast and of the reference, beside which the estimate is read."""
    clusters: Clusters = Clusters()
    n: int = 0
    """Rounds."""
    causal: bool = True
    """False where people chose what is compared, so that it may not be read as caused by the condition."""
    equivalence: Equivalence | None = None
    details: Mapping[str, float] = {}
    """What a method says besides: standard deviations of participants and items, first stage, draws."""
    undefined_because: str = ""
    warnings: tuple[str, ...] = ()
    cite: str = ""
    """DOI or arXiv id of the method."""

    @property
    def defined(self) -> bool:
        """Tell whether there is a number."""
        return not math.isnan(self.estimate)

    @property
    def neutral(self) -> float:
        """The value that means no effect."""
        return 1.0 if self.scale in ("odds ratio", "ratio") else 0.0


class Caution(msgspec.Struct, frozen=True, order=True):
    """What a design cannot support, and where."""

    code: str
    where: str
    """Study, condition, protocol or outcome that it is about."""
    text: str
    """One sentence that a report prints as it is."""
    outcomes: tuple[str, ...] = ()
    """Outcomes it weakens; empty where it is about all."""
