"""All numbers of a report, from a results folder: cells, contrasts, concordance, variance, likeness, pairs, confounders.

Rows are structs with the names that the published tables have. Nothing here draws or writes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np

from game.lab import Metric
from server.report.lab.components import Component, decompose
from server.report.lab.concord import Concord, concord
from server.report.lab.confounder import Exposure, exposures
from server.report.lab.contrast import Contrast, contrasts
from server.report.lab.couples import Couple, couples
from server.report.lab.likeness import Likeness, likenesses
from server.report.lab.results import Case, Results
from server.report.lab.spread import Spread, spreads

JUDGING = ("faithfulness", "robustness", "randomisation", "localisation", "axiomatic")
"""Families whose metrics say which method is better; complexity and variation describe."""


def judges(info: Metric) -> bool:
    """Tell whether a metric says which method is better. What lies on a confounder says more of the model than of the method."""
    return bool(info.better) and info.family in JUDGING and info.reads != "pair" and "confounder" not in info.needs


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of one method on one model."""

    task: str
    model: str
    method: str
    metric: str
    family: str
    spread: Spread
    chance: float = math.nan
    """What a map that knows nothing gets: exactly per specimen, else as stated, else as estimated by the random control."""
    rank: float = math.nan
    """Place among the methods that are no controls, 1 is best; NaN where neither direction is better."""


class Contested(msgspec.Struct, frozen=True, kw_only=True):
    """All pairwise contrasts of one metric on one model: one Holm family."""

    task: str
    model: str
    metric: str
    rows: tuple[Contrast, ...]


class Agreed(msgspec.Struct, frozen=True, kw_only=True):
    """Concordance of the metrics of one model, of all judging families together or of one."""

    task: str
    model: str
    family: str
    concord: Concord


class Sources(msgspec.Struct, frozen=True, kw_only=True):
    """Variance components of one metric on one model."""

    task: str
    model: str
    metric: str
    rows: tuple[Component, ...]


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Everything."""

    cells: tuple[Cell, ...]
    contests: tuple[Contested, ...]
    agreed: tuple[Agreed, ...]
    sources: tuple[Sources, ...]
    likeness: tuple[Likeness, ...]
    couples: tuple[Couple, ...]
    exposures: tuple[Exposure, ...]


def numbers(results: Results) -> Numbers:
    """Compute everything; equal folders give equal numbers."""
    made = [_of_case(results, case) for case in results.cases]
    return Numbers(
        cells=tuple(row for one in made for row in one[0]),
        contests=tuple(row for one in made for row in one[1]),
        agreed=tuple(row for one in made for row in one[2]),
        sources=tuple(row for one in made for row in one[3]),
        likeness=tuple(row for case in results.cases for row in likenesses(results, case)),
        couples=tuple(row for case in results.cases for row in couples(results, case)),
        exposures=tuple(exposures(results)),
    )


def _of_case(results: Results, case: Case) -> tuple[list[Cell], list[Contested], list[Agreed], list[Sources]]:
    cells: list[Cell] = []
    contests: list[Contested] = []
    sources: list[Sources] = []
    task, model = case.key
    ours = [at for at, name in enumerate(case.methods) if name not in results.controls]
    for info in _known(results, case):
        matrix = case.scores[info.name]
        cells += _cells(case, info, ours)
        some = [at for at in ours if matrix.judged(at)]
        names, values = tuple(case.methods[at] for at in some), matrix.values[some][:, matrix.asked[some].any(axis=0)]
        contests.append(Contested(task=task, model=model, metric=info.name, rows=tuple(contrasts(names, values))))
        sources.append(
            Sources(task=task, model=model, metric=info.name, rows=tuple(decompose(values, matrix.groups(ours))))
        )
    return cells, contests, list(_agreed(results, case, ours)), sources


def _known(results: Results, case: Case) -> list[Metric]:
    """Return the metrics of a case in the summary's order."""
    return [m for m in results.lab.metrics if m.name in case.scores]


def _cells(case: Case, info: Metric, ours: list[int]) -> Iterator[Cell]:
    matrix = case.scores[info.name]
    task, model = case.key
    judged = [at for at in range(len(case.methods)) if matrix.judged(at)]
    rows = spreads(matrix.values[judged], [matrix.reasons(at) for at in judged], matrix.asked[judged])
    found = dict(zip(judged, rows, strict=True))
    ranks = _ranks({at: found[at].mean for at in ours if at in found}, info.better)
    for at, row in found.items():
        chance = matrix.chance[at][~np.isnan(matrix.values[at])]
        stated = info.random if info.random is not None else info.estimated
        exact = float(chance.mean()) if len(chance) and not np.isnan(chance).any() else math.nan
        yield Cell(
            task=task, model=model, method=case.methods[at], metric=info.name, family=info.family, spread=row,
            chance=exact if not math.isnan(exact) else math.nan if stated is None else stated, rank=ranks.get(at, math.nan),
        )  # fmt: skip


def _ranks(means: dict[int, float], better: str) -> dict[int, float]:
    """Return places from 1, ties at their mean."""
    if not better:
        return {}
    sign = 1 if better == "lower" else -1
    values = [sign * v for v in means.values() if not math.isnan(v)]
    return {
        at: sum(v < sign * mean for v in values) + (sum(v == sign * mean for v in values) + 1) / 2
        for at, mean in means.items()
        if not math.isnan(mean)
    }


def _agreed(results: Results, case: Case, ours: list[int]) -> Iterator[Agreed]:
    task, model = case.key
    metrics = [m for m in _known(results, case) if judges(m)]
    for family in ("all", *dict.fromkeys(m.family for m in metrics)):
        some = [m for m in metrics if family in ("all", m.family)]
        if family != "all" and len(some) < 2:
            continue
        values = np.array([case.scores[m.name].values[ours] for m in some])
        shaped = values if some else np.zeros((0, len(ours), len(case.task.specimens)))
        made = concord(
            tuple(case.methods[at] for at in ours), tuple(m.name for m in some), shaped,
            [1 if m.better == "higher" else -1 for m in some],
        )  # fmt: skip
        yield Agreed(task=task, model=model, family=family, concord=made)
