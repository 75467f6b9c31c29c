"""The tables of an export as one Excel workbook, for who opens data by a double click. XlsxWriter is an extra."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.report.columns import Column, Kind, Sheet

ROWS, TEXT = 1_048_576, 32_767
"""What a sheet and a cell of Excel can hold: rows, letters."""
WIDTH = 28
ABOUT = ("table", "column", "type", "unit", "meaning")
MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""Moment that the file says it was made at: equal tables give equal bytes."""


def available() -> bool:
    """Tell whether XlsxWriter is installed."""
    return importlib.util.find_spec("xlsxwriter") is not None


def write(path: Path, tables: Sequence[tuple[Path, Sheet]]) -> int:
    """Write CSV tables as sheets of a workbook, with their columns on the first; return how many cells were too long and cut.

    A table with more rows than a sheet can hold goes on in the next, called `NAME 2`. Rows stream, text stays text.
    """
    excel: Any = importlib.import_module("xlsxwriter")
    with excel.Workbook(str(path), {"constant_memory": True}) as book:
        book.set_properties({"created": MADE})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        _columns(book, bold, [sheet for _, sheet in tables])
        return sum(_table(book, bold, source, sheet) for source, sheet in tables)


def _columns(book: Any, bold: Any, sheets: Sequence[Sheet]) -> None:
    page = book.add_worksheet("columns")
    page.set_column(0, 1, WIDTH)
    page.set_column(4, 4, 4 * WIDTH)
    page.freeze_panes(1, 0)
    page.write_row(0, 0, ABOUT, bold)
    lines = ((sheet.name, one.name, one.kind, one.unit, one.about) for sheet in sheets for one in sheet.columns)
    for at, line in enumerate(lines, 1):
        for place, text in enumerate(line):
            page.write_string(at, place, text)


def _table(book: Any, bold: Any, source: Path, sheet: Sheet) -> int:
    cut = 0
    with source.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        names = next(reader)
        page, at, part = None, 0, 0
        for row in reader:
            if page is None or at == ROWS:
                part += 1
                page, at = _page(book, bold, sheet.name if part == 1 else f"{sheet.name} {part}", names), 1
            for place, (text, column) in enumerate(zip(row, sheet.columns, strict=True)):
                cut += len(text) > TEXT
                _cell(page, at, place, text[:TEXT], column)
            at += 1
        if page is None:
            _page(book, bold, sheet.name, names)
    return cut


def _page(book: Any, bold: Any, name: str, names: Sequence[str]) -> Any:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    page.set_column(0, len(names) - 1, WIDTH / 2)
    page.write_row(0, 0, names, bold)
    return page


def _cell(page: Any, row: int, place: int, text: str, column: Column) -> None:
    kind: Kind = column.kind
    if not text:
        return
    if kind == "boolean":
        page.write_boolean(row, place, text == "true")
    elif kind in ("integer", "number") and math.isfinite(float(text)):
        page.write_number(row, place, float(text))
    else:
        page.write_string(row, place, text)
