"""Hidden Markov chains of symbols, many people and several fits at once (Baum and Welch's algorithm)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
TINY = 1e-12
"""Least probability where there is no prior, so that a symbol that a fit has not met is no division by zero."""


class Chains(NamedTuple):
    """Fits side by side: start (F, K), transitions (F, K, K), emissions (F, K, M); also their pseudo-counts."""

    start: Floats
    moves: Floats
    emits: Floats


class Passed(NamedTuple):
    """One pass forward and backward: P(state) (F, T, N, K), what comes next (F, T - 1, N, K), log-likelihood (F, N)."""

    forward: Floats
    posterior: Floats
    coming: Floats
    loglik: Floats


def padded(series: Sequence[Sequence[int]], symbols: int) -> Places:
    """Return the people's symbols (N, T); places after a person's last round hold `symbols`, which tells nothing."""
    made = np.full((len(series), max(map(len, series))), symbols, dtype=np.int64)
    for at, one in enumerate(series):
        made[at, : len(one)] = one
    return made


def passed(symbols: Places, chains: Chains) -> Passed:
    """Pass through the symbols (N, T) of every person with every fit."""
    fits, k = chains.start.shape
    people, steps = symbols.shape
    gives: Any = np.concatenate([chains.emits, np.ones((fits, k, 1))], axis=2).swapaxes(1, 2)[:, symbols.T]
    forward, scale = np.zeros((fits, steps, people, k)), np.zeros((fits, steps, people))
    for t in range(steps):
        here: Any = (chains.start[:, None] if t == 0 else forward[:, t - 1] @ chains.moves) * gives[:, t]
        scale[:, t] = here.sum(axis=2)
        forward[:, t] = here / scale[:, t, :, None]
    back, coming = np.ones((fits, people, k)), np.zeros((fits, max(0, steps - 1), people, k))
    posterior = forward.copy()
    for t in range(steps - 2, -1, -1):
        coming[:, t] = gives[:, t + 1] * back / scale[:, t + 1, :, None]
        back = coming[:, t] @ chains.moves.swapaxes(1, 2)
        posterior[:, t] *= back
    made: Floats = np.log(scale).sum(axis=1)
    return Passed(forward, posterior, coming, made)


def counted(symbols: Places, one: Passed, chains: Chains, weights: Floats) -> Chains:
    """Return expected starts, transitions and symbols of each fit; `weights` (F, N): how much a person counts in it."""
    fits, steps, people, k = one.posterior.shape
    many = chains.emits.shape[2]
    known = (many > symbols.T).astype(np.float64)
    share = weights[:, None, :, None] * known[None, :, :, None]
    seen: Any = (one.posterior * share).reshape(fits, steps * people, k)
    marks = np.eye(many + 1)[symbols.T.ravel()][:, :many]
    ahead: Any = (one.coming * share[:, 1:]).reshape(fits, -1, k)
    pairs: Any = one.forward[:, :-1].reshape(fits, -1, k).swapaxes(1, 2) @ ahead
    first: Floats = (one.posterior[:, 0] * weights[:, :, None]).sum(axis=1)
    return Chains(first, pairs * chains.moves, seen.swapaxes(1, 2) @ marks)


def learned(
    symbols: Places, chains: Chains, *, prior: Chains | None, turns: int, close: float, weights: Floats
) -> tuple[Chains, Floats]:
    """Return the fits and the log-likelihood (F) of the people who count in them, one turn before.

    With `prior` (pseudo-counts) the most probable fit, else the likeliest one. Ends when all gain less than `close` of their size.
    """
    before = np.full(len(chains.start), -np.inf)
    loglik = before
    for _ in range(turns):
        one = passed(symbols, chains)
        counts = counted(symbols, one, chains, weights)
        loglik = (weights * one.loglik).sum(axis=1)
        chains = Chains(*(_shares(part, None if prior is None else prior[at]) for at, part in enumerate(counts)))
        if (np.abs(loglik - before) < close * np.maximum(1.0, np.abs(loglik))).all():
            break
        before = loglik
    return chains, loglik


def _shares(counts: Floats, prior: Floats | None) -> Floats:
    whole: Floats = np.maximum(counts, TINY) if prior is None else counts + prior
    made: Floats = whole / whole.sum(axis=-1, keepdims=True)
    return made
