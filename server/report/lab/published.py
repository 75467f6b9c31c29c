"""The tables that are published beside the page: typed, described, as CSV and (with pyarrow) as Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from server.report import parquet
from server.report.columns import Column, Kind, Sheet
from server.report.lab import bias, orders, variance
from server.report.lab.couples import Couple
from server.report.lab.joining import item_methods
from server.report.lab.numbers import Cell, Contested, Numbers
from server.report.lab.results import Results
from server.report.lines import Lines

TASK = Column("task", "string", "Task of the comparison.", required=True)
MODEL = Column("model", "string", "Model of the task.", required=True)
METHOD = Column("method", "string", "Method, by its key.", required=True)
METRIC = Column("metric", "string", "Metric, by its name.", required=True)
WHY = Column("undefined_because", "string", "Why there is no number.")


def _c(name: str, kind: Kind, about: str, unit: str = "") -> Column:
    return Column(name, kind, about, unit)


ENDS = (
    _c("low", "number", "Lower end of the 95 % bootstrap interval over images."),
    _c("high", "number", "Upper end of it."),
)
CELLS = Sheet(
    "cells",
    "One row per model, method and metric.",
    (
        TASK,
        MODEL,
        METHOD,
        METRIC,
        _c("family", "string", "Family of the metric."),
        _c("mean", "number", "Mean over images."),
        *ENDS,
        _c("sd", "number", "Standard deviation over images."),
        _c("images", "integer", "Images with a value.", "count"),
        _c("undefined", "integer", "Images without one.", "count"),
        _c("share_undefined", "number", "Share of images without one."),
        _c("chance", "number", "What a map that knows nothing gets: exactly, as stated, or as the random control got."),
        _c("place", "number", "Place among the methods that are no controls, 1 is best."),
        WHY,
    ),
    ("task", "model", "method", "metric"),
)
CONTRASTS = Sheet(
    "contrasts",
    "One row per model, metric and two methods: paired sign-flip test, Holm over all pairs of one model and metric.",
    (
        TASK,
        MODEL,
        METRIC,
        _c("first", "string", "One method."),
        _c("second", "string", "The other."),
        _c("difference", "number", "Mean of first minus second over images where both are defined."),
        *ENDS,
        _c("sd", "number", "Standard deviation of the differences."),
        _c("images", "integer", "Images where both are defined.", "count"),
        _c("p", "number", "Two-sided p."),
        _c("p_holm", "number", "Adjusted."),
        _c("images_needed", "integer", "Images at which this difference is found with 80 % power.", "count"),
        WHY,
    ),
    ("task", "model", "metric", "first", "second"),
)
ORDERS = Sheet(
    "concordance",
    "One row per model and family of metrics: Kendall's W of the order of methods.",
    (
        TASK,
        MODEL,
        _c("family", "string", "Family of metrics, or all."),
        _c("w", "number", "Kendall's W."),
        *ENDS,
        _c("p", "number", "Of no agreement, by chi-square."),
        _c("mean_spearman", "number", "Mean rank correlation of two metrics."),
        _c("metrics", "integer", "Metrics.", "count"),
        _c("methods", "integer", "Methods.", "count"),
        _c("left_out", "string", "Metrics and methods without enough values."),
        WHY,
    ),
    ("task", "model", "family"),
)
VARIANCE = Sheet(
    "variance",
    "One row per model, metric and source of variance.",
    (
        TASK,
        MODEL,
        METRIC,
        _c("source", "string", "Image, method, both, or what was varied."),
        _c("variance", "number", "Component."),
        _c("share", "number", "Of all sources that were varied."),
        _c("n", "integer", "Groups it comes from.", "count"),
        WHY,
    ),
    ("task", "model", "metric", "source"),
)
PAIRS = Sheet(
    "pairs",
    "One row per model and two methods.",
    (
        TASK,
        MODEL,
        _c("first", "string", "One method."),
        _c("second", "string", "The other."),
        _c("differ", "number", "Share of items whose most highlighted part differs."),
        *ENDS,
        _c("items", "integer", "Items where both parts are known.", "count"),
        _c("correlation", "number", "Mean rank correlation."),
        _c("both_sane", "boolean", "Both pass the sanity checks."),
        _c("people", "integer", "People per condition that would tell them apart (see the page).", "count"),
        _c("people_selected", "integer", "The same, if only items that differ are played.", "count"),
    ),
    ("task", "model", "first", "second"),
)
CONFOUNDER = Sheet(
    "confounder",
    "One row per biased model, method and metric.",
    (
        TASK,
        _c("biased", "string", "The biased model."),
        _c("fair", "string", "The model it is compared with."),
        METHOD,
        METRIC,
        _c("control", "boolean", "The method explains nothing of the model on purpose."),
        _c("with_bias", "number", "Mean for the biased model."),
        _c("without", "number", "Mean for the other."),
        _c("gain", "number", "Mean difference."),
        *ENDS,
        _c("images", "integer", "Images.", "count"),
        _c("p", "number", "Two-sided p."),
        _c("p_holm", "number", "Adjusted over methods."),
        _c("verdict", "string", "exposes, hides, undecided or undefined."),
    ),
    ("task", "biased", "metric", "method"),
)


def write(folder: Path, results: Results, made: Numbers) -> None:
    """Write every table into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder, CELLS, map(_cell, made.cells))
    _write(folder, CONTRASTS, (row for one in made.contests for row in _contrasts(one)))
    _write(folder, ORDERS, map(orders.line, made.agreed))
    _write(folder, VARIANCE, (row for one in made.sources for row in variance.lines(one)))
    _write(folder, PAIRS, map(_couple, made.couples))
    _write(folder, CONFOUNDER, map(bias.line, made.exposures))
    _write(folder, *item_methods(results))


def _write(folder: Path, sheet: Sheet, rows: Iterable[dict[str, Any]]) -> None:
    path = folder / f"{sheet.name}.csv"
    lines = Lines(path, sheet)
    try:
        for row in rows:
            lines.write(row)
    finally:
        lines.close()
    if parquet.available():
        parquet.mirror(path, path.with_suffix(".parquet"), sheet)


def _cell(cell: Cell) -> dict[str, Any]:
    s = cell.spread
    return {
        "task": cell.task,
        "model": cell.model,
        "method": cell.method,
        "metric": cell.metric,
        "family": cell.family,
        "mean": s.mean,
        "low": s.low,
        "high": s.high,
        "sd": s.sd,
        "images": s.n,
        "undefined": s.undefined,
        "share_undefined": s.share_undefined,
        "chance": cell.chance,
        "place": cell.rank,
        "undefined_because": s.why,
    }


def _contrasts(one: Contested) -> Iterator[dict[str, Any]]:
    for c in one.rows:
        yield {
            "task": one.task,
            "model": one.model,
            "metric": one.metric,
            "first": c.first,
            "second": c.second,
            "difference": c.difference,
            "low": c.low,
            "high": c.high,
            "sd": c.sd,
            "images": c.n,
            "p": c.p,
            "p_holm": c.p_holm,
            "images_needed": c.needed or None,
            "undefined_because": c.why_undefined,
        }


def _couple(c: Couple) -> dict[str, Any]:
    return {
        "task": c.task,
        "model": c.model,
        "first": c.first,
        "second": c.second,
        "differ": c.differ.mean,
        "low": c.differ.low,
        "high": c.differ.high,
        "items": c.differ.n,
        "correlation": c.likeness.mean,
        "both_sane": c.sane,
        "people": c.people or None,
        "people_selected": c.people_selected or None,
    }
