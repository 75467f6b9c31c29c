"""Scores by item and method under the names that published rounds have, so that they can be joined with what people did.

    trials.merge(item_methods, on=["pack_id", "stimulus_id", "model", "explanation_method"])

The columns are those of the export's table `trials`; `of_rounds` is the same as a mapping for rounds in memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from server.report.columns import NAMES, Column, Sheet
from server.report.lab.results import Case, Results, read

SPECIMEN, MODEL, METHOD = (NAMES.get(field, field) for field in ("specimen", "model", "method"))
Key = tuple[str, str, str]
"""Specimen, model and method, as a `game.round.Round` has them."""


def item_methods(results: Results) -> tuple[Sheet, Iterator[dict[str, Any]]]:
    """Return the table and its rows: one per specimen, model and method, one column per metric."""
    scored = [m for m in results.lab.metrics if any(m.name in case.scores for case in results.cases)]
    sheet = Sheet(
        "item_methods",
        "One row per specimen, model and method, to be joined with rounds.",
        (
            Column("pack_id", "string", "First 12 digits of the digest of the pack's manifest; empty without a pack."),
            Column(SPECIMEN, "string", "Id of the specimen in its pack.", required=True),
            Column(MODEL, "string", "The model that is explained.", required=True),
            Column(METHOD, "string", "How the explanation was computed.", required=True),
            Column("task", "string", "Task of the comparison."),
            Column(
                "item_disagreement", "number", "How far the methods disagree on the specimen, 0 to 1.", least=0, most=1
            ),
            Column(
                "item_flips",
                "number",
                "Share of pairs of methods whose most highlighted part differs.",
                least=0,
                most=1,
            ),
            Column("highlighted", "string", "The part that this map highlights most."),
            Column("sane", "boolean", "The method passes the sanity checks for the model."),
            *(Column(f"score_{m.name}", "number", m.about or m.name, m.unit) for m in scored),
        ),
        ("task", SPECIMEN, MODEL, METHOD),
    )
    return sheet, (row for case in results.cases for row in _rows(results, case))


def _rows(results: Results, case: Case) -> Iterator[dict[str, Any]]:
    items = {i.specimen: i for i in results.items.items if (i.task, i.model) == case.key}
    sane = {s.method: s.sane for s in results.items.sanity if (s.task, s.model) == case.key}
    for at, specimen in enumerate(case.task.specimens):
        item = items.get(specimen)
        for place, method in enumerate(case.methods):
            yield {
                "pack_id": case.task.pack[:12] or None, SPECIMEN: specimen, MODEL: case.model.name, METHOD: method,
                "task": case.task.name, "item_disagreement": item.disagreement if item else None,
                "item_flips": item.flips if item else None, "highlighted": item.highlighted.get(method) if item else None,
                "sane": sane.get(method),
                **{f"score_{name}": float(matrix.values[place, at]) for name, matrix in case.scores.items()},
            }  # fmt: skip


def of_rounds(folder: Path, pack: str = "") -> Mapping[Key, Mapping[str, float]]:
    """Return (specimen, model, method) -> metric -> score of a results folder, undefined ones left out; raises Unreadable.

    `pack` is the digest of the manifest that the rounds were played with; without it all tasks are read.
    """
    found: dict[Key, dict[str, float]] = {}
    results = read(folder)
    for case in results.cases:
        if pack and case.task.pack and case.task.pack != pack:
            continue
        for row in _rows(results, case):
            scores = {
                name.removeprefix("score_"): value
                for name, value in row.items()
                if name.startswith("score_") and not math.isnan(value)
            }
            for name in ("item_disagreement", "item_flips"):
                if row[name] is not None:
                    scores[name] = row[name]
            found[row[SPECIMEN], row[MODEL], row[METHOD]] = scores
    return found
