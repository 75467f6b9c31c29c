"""A report within an export: its page, figures and tables in `results/`, its scripts in `analysis/`, as Psych-DS has them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.report.source import Unreadable

KEY = ("study_id", "subject_id", "round_index", "stimulus_id", "final_label")
FORMAT = "coplay-report"


def attach(report: Path, folder: Path, rounds: Path) -> None:
    """Copy a report into the export `folder`, whose table of trials is `rounds`.

    Raises Unreadable where it is no report, or has a round that the export has not: it would tell of people who are left out here.
    """
    try:
        plan: dict[str, Any] = json.loads((report / "data" / "report.json").read_text("utf-8"))
        lines = list(_keys(_lines(report / "data" / "trials.csv.gz")))
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise Unreadable(f"--report {report}: not a folder that `coplay report` wrote: {error}") from error
    if plan.get("format") != FORMAT or not (report / "report.html").is_file() or not (report / "analysis").is_dir():
        raise Unreadable(f"--report {report}: not a folder that `coplay report` wrote")
    here = set(_keys(_lines(rounds)))
    if missing := sum(key not in here for key in lines):
        raise Unreadable(
            f"--report {report}: {missing} of its {len(lines)} rounds are not in this export: make it from the same source with "
            "the same choices (--study, --prefix, --release)"
        )
    for path in sorted(report.rglob("*")):
        if path.is_file() and not path.is_symlink():
            inside = path.relative_to(report)
            target = folder / inside if inside.parts[0] == "analysis" else folder / "results" / inside
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open("rb") as file:
        inside: Any = gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file
        with io.TextIOWrapper(inside, "utf-8", newline="") as text:
            yield from csv.DictReader(text)


def _keys(lines: Iterator[dict[str, str]]) -> Iterator[bytes]:
    """Yield what tells rounds apart, short."""
    for line in lines:
        yield hashlib.blake2b(repr([line[name] for name in KEY]).encode(), digest_size=16).digest()
