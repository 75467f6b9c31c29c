"""Few clusters: CR2 with Satterthwaite degrees of freedom, and the wild cluster bootstrap.

Both cluster one way, by participant or by specimen; with few of both, read both.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from server.report.inference.comparison import Comparison
from server.report.inference.effect import Effect
from server.report.inference.spread import TINY, design, ends, no_spread, scale_of

BELL_MCCAFFREY = "10.1080/07350015.2016.1247004"
CAMERON = "10.1162/rest.90.3.414"
Floats = NDArray[np.float64]
By = Literal["participant", "specimen"]
_linalg: Any = np.linalg


class Least(NamedTuple):
    """Least squares by cluster: bread, weights, residuals, and each cluster's rows."""

    bread: Floats
    weights: Floats
    residuals: Floats
    columns: Floats
    rows: list[Any]
    at: int


def small_clusters(comparison: Comparison, *, by: By = "participant", level: float = 0.95) -> Effect:
    """Return the difference with bias-reduced (CR2) errors and Satterthwaite degrees of freedom, clustered by one side.

    Bell & McCaffrey's correction as in Pustejovsky & Tipton (2018), for independent errors as working model.
    """
    scale, name = scale_of(comparison), f"small_clusters by {by}"
    least = _least(comparison, by)
    if isinstance(least, str):
        return comparison.undefined(name, scale, least, level=level, cite=BELL_MCCAFFREY)
    tilts = [_tilted(least, rows) for rows in least.rows]
    parts = np.array([float(tilt @ least.residuals[rows]) for tilt, rows in zip(tilts, least.rows, strict=True)])
    variance = float((parts**2).sum())
    sides = np.array([tilt @ least.columns[rows] for tilt, rows in zip(tilts, least.rows, strict=True)])
    gram = np.diag([float(tilt @ tilt) for tilt in tilts]) - sides @ least.bread @ sides.T
    df = float(np.trace(gram) ** 2 / (gram**2).sum())
    return _told(comparison, least, variance, df, name, level, f"CR2 errors by {by}, Satterthwaite degrees of freedom")


def wild_bootstrap(
    comparison: Comparison, *, by: By = "participant", seed: int = 1, resamples: int = 999, level: float = 0.95
) -> Effect:
    """Return the difference with p by the wild cluster bootstrap-t, no effect imposed (Cameron, Gelbach & Miller 2008).

    Signs (Rademacher) are drawn by cluster. The interval is the studentised one of the unrestricted bootstrap.
    """
    scale, name = scale_of(comparison), f"wild_bootstrap by {by}"
    least = _least(comparison, by)
    if isinstance(least, str):
        return comparison.undefined(name, scale, least, level=level, cite=CAMERON)
    y, at = design(comparison)[0], least.at
    free = [column for column in range(least.columns.shape[1]) if column != at]
    reduced = least.columns[:, free]
    null = y - reduced @ _linalg.lstsq(reduced, y, rcond=None)[0]
    signs = np.where(np.random.default_rng(seed).random((resamples, len(least.rows))) < 0.5, -1.0, 1.0)
    variance = _spread(least, _sums(least, least.residuals)[None], np.zeros((1, len(least.weights))))[0]
    if not variance > TINY:
        return _told(comparison, least, variance, math.inf, name, level, "")
    estimate, se = float(least.weights[at]), math.sqrt(variance)
    tries = _studentised(least, _sums(least, null), signs)
    seen = abs(estimate / se) - 1e-9  # draws of all signs turned tie with what was seen; rounding must not decide these
    p = (1 + int((np.abs(tries) >= seen).sum())) / (1 + resamples)
    drawn = np.abs(_studentised(least, _sums(least, least.residuals), signs))
    how = f"wild bootstrap-t of signs by {by}, {resamples} draws, seed {seed}"
    made = _told(comparison, least, variance, math.inf, name, level, how)
    if np.isinf(drawn).mean() >= 1 - level:
        why = "so many draws have no spread left that their interval has no ends"
        return replace(made, p=p, low=math.nan, high=math.nan, cite=CAMERON, warnings=(*made.warnings, why))
    reach = float(np.quantile(drawn, level))
    low, high = estimate - reach * se, estimate + reach * se
    if scale == "ratio":
        low, high = math.exp(low), math.exp(high)
    return replace(made, p=p, low=low, high=high, cite=CAMERON)


def _least(comparison: Comparison, by: By) -> Least | str:
    if comparison.outcome.kind == "signal":
        return "d' and criterion are estimated by cluster_robust only"
    if why := no_spread(comparison):
        return why
    y, columns, at = design(comparison)
    codes = comparison.person if by == "participant" else comparison.item
    count = int(codes.max()) + 1
    if count < 3:
        return f"{count} clusters by {by} are too few for any correction"
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.searchsorted(codes[order], np.arange(1, count)))
    bread = _linalg.inv(columns.T @ columns)
    weights = bread @ (columns.T @ y)
    return Least(bread, weights, y - columns @ weights, columns, rows, at)


def _tilted(least: Least, rows: Any) -> Floats:
    """Return (I - H)^(-1/2) X b of a cluster: what its residuals are weighted with, after bias reduction."""
    own = least.columns[rows]
    values, vectors = _linalg.eigh(np.eye(len(rows)) - own @ least.bread @ own.T)
    turned = vectors.T @ (own @ least.bread[:, least.at])
    return vectors @ np.where(values > 1e-8, turned / np.sqrt(np.maximum(values, 1e-8)), 0.0)


def _sums(least: Least, residuals: Floats) -> Floats:
    """Return (clusters, k) sums of column times residual."""
    return np.array([least.columns[rows].T @ residuals[rows] for rows in least.rows])


def _spread(least: Least, sums: Floats, moved: Floats) -> Floats:
    """Return the cluster variance of the contrast for every draw; `sums` (draws, clusters, k), `moved` (draws, k)."""
    squares = np.array([least.columns[rows].T @ least.columns[rows] for rows in least.rows])
    direction = least.bread[least.at]
    left = sums @ direction - np.einsum("gkl,dl,k->dg", squares, moved, direction)
    count = len(least.rows)
    return (left**2).sum(axis=1) * count / (count - 1)


def _studentised(least: Least, sums: Floats, signs: Floats) -> Floats:
    """Return t of every draw: infinite where nothing but rounding is left of its spread, 0 where of its effect, too."""
    drawn = signs[:, :, None] * sums
    moved = drawn.sum(axis=1) @ least.bread
    effect, variance = moved[:, least.at], _spread(least, drawn, moved)
    told = np.where(variance > TINY, np.sqrt(np.maximum(variance, TINY)), 0.0)
    still = ~(told > 0) & (effect**2 <= TINY)
    with np.errstate(divide="ignore"):
        return np.where(still, 0.0, effect / np.where(still, 1.0, told))


def _told(
    comparison: Comparison, least: Least, variance: float, df: float, name: str, level: float, how: str
) -> Effect:
    scale = scale_of(comparison)
    if not variance > TINY or df < 1:
        return comparison.undefined(
            name, scale, "the clusters leave no variance to judge by", level=level, cite=BELL_MCCAFFREY
        )
    estimate, se = float(least.weights[least.at]), math.sqrt(variance)
    low, high, p = ends(estimate, se, df, level)
    if scale == "ratio":
        estimate, low, high = math.exp(estimate), math.exp(low), math.exp(high)
    return comparison.effect(
        name, scale, estimate=estimate, low=low, high=high, level=level, p=p, se=se, df=df, cite=BELL_MCCAFFREY,
        method=f"difference of means, {how}",
    )  # fmt: skip
