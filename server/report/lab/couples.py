"""Two methods at a time: on how many items they show different things, and how many people would tell them apart."""

from __future__ import annotations

import math
from itertools import combinations

import msgspec
import numpy as np

from game.pairing import MethodPair, Pairings
from server.report.lab.likeness import BASIS
from server.report.lab.results import Case, Results
from server.report.lab.sizes import diluted, people_needed
from server.report.lab.spread import Floats, Spread, spreads


class Couple(msgspec.Struct, frozen=True, kw_only=True):
    """Two methods on one model; controls are left out."""

    task: str
    model: str
    first: str
    second: str
    differ: Spread
    """Share of specimens whose most highlighted part differs."""
    likeness: Spread
    """Mean rank correlation of their maps."""
    apart: dict[str, float]
    """Metric -> absolute difference of the means, in pooled standard deviations over specimens."""
    sane: bool
    people: int
    """Per condition, if only items that differ can change accuracy; 0 where they never differ or too many are needed."""
    people_selected: int
    """The same, if only items that differ are played."""


def couples(results: Results, case: Case) -> list[Couple]:
    """Return all pairs of methods of a model, those that differ most first."""
    ours = [at for at, name in enumerate(case.methods) if name not in results.controls]
    pairs = list(combinations(ours, 2))
    if not pairs:
        return []
    parts = _highlighted(results, case)
    kept = case.pairs.get(BASIS, {})
    none = np.full(len(case.task.specimens), np.nan)
    differ = spreads(np.array([_differ(parts, case.methods[a], case.methods[b]) for a, b in pairs]))
    alike = spreads(np.array([kept.get(pair, none) for pair in pairs]))
    sane = {s.method: s.sane for s in results.items.sanity if (s.task, s.model) == case.key}
    moments = _moments(results, case)
    found = [
        _couple(case, pair, differ[i], alike[i], _apart(moments, *pair), all(sane.get(case.methods[at]) for at in pair))
        for i, pair in enumerate(pairs)
    ]
    return sorted(found, key=lambda c: (-c.differ.mean if c.differ.n else 1.0, c.likeness.mean, c.first, c.second))


def _couple(
    case: Case, pair: tuple[int, int], differ: Spread, likeness: Spread, apart: dict[str, float], sane: bool
) -> Couple:
    a, b = pair
    task, model = case.key
    return Couple(
        task=task, model=model, first=case.methods[a], second=case.methods[b], differ=differ, likeness=likeness,
        apart=apart, sane=sane, people=people_needed(diluted(differ.mean)),
        people_selected=people_needed(diluted(1.0)) if differ.n and differ.mean > 0 else 0,
    )  # fmt: skip


def _highlighted(results: Results, case: Case) -> dict[str, list[str | None]]:
    """Return method -> the part that its map highlights on each specimen, None where not known."""
    spots = {name: at for at, name in enumerate(case.task.specimens)}
    made: dict[str, list[str | None]] = {name: [None] * len(spots) for name in case.methods}
    for item in results.items.items:
        if (item.task, item.model) == case.key and item.specimen in spots:
            for method, part in item.highlighted.items():
                if method in made:
                    made[method][spots[item.specimen]] = part
    return made


def _differ(parts: dict[str, list[str | None]], first: str, second: str) -> Floats:
    return np.array(
        [
            math.nan if a is None or b is None else float(a != b)
            for a, b in zip(parts[first], parts[second], strict=True)
        ]
    )


def _moments(results: Results, case: Case) -> dict[str, list[tuple[int, float, float]]]:
    """Return metric -> for each method: values, their mean and variance."""
    made: dict[str, list[tuple[int, float, float]]] = {}
    for info in results.lab.metrics:
        if info.better and info.name in case.scores:
            known = [row[~np.isnan(row)] for row in case.scores[info.name].values]
            made[info.name] = [
                (len(v), float(v.mean()), float(v.var(ddof=1))) if len(v) > 1 else (len(v), math.nan, math.nan)
                for v in known
            ]
    return made


def _apart(moments: dict[str, list[tuple[int, float, float]]], a: int, b: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, rows in moments.items():
        (n, mean, spread), (m, other, width) = rows[a], rows[b]
        pooled, gap = math.sqrt((spread + width) / 2) if min(n, m) > 1 else math.nan, abs(mean - other)
        if pooled > 0:
            found[name] = round(gap / pooled, 4)
        elif pooled == 0 and gap == 0:
            found[name] = 0.0
    return found


def pairings(rows: tuple[Couple, ...]) -> Pairings:
    """Return what studies read of the couples."""
    return Pairings(
        pairs=tuple(
            MethodPair(
                task=c.task, model=c.model, first=c.first, second=c.second, items=c.differ.n,
                differ=round(c.differ.mean, 4) if c.differ.n else None, apart=c.apart, sane=c.sane,
            )
            for c in rows
        )
    )  # fmt: skip
