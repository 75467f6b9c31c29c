"""Equivalence: two one-sided tests (Schuirmann 1987). Without it "no effect" cannot be said, only "none was seen"."""

from __future__ import annotations

import math

from msgspec.structs import replace

from server.report.inference.effect import Effect, Equivalence
from server.report.inference.libraries import library

SCHUIRMANN = "10.1007/BF01068419"


def equivalence(effect: Effect, margin: float, *, declared: bool = True, alpha: float = 0.05) -> Effect:
    """Return the effect with its test of lying inside the margin.

    Args:
        effect: One with a standard error; an undefined one is returned as it is.
        margin: Largest difference that counts as none, on the effect's scale; for odds ratios and ratios the factor (1.2 stands
            for 1/1.2 to 1.2).
        declared: It was set before the data were seen.
        alpha: Level of both tests; the interval of 1 - 2 alpha lies inside the margins exactly when both reject.

    Raises:
        ValueError: For a margin that is not above 0 (for ratios: above 1).
    """
    ratio = effect.neutral == 1
    if margin <= effect.neutral:
        raise ValueError(f"the margin of {effect.outcome} is {margin:g}; it has to be above {effect.neutral:g}")
    if not effect.defined or not effect.se > 0:
        return effect
    stats = library("scipy.stats")
    law = stats.norm if math.isinf(effect.df) else stats.t(effect.df)
    centre, bound = (math.log(effect.estimate), math.log(margin)) if ratio else (effect.estimate, margin)
    above, below = law.sf((centre + bound) / effect.se), law.sf((bound - centre) / effect.se)
    half = float(law.ppf(1 - alpha)) * effect.se
    low, high = centre - half, centre + half
    if ratio:
        low, high = math.exp(low), math.exp(high)
    p = float(max(above, below))
    return replace(effect, equivalence=Equivalence(margin, p, low, high, p < alpha, declared))
