"""Hidden Markov model of modes (exploratory): a reading beside the round codes, made from the same rounds, no evidence of its own.

States mediation, delegation, substitution, solo; one symbol a round, none of which knows whether an explanation was looked at.
Dirichlet pseudo-counts on the emissions name the states, so nothing is discovered: it is the definitions, smoothed over time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from game.measures.chain import Chains, Floats, Places, learned, padded, passed
from game.measures.modes import Coded, Rule, coded, people_of
from game.round import Round

STATES = ("mediation", "delegation", "substitution", "solo")
SYMBOLS = ("solo", "overrode engaged", "accepted engaged", "overrode", "accepted", "delegated", "handed_over")
PRIOR = (
    (0.5, 6.0, 12.0, 1.0, 2.0, 0.5, 0.0),
    (0.5, 0.5, 1.0, 0.5, 6.0, 12.0, 0.0),
    (0.1, 0.1, 0.2, 0.1, 4.0, 1.0, 16.0),
    (16.0, 3.0, 0.5, 2.0, 0.2, 0.1, 0.0),
)
"""Pseudo-counts per state and symbol; a hand-over (0 elsewhere) makes substitution certain."""
STAY = 8.0
"""Pseudo-count of staying, over 1 for each other state."""
LEAST = 8
TURNS = 100
CLOSE = 1e-5


class Modelled(msgspec.Struct, frozen=True, kw_only=True):
    """The model of a group: `paths` are the likeliest states per round, `shares` the posterior ones, by participant."""

    transitions: tuple[tuple[float, ...], ...]
    emissions: tuple[tuple[float, ...], ...]
    start: tuple[float, ...]
    dwell: tuple[float, ...]
    """Expected rounds in a row per state, 1 / (1 - staying)."""
    shares: dict[str, dict[str, float]]
    paths: dict[str, tuple[str, ...]]
    moves: dict[str, tuple[tuple[float, ...], ...]]
    """Expected numbers of transitions between states, by participant."""
    loglik: float
    rounds: int
    left_out: int
    """Participants with fewer than 8 rounds."""


def symbol_of(one: Coded) -> int:
    """Return a round's symbol, -1 where nobody decided or the AI did so by design."""
    if one.code == "mediated":
        return SYMBOLS.index("accepted engaged" if one.round.followed else "overrode engaged")
    return SYMBOLS.index(one.code) if one.code in SYMBOLS else -1


def series_of(rounds: Sequence[Round], rule: Rule | None = None) -> tuple[dict[str, list[int]], int]:
    """Return participant -> the symbols of their rounds in order, and how many have too few of them."""
    series: dict[str, list[int]] = {}
    left_out = 0
    for theirs in people_of(rounds):
        symbols = [at for one in coded(theirs, rule) if (at := symbol_of(one)) >= 0]
        if len(symbols) >= LEAST:
            series[theirs[0].participant] = symbols
        else:
            left_out += 1
    return series, left_out


def modelled(rounds: Sequence[Round], rule: Rule | None = None) -> Modelled | str:
    """Fit the model to the rounds of a group, one condition at a time; returns the reason where there are too few rounds."""
    series, left_out = series_of(rounds, rule)
    if not series:
        return f"no participant has {LEAST} decided rounds with an AI"
    symbols_of = padded(list(series.values()), len(SYMBOLS))
    chains, loglik = anchored(symbols_of, np.ones((1, len(series))))
    start, moves, emits = (part[0] for part in chains)
    one = passed(symbols_of, chains)
    jumps: Any = one.forward[0, :-1].transpose(1, 2, 0) @ _known(one.coming[0], symbols_of).transpose(1, 0, 2) * moves
    paths = {who: tuple(STATES[at] for at in _viterbi(symbols, start, moves, emits)) for who, symbols in series.items()}
    shares: dict[str, dict[str, float]] = {}
    for at, (who, symbols) in enumerate(series.items()):
        posterior: Any = one.posterior[0, : len(symbols), at].mean(axis=0)
        shares[who] = dict(zip(STATES, (float(value) for value in posterior), strict=True))
    return Modelled(
        transitions=_rows(moves), emissions=_rows(emits), start=tuple(float(p) for p in start),
        dwell=tuple(1 / max(1e-9, 1 - float(moves[k, k])) for k in range(len(STATES))), shares=shares, paths=paths,
        moves={who: _rows(jumps[at]) for at, who in enumerate(series)},
        loglik=float(loglik[0]), rounds=sum(map(len, series.values())), left_out=left_out,
    )  # fmt: skip


def _known(coming: Floats, symbols: Places) -> Floats:
    """Return what comes next (T - 1, N, K), 0 after a person's last round."""
    made: Floats = coming * (symbols.T[1:] < len(SYMBOLS))[:, :, None]
    return made


def _rows(matrix: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in matrix)


def anchored(symbols: Places, weights: Floats) -> tuple[Chains, Floats]:
    """Fit the named states to the symbols (N, T), once for each row of `weights` (F, N); return fits and log-likelihoods (F)."""
    k, fits = len(STATES), len(weights)
    prior = Chains(*(np.repeat(part[None], fits, axis=0) for part in (
        np.ones(k), np.ones((k, k)) + (STAY - 1) * np.eye(k), np.array(PRIOR),
    )))  # fmt: skip
    begin = Chains(*(part / part.sum(axis=-1, keepdims=True) for part in prior))
    return learned(symbols, begin, prior=prior, turns=TURNS, close=CLOSE, weights=weights)


def _viterbi(symbols: Sequence[int], start: Floats, moves: Floats, emits: Floats) -> list[int]:
    with np.errstate(divide="ignore"):
        log_start, log_moves, log_emits = np.log(start), np.log(moves), np.log(emits)
    best: Any = log_start + log_emits[:, symbols[0]]
    back: list[Any] = []
    for symbol in symbols[1:]:
        ways: Any = best[:, None] + log_moves
        back.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + log_emits[:, symbol]
    path = [int(best.argmax())]
    for pointer in reversed(back):
        path.append(int(pointer[path[-1]]))
    return path[::-1]
