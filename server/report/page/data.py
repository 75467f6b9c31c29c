"""The data of a report as one table, with the published column names, so that its scripts run on it and on an export alike."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from game.round import Round
from server.report.columns import LISTS, NAMES
from server.report.visit_rows import Rules, flat_round

NAME = "trials.csv.gz"
HIDDEN = ("started_at", "reason_text")
"""No moment and no words of people's own."""
COLUMNS = (
    *(NAMES.get(name, name) for name in Round.__struct_fields__ if name not in LISTS),
    "changed",
    "mode",
    "ai_offered",
)


def write(path: Path, rounds: Iterable[Round]) -> None:
    """Write rounds as a compressed CSV; equal rounds give equal bytes."""
    columns = [name for name in COLUMNS if name not in HIDDEN]
    rules = Rules(release=True)
    with packed(path) as writer:
        writer.writerow(columns)
        for each in rounds:
            row = flat_round(each, rules)
            writer.writerow([_cell(row[name]) for name in columns])


@contextmanager
def packed(path: Path) -> Generator[Any]:
    """Open a compressed CSV to write rows into; equal rows give equal bytes."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as inside,
        io.TextIOWrapper(inside, "utf-8", newline="") as text,
    ):
        yield csv.writer(text, lineterminator="\n")


def _cell(value: Any) -> Any:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value
