"""Order: where people met both conditions, what those they met first say alone, and whether the effect hangs on the order.

Explanations teach, so what was met first carries over. The first block is free of that; the difference of the effect between the
two orders is carry-over, practice and tiring together, which no such design can tell apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np
from msgspec.structs import replace

from game.round import Round
from server.report.inference.clustered import CLUSTERED, cluster_robust, told
from server.report.inference.comparison import compare
from server.report.inference.effect import Effect
from server.report.inference.libraries import library
from server.report.inference.spread import no_spread, scale_of

RUN = 4
"""Rounds in a row of the condition met first, below which (median over people) it is no block."""


def first_only(rounds: Sequence[Round], outcome: str, contrast: str, reference: str, *, level: float = 0.95) -> Effect:
    """Return the effect in the rounds that each person had before they met the other condition: between participants, then."""
    kept, runs = _first(rounds, contrast, reference)
    side = compare(kept, outcome, contrast, reference)
    if why := _no_block(runs):
        side = replace(side, undefined_because=why)
    made = cluster_robust(side, level=level)
    method = f"rounds before the other condition was met: {made.method}" if made.method else ""
    return replace(made, name=made.name.replace("(cluster_robust)", "(first_only)"), method=method)


def by_order(rounds: Sequence[Round], outcome: str, contrast: str, reference: str, *, level: float = 0.95) -> Effect:
    """Return the effect among people who met the contrast first minus that among those who met the reference first.

    A linear model with condition, order and their product; two-way clustered errors. Shares and numbers only.
    """
    side = compare(rounds, outcome, contrast, reference)
    scale = scale_of(side)
    why = no_spread(side) or (
        "" if side.outcome.kind in ("share", "number") else "orders are compared for shares and numbers"
    )
    why = why or _no_block(_first(rounds, contrast, reference)[1])
    lead = _led(rounds, contrast, reference)
    order = np.array([lead.get(each.participant, 0.0) for each in side.rounds])
    for name, sign in ((contrast, 0.5), (reference, -0.5)):
        here: list[int] = (order == sign).nonzero()[0].tolist()
        if not why and (len({side.rounds[at].participant for at in here}) < 2 or len(set(side.x[here].tolist())) < 2):
            why = f"fewer than two people met {name} first and then the other"
    if why:
        return side.undefined("by_order", scale, why)
    met = order != 0
    both = replace(
        side, y=side.y[met], x=side.x[met], person=np.unique(side.person[met], return_inverse=True)[1],
        item=np.unique(side.item[met], return_inverse=True)[1], right=side.right[met], place=side.place[met],
        rounds=tuple(each for each, kept in zip(side.rounds, met.tolist(), strict=True) if kept),
    )  # fmt: skip
    o = order[met]
    columns = np.column_stack([np.ones_like(o), both.x, o, both.x * o])
    model = library("statsmodels.api").OLS(both.y, columns)
    return told(both, model, 3, scale, level, f"condition by order (linear model), {CLUSTERED}", "by_order")


def _by_person(rounds: Sequence[Round], names: Sequence[str]) -> dict[str, list[Round]]:
    found: dict[str, list[Round]] = {}
    for each in sorted((e for e in rounds if e.scored and e.condition in names), key=lambda e: e.round):
        found.setdefault(each.participant, []).append(each)
    return found


def _first(rounds: Sequence[Round], contrast: str, reference: str) -> tuple[list[Round], list[int]]:
    """Return the rounds before the other condition, and how many there are for each person who met both."""
    kept: list[Round] = []
    runs: list[int] = []
    for theirs in _by_person(rounds, (contrast, reference)).values():
        n = next((at for at, each in enumerate(theirs) if each.condition != theirs[0].condition), len(theirs))
        kept += theirs[:n]
        runs += [n] if n < len(theirs) else []
    return kept, runs


def _led(rounds: Sequence[Round], contrast: str, reference: str) -> dict[str, float]:
    """Return participant -> 1/2 where they met the contrast first, -1/2 the reference; only those who met both."""
    people = _by_person(rounds, (contrast, reference))
    return {
        who: 0.5 if theirs[0].condition == contrast else -0.5
        for who, theirs in people.items()
        if len({each.condition for each in theirs}) > 1
    }


def _no_block(runs: Sequence[int]) -> str:
    if not runs:
        return "nobody met both conditions, so there is no order"
    if median(runs) < RUN:
        return f"conditions change after {median(runs):g} rounds (median), so there is no first block"
    return ""
