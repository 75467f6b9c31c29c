"""The data of a report as one table, with the published column names, so that its scripts run on it and on an export alike."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Generator, Iterable, Sequence
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
KNOWN_NAME = "known.csv.gz"
KNOWN = (
    "subject_id", "round_index", "condition_id", "protocol", "scored", "source", "ai_shown", "delegated", "handed_over",
    "arrangement", "decided_by", "initial_rt_ms", "rt_ms", "since_ai_ms", "final_label", "followed_ai", "guide_opens", "zooms",
    "choices_different",
)  # fmt: skip
"""Columns of `known.csv.gz`; `choices_different`: how many different answers were chosen before Confirm."""


def write(path: Path, rounds: Iterable[Round]) -> None:
    """Write rounds as a compressed CSV; equal rounds give equal bytes."""
    _write(path, rounds, [name for name in COLUMNS if name not in HIDDEN])


def write_known(path: Path, rounds: Iterable[Round]) -> None:
    """Write of rounds of known groups what modes are told by, and no more; equal rounds give equal bytes."""
    _write(path, rounds, KNOWN)


def _write(path: Path, rounds: Iterable[Round], columns: Sequence[str]) -> None:
    rules = Rules(release=True)
    with packed(path) as writer:
        writer.writerow(columns)
        for each in rounds:
            row = flat_round(each, rules) | {"choices_different": len(set(each.choices))}
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
