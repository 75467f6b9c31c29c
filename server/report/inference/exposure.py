"""Assigned and exposed: intention to treat, as treated (not causal), and the effect on compliers with assignment as instrument."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from msgspec.structs import replace

from game.round import Round
from server.report.inference.clustered import cluster_robust
from server.report.inference.comparison import Comparison
from server.report.inference.effect import Effect
from server.report.inference.sandwich import two_way
from server.report.inference.spread import ends, no_spread, scale_of

ANGRIST = "10.1080/01621459.1996.10476902"
GLANCE_MS = 1000
"""Visible time below which an explanation counts as not read."""
WEAK = 10.0
"""First-stage F below which the instrument is called weak."""
Exposed = Callable[[Round], bool]


def read_explanation(each: Round) -> bool:
    """Tell whether an explanation was on the screen for a second or more (or on it, where the time is not known)."""
    return each.explanation_shown and (each.explanation_ms is None or each.explanation_ms >= GLANCE_MS)


def intention_to_treat(comparison: Comparison, *, level: float = 0.95) -> Effect:
    """Return the difference between the conditions as they were assigned, whoever looked at what: the causal default."""
    made = cluster_robust(comparison, level=level)
    return _renamed(made, "cluster_robust", "intention_to_treat", "intention to treat (as assigned): ")


def as_treated(comparison: Comparison, *, exposed: Exposed = read_explanation, level: float = 0.95) -> Effect:
    """Return the difference between exposed and unexposed rounds of both conditions; never causal: people chose to look."""
    x = np.array([float(exposed(each)) for each in comparison.rounds])
    why = comparison.undefined_because or _same(x, "exposed")
    seen = replace(comparison, x=x if len(x) else comparison.x, undefined_because=why)
    made = _renamed(cluster_robust(seen, level=level), "cluster_robust", "as_treated", "as treated (not causal): ")
    told = "as treated: people chose what they looked at, so this is no effect of the explanation"
    return replace(made, causal=False, warnings=(*made.warnings, told))


def cace(comparison: Comparison, *, exposed: Exposed = read_explanation, level: float = 0.95) -> Effect:
    """Return the effect of exposure on those whom the assignment made look (Angrist, Imbens & Rubin 1996).

    Two-stage least squares with the condition as instrument; two-way clustered errors. It assumes that the condition acts through
    the exposure only, and that it makes nobody look less.
    """
    scale = scale_of(comparison)
    why = no_spread(comparison)
    why = why or ("d' and criterion have no instrument here" if comparison.outcome.kind == "signal" else "")
    taken = np.array([float(exposed(each)) for each in comparison.rounds])
    if why := why or _same(taken, "exposed"):
        return comparison.undefined("cace", scale, why, level=level, cite=ANGRIST)
    y = np.log(comparison.y) if comparison.outcome.kind == "time" else comparison.y
    z = comparison.x - comparison.x.mean()
    first = float(z @ taken)
    if abs(first) < 1e-9 * len(z):
        why = f"being assigned to {comparison.contrast} does not change who is exposed"
        return comparison.undefined("cace", scale, why, level=level, cite=ANGRIST)
    estimate = float(z @ y) / first
    residual = (y - y.mean()) - estimate * (taken - taken.mean())
    se = math.sqrt(two_way(z * residual, comparison.person, comparison.item)) / abs(first)
    stage = first / float(z @ z)
    spread = two_way(z * (taken - taken.mean() - stage * z), comparison.person, comparison.item) / float(z @ z) ** 2
    strength = stage**2 / spread if spread > 0 else math.inf
    if not se > 0:
        return comparison.undefined(
            "cace", scale, "the clusters leave no variance to judge by", level=level, cite=ANGRIST
        )
    df = max(1.0, min(comparison.clusters.participants, max(comparison.clusters.items, 2)) - 1.0)
    low, high, p = ends(estimate, se, df, level)
    if scale == "ratio":
        estimate, low, high = math.exp(estimate), math.exp(low), math.exp(high)
    weak = f"weak instrument: first-stage F is {strength:.1f}, below {WEAK:g}; the interval is not to be trusted"
    return comparison.effect(
        "cace", scale, estimate=estimate, low=low, high=high, level=level, p=p, se=se, df=df, cite=ANGRIST,
        warnings=(weak,) if strength < WEAK else (), details={"exposed_more": stage, "first_stage_f": strength},
        method="complier average effect of exposure, assignment as instrument, two-way clustered errors",
    )  # fmt: skip


def _same(taken: np.ndarray[tuple[int, ...], np.dtype[np.float64]], word: str) -> str:
    """Say why exposure cannot be compared, or ""."""
    if len(taken) and float(np.ptp(taken)) == 0:
        return f"{'every' if taken[0] else 'no'} round was {word}: there is nothing to compare with"
    return ""


def _renamed(made: Effect, name: str, new: str, lead: str) -> Effect:
    method = lead + made.method if made.method else ""
    return replace(made, name=made.name.replace(f"({name})", f"({new})"), method=method)
