"""What the lab's figures share: which methods stand out, in which colour and mark, and how axes are dressed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from server.report import ink
from server.report.lab.numbers import Cell, judges
from server.report.lab.results import Case, Results

TOLD = 6
"""So many methods are drawn in colour; the others are thin lines in grey."""
REFERENCES = {"random": ":", "ground_truth": "--"}
"""Controls that are always drawn, with their dashes."""


class Pen(msgspec.Struct, frozen=True):
    """How one method is drawn."""

    colour: str
    mark: str = ""
    dashes: str = "-"
    width: float = 0.8
    told: bool = False
    """It stands in the legend."""


def places(results: Results, case: Case, cells: Iterable[Cell]) -> dict[str, float]:
    """Return method -> its mean place over the metrics that judge, best first; controls and methods without a place left out."""
    judging = {m.name for m in results.lab.metrics if judges(m)}
    found: dict[str, list[float]] = {}
    for cell in cells:
        if (cell.task, cell.model) == case.key and cell.metric in judging and not math.isnan(cell.rank):
            found.setdefault(cell.method, []).append(cell.rank)
    means = {name: sum(ranks) / len(ranks) for name, ranks in found.items()}
    return dict(sorted(means.items(), key=lambda item: (item[1], item[0])))


def pens(results: Results, case: Case, standing: Mapping[str, float]) -> dict[str, Pen]:
    """Return method -> pen: the best TOLD - 1 and the worst in colour, two controls in ink, all others grey."""
    ordered = list(standing)
    told = ordered if len(ordered) <= TOLD else [*ordered[: TOLD - 1], ordered[-1]]
    made: dict[str, Pen] = {}
    for name in case.methods:
        if name in told:
            colour, mark = ink.series(told.index(name) + 1)
            made[name] = Pen(colour, mark, "-", 1.8, told=True)
        elif name in REFERENCES and name in results.controls:
            made[name] = Pen(ink.INK, "", REFERENCES[name], 1.4, told=True)
        elif name not in results.controls:
            made[name] = Pen(ink.EDGE)
    return made


def legend(figure: Any, handles: Mapping[str, Any], columns: int) -> None:
    """Put one legend under the whole figure."""
    if handles:
        figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=columns)


def plain(name: str) -> str:
    """Return a name as it is read.

    >>> plain("ground_truth")
    'ground truth'
    """
    return name.replace("_", " ")


def number(value: float, digits: int = 2) -> str:
    """Return a number as it is read, "undefined" for NaN."""
    return "undefined" if math.isnan(value) else f"{value:.{digits}f}"


def count(n: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "task"), count(3, "task")
    ('1 task', '3 tasks')
    """
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def slug(*parts: str) -> str:
    """Return a name for files and anchors.

    >>> slug("agreement", "moths", "net v2")
    'agreement-moths-net-v2'
    """
    return "-".join("".join(c if c.isalnum() or c == "_" else "-" for c in part) for part in parts)
