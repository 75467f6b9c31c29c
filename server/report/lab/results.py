"""A results folder as arrays: methods by specimens for each task, model and metric; NaN with a reason where undefined."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from game.lab import CURVES, PAIRS, SCORES, Items, Lab, Metric, Model, Task, decode, decode_items
from server.report.lab.spread import Floats

Key = tuple[str, str]
"""Task and model."""
KINDS = {
    "method_seed": "method seed", "hyper_parameter": "hyper-parameter", "model_seed": "model seed", "checkpoint": "checkpoint",
}  # fmt: skip
"""Kind of variation in the tables -> source of variance."""


class Unreadable(ValueError):
    """A folder that is no results folder; says what is wrong and how to fix it."""


@dataclass
class Matrix:
    """One metric of one model: values (methods, specimens), reasons by place, what chance gets, and what was varied."""

    values: Floats
    chance: Floats
    asked: NDArray[np.bool_]
    """Whether a score was asked for, (methods, specimens): a metric that is costly judges some specimens only."""
    why: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    varied: dict[str, dict[tuple[int, int], list[float]]] = field(
        default_factory=lambda: defaultdict[str, dict[tuple[int, int], list[float]]](lambda: defaultdict(list))
    )

    def judged(self, method: int) -> bool:
        """Tell whether a method was scored at all."""
        return bool(self.asked[method].any())

    def reasons(self, method: int) -> list[str]:
        """Return one reason per specimen, "" where the value is defined."""
        return [self.why.get((method, at), "") for at in range(self.values.shape[1])]

    def groups(self, methods: Collection[int]) -> dict[str, list[list[float]]]:
        """Return source of variance -> groups of values of the same method and specimen, the map under test among them."""
        return {
            KINDS.get(kind, kind): [
                [*([] if math.isnan(base := float(self.values[at])) else [base]), *made]
                for at, made in cells.items()
                if at[0] in methods
            ]
            for kind, cells in self.varied.items()
        }


@dataclass(frozen=True)
class Curve:
    """Points of a mean curve of one method."""

    metric: str
    curve: str
    method: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    n: int


@dataclass(frozen=True)
class Case:
    """Everything that is known of one model of one task."""

    task: Task
    model: Model
    methods: tuple[str, ...]
    """Keys of the methods that were run on it, in the summary's order."""
    scores: dict[str, Matrix]
    pairs: dict[str, dict[tuple[int, int], Floats]]
    """Metric -> two methods (places, the first is smaller) -> value per specimen."""
    curves: tuple[Curve, ...]

    @property
    def key(self) -> Key:
        """Task and model."""
        return self.task.name, self.model.name

    @property
    def title(self) -> str:
        """Short name, e.g. "moths, net (small_cnn)"."""
        told = (self.model.architecture, self.model.kind if self.model.kind == "biased" else "")
        known = [word for word in told if word not in ("", self.model.name)]
        return f"{self.task.name}, {self.model.name}" + (f" ({', '.join(known)})" if known else "")


@dataclass(frozen=True)
class Results:
    """A results folder."""

    folder: Path
    lab: Lab
    items: Items
    cases: tuple[Case, ...]
    controls: frozenset[str]

    def metric(self, name: str) -> Metric:
        """Return what is known of a metric; raises StopIteration for one that the summary does not have."""
        return next(m for m in self.lab.metrics if m.name == name)

    def case(self, task: str, model: str) -> Case | None:
        """Return one model of one task."""
        return next((c for c in self.cases if c.key == (task, model)), None)


def read(folder: Path) -> Results:
    """Read a folder; raises Unreadable."""
    try:
        lab = decode((folder / "lab.json").read_bytes())
        items = decode_items((folder / "items.json").read_bytes())
        scores, pairs, curves = (
            list(_rows(folder, n, c)) for n, c in (("scores", SCORES), ("pairs", PAIRS), ("curves", CURVES))
        )
    except OSError as error:
        raise Unreadable(f"{error.filename}: {error.strerror}: is it a folder that coplay compare wrote?") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise Unreadable(f"{folder}: {error}") from error
    tasks = {task.name: task for task in lab.tasks}
    found: list[Case] = []
    of_scores, of_pairs, of_curves = _split(scores), _split(pairs), _split(curves)
    order = {m.key: at for at, m in enumerate(lab.methods)}
    for model in lab.models:
        key = (model.task, model.name)
        methods = tuple(sorted({row[2] for row in of_scores[key]}, key=lambda name: order.get(name, len(order))))
        task = tasks[model.task]
        places = {name: at for at, name in enumerate(methods)}
        spots = {name: at for at, name in enumerate(task.specimens)}
        made = _scores(of_scores[key], places, spots)
        found.append(
            Case(task, model, methods, made, _pairs(of_pairs[key], places, spots), _curves(of_curves[key], places))
        )
    controls = frozenset(m.key for m in lab.methods if m.control)
    return Results(folder, lab, items, tuple(found), controls)


def _rows(folder: Path, name: str, columns: Sequence[str]) -> Iterator[list[str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        head: list[str] = next(reader, list[str]())
        if head != list(columns):
            raise ValueError(f"{name}.csv has the columns {', '.join(head)}; expected {', '.join(columns)}")
        yield from reader


def _split(rows: Sequence[list[str]]) -> defaultdict[Key, list[list[str]]]:
    found: defaultdict[Key, list[list[str]]] = defaultdict(list)
    for row in rows:
        found[row[0], row[1]].append(row)
    return found


def _scores(rows: Sequence[list[str]], places: dict[str, int], spots: dict[str, int]) -> dict[str, Matrix]:
    shape = (len(places), len(spots))
    made: dict[str, Matrix] = {}
    for _, _, method, metric, specimen, _, variant, value, chance, because in rows:
        at = (places[method], spots[specimen])
        matrix = made.get(metric)
        if matrix is None:
            matrix = made[metric] = Matrix(np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape, np.bool_))
        if variant:
            if value:
                matrix.varied[variant.partition(":")[0]][at].append(float(value))
            continue
        matrix.asked[at] = True
        matrix.values[at] = float(value) if value else math.nan
        matrix.chance[at] = float(chance) if chance else math.nan
        if because:
            matrix.why[at] = because
    return made


def _pairs(
    rows: Sequence[list[str]], places: dict[str, int], spots: dict[str, int]
) -> dict[str, dict[tuple[int, int], Floats]]:
    made: dict[str, dict[tuple[int, int], Floats]] = {}
    for _, _, one, other, metric, specimen, value, _ in rows:
        if one not in places or other not in places:
            continue
        a, b = sorted((places[one], places[other]))
        kept = made.setdefault(metric, {})
        if (a, b) not in kept:
            kept[a, b] = np.full(len(spots), np.nan)
        kept[a, b][spots[specimen]] = float(value) if value else math.nan
    return made


def _curves(rows: Sequence[list[str]], places: dict[str, int]) -> tuple[Curve, ...]:
    points: defaultdict[tuple[str, str, str], list[tuple[float, float, int]]] = defaultdict(list)
    for _, _, method, metric, curve, x, y, n in rows:
        if y and method in places:
            points[metric, curve, method].append((float(x), float(y), int(n or 0)))
    return tuple(
        Curve(metric, curve, method, tuple(p[0] for p in found), tuple(p[1] for p in found), min(p[2] for p in found))
        for (metric, curve, method), listed in points.items()
        if (found := sorted(listed))
    )
