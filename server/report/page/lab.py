"""What the XAI lab found, as the report joins it: scores of maps per specimen and method beside what people did with them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from game import lab
from server.report.source import Unreadable

Cell = tuple[str, str, str]
"""(specimen, model, method)"""


class LabRead(msgspec.Struct, frozen=True):
    """A results folder of `coplay compare`, as far as a report of people joins it."""

    folder: Path
    summary: lab.Lab
    scores: Mapping[str, Mapping[Cell, float]]
    """Metric -> (specimen, model, method) -> value of the map under test, mean over the method's seeds."""
    pairs: Mapping[str, Mapping[tuple[str, str], tuple[float, int]]]
    """Metric of two maps -> (method, method) -> mean over specimens and models, and how many."""
    disagreement: Mapping[tuple[str, str], float]
    """(specimen, model) -> how far the methods disagree there."""


def read(folder: Path) -> LabRead:
    """Read a results folder; raises Unreadable naming the file and what is wrong with it."""
    try:
        summary = lab.decode((folder / "lab.json").read_bytes())
        items = lab.decode_items((folder / "items.json").read_bytes())
        scores = _scores(folder / "scores.csv")
        pairs = _pairs(folder / "pairs.csv")
    except FileNotFoundError as error:
        raise Unreadable(
            f"--lab {folder}: {error.filename} is missing: give the folder that `coplay compare` wrote"
        ) from error
    except (msgspec.MsgspecError, ValueError, KeyError, OSError) as error:
        raise Unreadable(f"--lab {folder}: {error}") from error
    told = {(each.specimen, each.model): each.disagreement for each in items.items if each.disagreement is not None}
    return LabRead(folder, summary, scores, pairs, told)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _scores(path: Path) -> dict[str, dict[Cell, float]]:
    found: defaultdict[str, defaultdict[Cell, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(path):
        if row["value"] and not row["variant"]:
            found[row["metric"]][row["specimen"], row["model"], row["method"]].append(float(row["value"]))
    return {metric: {cell: sum(v) / len(v) for cell, v in cells.items()} for metric, cells in sorted(found.items())}


def _pairs(path: Path) -> dict[str, dict[tuple[str, str], tuple[float, int]]]:
    found: defaultdict[str, defaultdict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(path):
        if row["value"]:
            found[row["metric"]][row["method_a"], row["method_b"]].append(float(row["value"]))
    return {m: {pair: (sum(v) / len(v), len(v)) for pair, v in cells.items()} for m, cells in sorted(found.items())}
