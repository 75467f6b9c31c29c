"""Scripts beside a report that compute its numbers again from its data: Python, R, and the Python one as a notebook."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from server.report.page.story import Story

HERE = Path(__file__).parent


def write(folder: Path, story: Story) -> None:
    """Write analysis.py, analysis.R and report.ipynb into `folder`."""
    folder.mkdir()
    code = python(story)
    (folder / "analysis.py").write_text(code, "utf-8", newline="")
    (folder / "analysis.R").write_text(_read("analysis.R.txt"), "utf-8", newline="")
    (folder / "report.ipynb").write_text(notebook(code, story.study), "utf-8", newline="")


def python(story: Story) -> str:
    """Return analysis.py with the seed and draws of this report."""
    draws = story.bootstrap
    told: dict[str, object] = {"SEED": draws.seed, "DRAWS": draws.resamples, "CONFIDENCE": draws.confidence}
    told["FIGURES"] = _read("analysis.figures.txt")
    return re.sub(r"\{(SEED|DRAWS|CONFIDENCE|FIGURES)\}", lambda found: str(told[found[1]]), _read("analysis.py.txt"))


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
        _cell(
            "code",
            'folder = Path.cwd() if (Path.cwd() / "data").is_dir() else Path.cwd().parent\ntable ='
            ' load(folder)\ntable.groupby(KEYS).subject_id.agg(["nunique", "size"])',
        ),
        _cell("markdown", "Measures by condition: mean and SD over people, 95 % interval, pooled ratio (table T2)."),
        _cell("code", "found = numbers(table)\nfound"),
        _cell("markdown", "The reliance matrix (figure F03)."),
        _cell("code", "matrix(table)"),
        _cell("markdown", "Every other figure and table that the rounds tell, by its file's name."),
        _cell(
            "code", "made = tables(table)\nfor file, each in made.items():\n    print(file)\n    print(each.head(12))"
        ),
        _cell("markdown", "Brier scores and expected calibration errors (under figure F09)."),
        _cell("code", "scores(table)"),
        _cell("markdown", "Everything once more, compared with what the report says: 0 means that nothing differs."),
        _cell("code", "main([str(folder)])"),
    ]
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
