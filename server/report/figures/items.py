"""Specimens as rows: what people did with each of them, alone, with the AI, and with each explanation."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from game.measures.reliance import advised
from game.round import Round
from server.report.page.story import Story


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """What people did with one specimen in one set of rounds; shares are NaN where nothing was counted."""

    n: int
    accuracy: float
    followed: float
    seen: int
    """Rounds in which a suggestion was seen and answered."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One specimen under one model (and method, "" for any)."""

    specimen: str
    model: str
    method: str
    ai_correct: bool | None
    ai: str
    truth: str
    met: Met


def met(rounds: Iterable[Round]) -> Met:
    """Count what people did."""
    listed = list(rounds)
    right = [bool(each.correct) for each in listed if each.correct is not None]
    seen = [bool(each.followed) for each in advised(listed) if each.followed is not None]
    return Met(
        n=len(right),
        accuracy=sum(right) / len(right) if right else math.nan,
        followed=sum(seen) / len(seen) if seen else math.nan,
        seen=len(seen),
    )


def alone(story: Story) -> dict[str, Met]:
    """Return specimen -> what people did alone; by first answers where nobody decided alone."""
    found: defaultdict[str, list[Round]] = defaultdict(list)
    for arm in story.arms:
        for each in arm.rounds if arm.alone else ():
            found[each.specimen].append(each)
    if found:
        return {name: met(listed) for name, listed in sorted(found.items())}
    firsts: defaultdict[str, list[bool]] = defaultdict(list)
    for arm in story.arms:
        for each in arm.rounds:
            if each.own_correct is not None and each.protocol == "two_stage":
                firsts[each.specimen].append(each.own_correct)
    return {
        name: Met(n=len(v), accuracy=sum(v) / len(v), followed=math.nan, seen=0) for name, v in sorted(firsts.items())
    }


def with_ai(story: Story, *, by_method: bool) -> list[Item]:
    """Return specimen x model (x method) with what people did there, sorted by name."""
    found: defaultdict[tuple[str, str, str], list[Round]] = defaultdict(list)
    for arm in story.arms:
        for each in () if arm.alone else arm.rounds:
            method = each.method if each.explanation_shown or each.explanation_kind in ("map", "picture") else ""
            found[each.specimen, each.model, method if by_method else ""].append(each)
    made: list[Item] = []
    for (specimen, model, method), rounds in sorted(found.items()):
        first = rounds[0]
        made.append(
            Item(
                specimen=specimen,
                model=model,
                method=method,
                ai_correct=first.ai_correct,
                ai=first.ai or "",
                truth=first.truth,
                met=met(rounds),
            )
        )
    return made


def ranks(values: list[float]) -> list[float]:
    """Return ranks from 1, ties shared.

    >>> ranks([3.0, 1.0, 3.0])
    [2.5, 1.0, 2.5]
    """
    order = sorted(range(len(values)), key=lambda at: values[at])
    made = [0.0] * len(values)
    at = 0
    while at < len(order):
        end = at
        while end + 1 < len(order) and values[order[end + 1]] == values[order[at]]:
            end += 1
        for place in range(at, end + 1):
            made[order[place]] = (at + end) / 2 + 1
        at = end + 1
    return made


def spearman(x: list[float], y: list[float]) -> float:
    """Return the rank correlation; NaN below five pairs or without spread."""
    if len(x) < 5 or len(set(x)) < 2 or len(set(y)) < 2:
        return math.nan
    a, b = ranks(x), ranks(y)
    mean = (len(x) + 1) / 2
    over = math.fsum((p - mean) * (q - mean) for p, q in zip(a, b, strict=True))
    under = math.sqrt(math.fsum((p - mean) ** 2 for p in a) * math.fsum((q - mean) ** 2 for q in b))
    return over / under
