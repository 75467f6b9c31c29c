"""Hidden Markov model of modes (exploratory): a reading beside the round codes, made from the same rounds, no evidence of its own.

States mediation, delegation, substitution, solo; one symbol a round, none of which knows whether an explanation was looked at.
Dirichlet pseudo-counts on the emissions name the states, so nothing is discovered: it is the definitions, smoothed over time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.measures.modes import Coded, Rule, coded, people_of
from game.round import Round

Floats = NDArray[np.float64]
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


def modelled(rounds: Sequence[Round], rule: Rule | None = None) -> Modelled | str:
    """Fit the model to the rounds of a group, one condition at a time; returns the reason where there are too few rounds."""
    series: dict[str, list[int]] = {}
    left_out = 0
    for theirs in people_of(rounds):
        symbols = [at for one in coded(theirs, rule) if (at := symbol_of(one)) >= 0]
        if len(symbols) >= LEAST:
            series[theirs[0].participant] = symbols
        else:
            left_out += 1
    if not series:
        return f"no participant has {LEAST} decided rounds with an AI"
    start, moves, emits, loglik = _learned(list(series.values()))
    paths = {who: tuple(STATES[at] for at in _viterbi(symbols, start, moves, emits)) for who, symbols in series.items()}
    shares: dict[str, dict[str, float]] = {}
    pairs: dict[str, tuple[tuple[float, ...], ...]] = {}
    for who, symbols in series.items():
        states, jumps, _ = _forward_backward(symbols, start, moves, emits)
        posterior, pairs[who] = states.mean(axis=0), _rows(jumps)
        shares[who] = dict(zip(STATES, (float(value) for value in posterior), strict=True))
    return Modelled(
        transitions=_rows(moves), emissions=_rows(emits), start=tuple(float(p) for p in start),
        dwell=tuple(1 / max(1e-9, 1 - float(moves[k, k])) for k in range(len(STATES))), shares=shares, paths=paths, moves=pairs,
        loglik=loglik, rounds=sum(map(len, series.values())), left_out=left_out,
    )  # fmt: skip


def _rows(matrix: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in matrix)


def _learned(series: Sequence[Sequence[int]]) -> tuple[Floats, Floats, Floats, float]:
    """Return start, transitions, emissions (maximum a posteriori by Baum and Welch's algorithm) and the log-likelihood."""
    k = len(STATES)
    prior: Any = np.array(PRIOR)
    stay: Any = np.ones((k, k)) + (STAY - 1) * np.eye(k)
    start, moves, emits = (
        np.full(k, 1 / k),
        stay / stay.sum(axis=1, keepdims=True),
        prior / prior.sum(axis=1, keepdims=True),
    )
    before, loglik = -np.inf, 0.0
    for _ in range(TURNS):
        first, pairs, seen, loglik = np.ones(k), np.array(stay), np.array(prior), 0.0
        for symbols in series:
            posterior, jumps, found = _forward_backward(symbols, start, moves, emits)
            first += posterior[0]
            pairs += jumps
            np.add.at(seen.T, np.array(symbols), posterior)
            loglik += found
        start, moves, emits = (each / each.sum(axis=-1, keepdims=True) for each in (first, pairs, seen))
        if abs(loglik - before) < CLOSE * max(1.0, abs(loglik)):
            break
        before = loglik
    return start, moves, emits, loglik


def _forward_backward(
    symbols: Sequence[int], start: Floats, moves: Floats, emits: Floats
) -> tuple[Floats, Floats, float]:
    """Return the posterior (T, K), expected transitions (K, K) and the log-likelihood of one series."""
    seen: Any = emits[:, np.array(symbols)].T
    steps, k = seen.shape
    forward, scale = np.zeros((steps, k)), np.zeros(steps)
    for t in range(steps):
        here: Any = (start if t == 0 else forward[t - 1] @ moves) * seen[t]
        scale[t] = here.sum()
        forward[t] = here / scale[t]
    backward = np.ones((steps, k))
    for t in range(steps - 2, -1, -1):
        backward[t] = moves @ (seen[t + 1] * backward[t + 1]) / scale[t + 1]
    ahead: Any = seen[1:] * backward[1:] / scale[1:, None]
    return forward * backward, moves * (forward[:-1].T @ ahead), float(np.log(scale).sum())


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
