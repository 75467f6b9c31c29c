"""Scripts beside a report that compute its numbers again from its data: Python, R, and the Python one as a notebook."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from server.report.page.story import Story

HERE = Path(__file__).parent
PYTHON = (
    "head", "shares", "rounds", "items", "people", "effects", "methods", "checks", "readings", "states", "known", "runs",
    "lens", "weights", "order", "planned", "measures", "headline", "compare", "main",
)  # fmt: skip
"""Parts of analysis.py in their order, each a file `analysis.NAME.txt`."""
R = (
    "head", "shares", "rounds", "items", "people", "effects", "checks", "readings", "measures", "runs", "lens", "weights", "order",
    "methods", "main",
)  # fmt: skip
"""Parts of analysis.R in their order, each a file `analysis.R.NAME.txt`."""


def write(folder: Path, story: Story) -> None:
    """Write analysis.py, analysis.R and report.ipynb into `folder`."""
    folder.mkdir()
    code = python()
    (folder / "analysis.py").write_text(code, "utf-8", newline="")
    (folder / "analysis.R").write_text(r(), "utf-8", newline="")
    (folder / "report.ipynb").write_text(notebook(code, story.study), "utf-8", newline="")


def python() -> str:
    """Return analysis.py; what is this report's own (seed, margins, comparisons) it reads from data/report.json."""
    return "".join(_read(f"analysis.{part}.txt") for part in PYTHON)


def r() -> str:
    """Return analysis.R, which reads the same."""
    return "\n".join(_read(f"analysis.R.{part}.txt") for part in R)


def notebook(code: str, study: str) -> str:
    """Return a notebook (nbformat 4.5): the script's definitions, then each table by itself."""
    definitions = code[: code.index('if __name__ == "__main__":')].rstrip()
    cells = [
        _cell(
            "markdown",
            f"# {study}: the numbers of the report, computed again\n\nRun all cells. The data are in `../data`, with"
            " the column names of `coplay export`.",
        ),
        _cell("code", definitions),
        _cell("code", 'data = read(HOME)\ndata.rounds.groupby(KEYS).subject_id.agg(["nunique", "size"])'),
        _cell("markdown", "Measures by condition: mean and SD over people, 95 % interval, pooled ratio (table T2)."),
        _cell("code", "found = numbers(data.rounds)\nfound"),
        _cell("markdown", "Effects of conditions (table T3, figure F08), then the same in other readings (T7)."),
        _cell("code", "effects(data.rounds)"),
        _cell("code", "checks(data)"),
        _cell("markdown", "What decisions respond to (figure F00), and three readings of who decides (T8)."),
        _cell("code", "lens(data)"),
        _cell("code", "readings(data)"),
        _cell("markdown", "Every figure and table, by its file's name."),
        _cell(
            "code", "made = tables(data)\nfor file, each in made.items():\n    print(file)\n    print(each.head(12))"
        ),
        _cell("markdown", "Brier scores and expected calibration errors (under figure F09)."),
        _cell("code", "calibrated(data.rounds)"),
        _cell(
            "markdown",
            "All of it compared with what the report says: how many numbers are equal, and how many there are.",
        ),
        _cell("code", "compared(HOME, made)"),
        _cell("markdown", "What is not computed here, with the reason."),
        _cell("code", "missing(HOME, exported=False)"),
    ]
    return _book(cells)


def _book(cells: list[dict[str, Any]]) -> str:
    """Return the JSON of a notebook of these cells."""
    for at, each in enumerate(cells):
        each["id"] = f"cell-{at}"
    about = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return (
        json.dumps(
            {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1
        )
        + "\n"
    )


def _cell(kind: str, text: str) -> dict[str, Any]:
    more: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True), **more}


@cache
def _read(name: str) -> str:
    return (HERE / name).read_text("utf-8")
