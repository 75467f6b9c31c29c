"""Many tests: Holm within the confirmatory family, Benjamini-Hochberg within the exploratory one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from server.report.inference.effect import Effect, Family
from server.report.inference.libraries import library

RULES: dict[Family, tuple[str, str]] = {
    "confirmatory": ("holm", "Holm"),
    "exploratory": ("fdr_bh", "Benjamini-Hochberg"),
}
"""Family -> name in statsmodels, name in print. Holm (1979) bounds the chance of any false finding; Benjamini & Hochberg (1995)
(10.1111/j.2517-6161.1995.tb02031.x) the expected share of false ones among the findings."""


def adjust(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Return the effects in the same order with `p_adjusted`, each family by its rule.

    Undefined effects are no tests: they keep NaN and are not counted. An effect that is given by several methods is one test
    for each of them: give those that are read only.
    """
    made = list(effects)
    for family, (rule, word) in RULES.items():
        places = [at for at, each in enumerate(effects) if each.family == family and not math.isnan(each.p)]
        if not places:
            continue
        tests = library("statsmodels.stats.multitest").multipletests([effects[at].p for at in places], method=rule)
        said = f"{word}, {len(places)} test{'s' * (len(places) > 1)}"
        for at, p in zip(places, tests[1], strict=True):
            made[at] = replace(effects[at], p_adjusted=float(p), adjustment=said)
    return tuple(made)
