"""The mixed logit: logistic regression with normal intercepts of participants and of specimens, by maximum likelihood.

The effects are crossed, so their integral does not factorise. One side (that with more levels, so fewer rounds each) is integrated
by adaptive Gauss-Hermite quadrature, exactly but for its nodes; over the other (fewer levels, more rounds each) the integral of
what remains is approximated by Laplace's method. With one side only the quadrature is all there is.
"""

from __future__ import annotations

import contextlib
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.report.inference.libraries import library

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]
NODES = 15
STEPS = 30
LEAST, MOST = math.log(0.01), math.log(8.0)
"""Bounds of a log standard deviation; at the lower one it is reported as zero."""
_linalg: Any = np.linalg


class Fitted(NamedTuple):
    """Weights with their covariance; standard deviations of the two sides (NaN where a side is not in the model)."""

    weights: Floats
    covariance: Floats
    sd_inner: float
    sd_outer: float
    log_likelihood: float
    converged: bool


class Inside(NamedTuple):
    """What the quadrature gives at one point: log-likelihood, score of each row, and what the curvature is made of."""

    value: float
    score: Floats
    """(n,) expected y - mu."""
    weight: Floats
    """(n,) expected mu (1 - mu)."""
    residual: Floats
    """(n, Q)"""
    chances: Floats
    """(P, Q) posterior weights of the nodes."""


class Crossed:
    """A model and the state that makes its next evaluation quick: where the nodes lie, and the mode of the outer side."""

    def __init__(self, y: Floats, x: Floats, inner: Codes, outer: Codes | None) -> None:
        """`y` (n,) zeros and ones, `x` (n, k) columns, `inner` and `outer` (n,) codes 0, 1, ... of the two sides."""
        order = np.argsort(inner, kind="stable")
        self.y, self.x, self.inner = y[order], x[order], inner[order]
        self.outer = None if outer is None else outer[order]
        self.people = int(self.inner[-1]) + 1
        self.starts = np.searchsorted(self.inner, np.arange(self.people))
        self.levels = 0 if self.outer is None else int(self.outer.max()) + 1
        made: Any = np.polynomial.hermite_e.hermegauss(NODES)
        self.nodes, self.log_weights = made[0], np.log(made[1]) - 0.5 * math.log(2 * math.pi)
        self.centre: Any = np.zeros(self.people)
        self.width: Any = np.ones(self.people)
        self.mode: Any = np.zeros(self.levels)
        self.kept, self.best = (self.centre, self.width, self.mode), -math.inf

    def inside(self, fixed: Floats, sd: float, *, move: bool) -> Inside:
        """Integrate over the inner side, given each row's `fixed` log odds; `move` puts the nodes where the mass is."""
        u = self.centre[:, None] + self.width[:, None] * self.nodes
        eta = fixed[:, None] + sd * u[self.inner]
        soft = np.logaddexp(0.0, eta)
        residual = self.y[:, None] - np.exp(eta - soft)
        log = np.add.reduceat(self.y[:, None] * eta - soft, self.starts, axis=0)
        log += self.log_weights + 0.5 * self.nodes**2 - 0.5 * u**2 + np.log(self.width)[:, None]
        top = log.max(axis=1, keepdims=True)
        chances = np.exp(log - top)
        total = chances.sum(axis=1, keepdims=True)
        chances /= total
        if move:
            self.centre = (chances * u).sum(axis=1)
            self.width = np.sqrt(np.maximum((chances * u**2).sum(axis=1) - self.centre**2, 1e-4))
        per_row = chances[self.inner]
        mu = self.y[:, None] - residual
        score, weight = (per_row * residual).sum(axis=1), (per_row * mu * (1 - mu)).sum(axis=1)
        return Inside(float((top + np.log(total)).sum()), score, weight, residual, chances)

    def curvature(self, at: Inside, sd: float) -> Floats:
        """Return minus the second derivative by the outer side's levels, (J, J), their standard normal prior included."""
        assert self.outer is not None
        count, cells = self.levels, self.people * self.levels
        key = self.inner * count + self.outer
        sums = np.stack([np.bincount(key, at.residual[:, q], cells) for q in range(NODES)])
        spread = sums.reshape(NODES, self.people, count).transpose(1, 0, 2)
        spread = spread - (at.chances[:, :, None] * spread).sum(axis=1, keepdims=True)
        spread = (np.sqrt(at.chances)[:, :, None] * spread).reshape(-1, count)
        made = -(sd**2) * (spread.T @ spread)
        made[np.diag_indices(count)] += 1 + sd**2 * np.bincount(self.outer, at.weight, count)
        return made

    def log_likelihood(self, weights: Floats, sd_inner: float, sd_outer: float) -> float:
        """Return the log-likelihood at a point; each evaluation starts from where the best one so far ended."""
        self.centre, self.width, self.mode = self.kept
        value = self._settle(self.x @ weights, sd_inner, sd_outer)
        if value > self.best:
            self.kept, self.best = (self.centre, self.width, self.mode), value
        return value

    def _settle(self, base: Floats, sd_inner: float, sd_outer: float) -> float:
        """Move to the outer side's mode by Newton steps, and return the log-likelihood by Laplace's method."""
        if self.outer is None:
            for _ in range(2):
                self.inside(base, sd_inner, move=True)
            return self.inside(base, sd_inner, move=False).value
        self.inside(base + sd_outer * self.mode[self.outer], sd_inner, move=True)
        best, factor = -math.inf, np.eye(self.levels)
        step, size = np.zeros(self.levels), 1.0
        for _ in range(STEPS):
            tried = self.mode + size * step
            at = self.inside(base + sd_outer * tried[self.outer], sd_inner, move=not step.any())
            value = at.value - 0.5 * float(tried @ tried)
            if value < best - 1e-6:
                size /= 2
                continue
            moved = math.inf if math.isinf(best) else float(np.abs(size * step).max())
            self.mode, best, size = tried, value, 1.0
            factor = _factor(self.curvature(at, sd_outer))
            if moved < 1e-4:
                break
            slope = sd_outer * np.bincount(self.outer, at.score, self.levels) - self.mode
            step = library("scipy.linalg").cho_solve((factor, True), slope)
            step = step if step.any() else np.full(self.levels, 1e-12)
        return best - float(np.log(np.diag(factor)).sum())


def _factor(curvature: Floats) -> Floats:
    """Return the Cholesky factor; curvature that is not positive (far from the mode) is made so."""
    try:
        return _linalg.cholesky(curvature)
    except _linalg.LinAlgError:
        values, vectors = _linalg.eigh(curvature)
        return _linalg.cholesky((vectors * np.maximum(values, 1e-3)) @ vectors.T)


def fit(y: Floats, x: Floats, inner: Codes, outer: Codes | None = None) -> Fitted:
    """Fit by maximum likelihood; standard errors from the numerical curvature of the whole log-likelihood, as in lme4.

    Args:
        y: (n,) zeros and ones.
        x: (n, k) columns, the intercept among them.
        inner: (n,) codes 0, 1, ... of the side that is integrated by quadrature.
        outer: the same for the side that Laplace's method is for; None leaves it out.
    """
    model, k = Crossed(y, x, inner, outer), x.shape[1]
    sides = 1 if outer is None else 2

    def cost(point: Floats) -> float:
        deviations = np.exp(np.clip(point[k:], LEAST, MOST))
        return -model.log_likelihood(point[:k], float(deviations[0]), float(deviations[-1]))

    first, scale = _start(y, x, sides)

    def scaled(z: Floats) -> float:
        return cost(first + scale * z)

    bounds = [(-15.0, 15.0)] * k + [(LEAST, MOST)] * sides
    found = library("scipy.optimize").minimize(
        scaled, np.zeros(k + sides), method="L-BFGS-B",
        bounds=[((low - a) / s, (high - a) / s) for (low, high), a, s in zip(bounds, first, scale, strict=True)],
        options={"eps": 1e-3, "ftol": 1e-8, "gtol": 5e-3, "maxiter": 60},
    )  # fmt: skip
    point = first + scale * found.x
    free = [at for at in range(k + sides) if at < k or point[at] > LEAST + 0.5]
    covariance = np.full((k, k), math.nan)
    with contextlib.suppress(_linalg.LinAlgError):
        covariance = _linalg.inv(_second(cost, point, free))[:k, :k]
    sds = [float(math.exp(value)) if value > LEAST + 0.5 else 0.0 for value in point[k:]]
    return Fitted(
        point[:k], covariance, sds[0], sds[1] if sides == 2 else math.nan, -float(found.fun), bool(found.success)
    )


def _start(y: Floats, x: Floats, sides: int) -> tuple[Floats, Floats]:
    """Return where to begin (plain logistic regression) and roughly how far each coordinate may move."""
    models = library("statsmodels.api")
    plain = models.GLM(y, x, family=models.families.Binomial()).fit()
    return np.append(plain.params, [math.log(0.5)] * sides), np.append(2 * plain.bse, [0.15] * sides)


def _second(cost: Any, point: Floats, free: list[int], by: float = 5e-3) -> Floats:
    """Return the second derivatives of `cost` at `point` by central differences, for the `free` coordinates."""
    n, middle = len(free), cost(point)
    steps = np.zeros((n, len(point)))
    for row, at in enumerate(free):
        steps[row, at] = by
    ahead, behind = [cost(point + s) for s in steps], [cost(point - s) for s in steps]
    made = np.diag([(ahead[i] - 2 * middle + behind[i]) / by**2 for i in range(n)])
    for i in range(n):
        for j in range(i):
            both = cost(point + steps[i] + steps[j]) + cost(point - steps[i] - steps[j])
            made[i, j] = made[j, i] = (both - ahead[i] - behind[i] - ahead[j] - behind[j] + 2 * middle) / (2 * by**2)
    return made
