"""The team against its better member: the gap with an interval, for which participants are drawn anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from game.measures.team import Side, side_by_side
from game.round import Round
from server.report.inference.libraries import library
from server.report.page.story import Arm, Story
from server.report.tables import Bootstrap

DRAWS = 500
"""Draws of participants behind the interval, at most."""
ENOUGH = 20
"""Draws with a specimen that was met both ways, below which there is no interval."""


def team_gap(story: Story, arm: Arm) -> tuple[Side | None, float, float]:
    """Return the sides and the interval of team minus better member, participants drawn anew; None where it is undefined."""
    alone = [each for other in story.arms if other.alone for each in other.rounds]
    side = side_by_side([*alone, *arm.rounds])
    if isinstance(side, str):
        return None, math.nan, math.nan
    low, high = _ends([*arm.rounds] if side.own else [*alone, *arm.rounds], story.bootstrap, own=side.own)
    return side, low, high


def why_none(arm: Arm, draws: Bootstrap) -> str:
    """Say why a gap has no interval."""
    if len(arm.people) < 2:
        return "rounds of one person"
    return "no draws" if not draws.resamples else f"fewer than {ENOUGH} draws of people have a specimen met both ways"


def _ends(rounds: Sequence[Round], bootstrap: Bootstrap, *, own: bool) -> tuple[float, float]:
    """Draw participants; every draw chooses the better member anew, with item means over that draw.

    `own`: the person alone is the first answers of the same rounds, which are then the only ones that count.
    """
    people = {name: at for at, name in enumerate(sorted({each.participant for each in rounds}))}
    items = {name: at for at, name in enumerate(sorted({each.specimen for each in rounds}))}
    if len(people) < 2:
        return math.nan, math.nan
    places: list[tuple[int, int, float]] = []
    for each in rounds:
        who, item = people[each.participant], items[each.specimen]
        for kind, value in _counts(each, own=own):
            places.append((who, kind * len(items) + item, value))
    if not places:
        return math.nan, math.nan
    who, at, values = zip(*places, strict=True)
    table: Any = library("scipy.sparse").csr_array((values, (who, at)), (len(people), 6 * len(items)))
    return _drawn(table, len(items), bootstrap)


def _counts(each: Round, *, own: bool) -> list[tuple[int, float]]:
    """Return (0 right alone, 1 met alone, 2 team right, 3 played, 4 AI right) with what a round adds to each."""
    if each.protocol == "alone":
        return [] if each.correct is None else [(0, float(each.correct)), (1, 1.0)]
    if each.correct is None or each.ai_correct is None or (own and each.own_correct is None):
        return []
    told = [(2, float(each.correct)), (3, 1.0), (4, float(each.ai_correct))]
    return [*told, (0, float(bool(each.own_correct))), (1, 1.0)] if own else told


def _drawn(table: Any, items: int, bootstrap: Bootstrap) -> tuple[float, float]:
    n: int = table.shape[0]
    rng = np.random.default_rng(bootstrap.seed)
    found: list[float] = []
    for _ in range(min(DRAWS, bootstrap.resamples)):
        weight = np.bincount(rng.integers(0, n, n), minlength=n).astype(float)
        alone, met, team, played, ai, _unused = np.asarray(table.T @ weight).reshape(6, items)
        both = (met > 0) & (played > 0)
        if both.any():
            parts = [
                float((over[both] / under[both]).mean()) for over, under in ((team, played), (ai, played), (alone, met))
            ]
            found.append(parts[0] - max(parts[1:]))
    if len(found) < ENOUGH:
        return math.nan, math.nan
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)
