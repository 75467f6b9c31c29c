"""How many hidden states do the data support? Models of 1 to 5 unnamed states, beside the one whose states we name.

Each is fitted to all people (log-likelihood, BIC) and to all but a fold of them, which tells how well it foresees people whom it
has not met (left-out log-likelihood per round). Folds and starting points hang on an explicit seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import msgspec
import numpy as np

from game.measures.chain import Chains, Floats, Places, learned, padded, passed
from game.measures.hidden import LEAST, STATES, SYMBOLS, anchored, series_of
from game.round import Round

MOST_STATES = 5
FOLDS = 5
PEOPLE_LEAST = 10
"""People without whom no left-out likelihood is told: two a fold."""
PEOPLE_MOST, ROUNDS_MOST = 150, 40
"""People (drawn by the seed) and first rounds of each that are used, at most."""
STARTS, SHORT, TURNS, CLOSE = 3, 8, 60, 1e-5
WITHIN = 2.0
"""Standard errors below the best at which fewer states still count as no worse."""
FLOOR = 0.01
"""Part of a flat draw in every emission when people are foreseen: what a fit has never met is unlikely, not impossible."""


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """One model. `below`: how much less it foresees a round than the best unnamed one, with its standard error over people."""

    states: int
    named: bool
    parameters: int
    loglik: float
    bic: float | None
    """Of the likeliest fit, so none for named states, whose fit is drawn towards their definitions."""
    foreseen: float
    below: float
    below_se: float


class Fits(msgspec.Struct, frozen=True, kw_only=True):
    """All models of one group: those of 1 to 5 unnamed states, then the named one."""

    fits: tuple[Fit, ...]
    people: int
    people_known: int
    """People with enough rounds, of whom `people` were used."""
    rounds: int
    supported: int
    """The fewest unnamed states that foresee within two standard errors of the best."""
    by_bic: int


def states(rounds: Sequence[Round], seed: int) -> Fits | str:
    """Fit all models to the rounds of a group, one condition at a time; returns the reason where there are too few people."""
    known, _ = series_of(rounds)
    if len(known) < PEOPLE_LEAST:
        return f"{len(known)} people have {LEAST} decided rounds with an AI; {PEOPLE_LEAST} are needed"
    return of_series([known[name] for name in sorted(known)], seed)


def of_series(known: Sequence[Sequence[int]], seed: int) -> Fits:
    """Fit all models to the symbols of people, at least 10 of them."""
    order = np.random.default_rng(seed).permutation(len(known))[:PEOPLE_MOST]
    series = [list(known[int(at)])[:ROUNDS_MOST] for at in order]
    symbols, n = padded(series, len(SYMBOLS)), sum(map(len, series))
    met = len(np.unique(symbols[symbols < len(SYMBOLS)]))
    fold = np.arange(len(series)) % FOLDS
    weights = np.array([np.ones(len(series)), *((fold != at).astype(float) for at in range(FOLDS))])
    lengths = np.array([len(one) for one in series], dtype=np.float64)
    made: list[tuple[int, bool, float, Floats]] = []
    for k in range(1, MOST_STATES + 1):
        chains, loglik = _free(symbols, weights, k, seed)
        made.append((k, False, float(loglik[0]), _foreseen(symbols, chains, fold)))
    chains, loglik = anchored(symbols, weights)
    made.append((len(STATES), True, float(loglik[0]), _foreseen(symbols, chains, fold)))
    free = made[:MOST_STATES]
    best = max(free, key=lambda each: float(each[3].sum()))[3]
    fits = tuple(_fit(each, best, lengths, n, met) for each in made)
    unnamed = fits[:MOST_STATES]
    return Fits(
        fits=fits, people=len(series), people_known=len(known), rounds=n,
        supported=next(each.states for each in unnamed if each.below <= WITHIN * each.below_se),
        by_bic=min(unnamed, key=lambda each: each.bic or 0.0).states,
    )  # fmt: skip


def _fit(each: tuple[int, bool, float, Floats], best: Floats, lengths: Floats, n: int, met: int) -> Fit:
    k, named, loglik, foreseen = each
    free = k - 1 + k * (k - 1) + k * (met - 1)
    below = float((best - foreseen).sum()) / n
    away: Floats = best - foreseen - below * lengths
    people = len(lengths)
    return Fit(
        states=k, named=named, parameters=free, loglik=loglik, bic=None if named else free * log(n) - 2 * loglik,
        foreseen=float(foreseen.sum()) / n, below=below, below_se=float(np.sqrt(people / (people - 1) * (away**2).sum())) / n,
    )  # fmt: skip


def _free(symbols: Places, weights: Floats, k: int, seed: int) -> tuple[Chains, Floats]:
    """Return the likeliest fits of k states, one a row of `weights`: from three drawn starts each, the best goes on."""
    fits, draws = len(weights), np.random.default_rng((seed, k))
    starts = STARTS if k > 1 else 1
    share = np.bincount(symbols.ravel(), minlength=len(SYMBOLS) + 1)[:-1] + 1.0
    emits = draws.dirichlet(4 * share / share.mean(), size=(starts, k))
    moves = np.repeat((np.full((k, k), 0.2 / k) + 0.8 * np.eye(k))[None], starts, axis=0)
    begin = Chains(*(np.repeat(part, fits, axis=0) for part in (np.full((starts, k), 1 / k), moves, emits)))
    chains, loglik = learned(
        symbols, begin, prior=None, turns=SHORT, close=CLOSE, weights=np.tile(weights, (starts, 1))
    )
    if starts > 1:
        at = loglik.reshape(starts, fits).argmax(axis=0) * fits + np.arange(fits)
        chains = Chains(*(part[at] for part in chains))
    return learned(symbols, chains, prior=None, turns=TURNS, close=CLOSE, weights=weights)


def _foreseen(symbols: Places, chains: Chains, fold: Places) -> Floats:
    """Return the log-likelihood of each person (N) by the fit that was made without their fold."""
    emits = (1 - FLOOR) * chains.emits + FLOOR / chains.emits.shape[2]
    loglik = passed(symbols, Chains(chains.start, chains.moves, emits)).loglik
    made: Floats = loglik[fold + 1, np.arange(len(fold))]
    return made
