"""The summary in JSON: what a program wants of the report without reading its tables."""

from __future__ import annotations

import math
from typing import Any

from server.report.lab import bias, orders, told
from server.report.lab.numbers import Numbers
from server.report.lab.plots import places
from server.report.lab.results import Results

FORMAT = "coplay-lab-summary"


def summary(results: Results, made: Numbers) -> dict[str, Any]:
    """Return the summary; unknown numbers are null."""
    lab = results.lab
    return {
        "format": FORMAT,
        "version": 1,
        "created_by": lab.created_by,
        "preset": lab.preset,
        "images": lab.images,
        "seconds": dict(lab.seconds),
        "models": [_model(results, made, at) for at in range(len(results.cases))],
        "confounder": [_known(bias.line(r)) for r in made.exposures],
        "methods_paragraph": told.paragraph(results, made),
    }


def _model(results: Results, made: Numbers, at: int) -> dict[str, Any]:
    case = results.cases[at]
    rows = [r for r in made.agreed if (r.task, r.model) == case.key]
    couples = [c for c in made.couples if (c.task, c.model) == case.key]
    return {
        "task": case.task.name,
        "model": case.model.name,
        "architecture": case.model.architecture,
        "specimens": len(case.task.specimens),
        "mean_place": places(results, case, made.cells),
        "concordance": [_known(orders.line(r)) for r in rows],
        "sentence": next((orders.sentence(r) for r in rows if r.family == "all"), ""),
        "difference": told.difference(couples),
        "matched_pair": told.matched(results, couples),
        "sanity": told.sanity(results, case),
        "recommendations": told.in_words(couples[:10]),
    }


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}
