"""CSV lines as they are written: UTF-8 in NFC, LF, no mark at the start, counted and hashed while they pass."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from server.report.columns import Sheet


class Until(msgspec.Struct, frozen=True):
    """How far a table was written: its rows, its bytes and their digest."""

    rows: int
    bytes: int
    sha256: str


class Lines:
    """One CSV file of a sheet, written line by line in bounded memory. `begun`: the file is there already, at least so far."""

    def __init__(self, path: Path, sheet: Sheet, begun: Until | None = None) -> None:
        self.path, self.sheet, self.count, self.bytes = path, sheet, 0, 0
        self._names = [column.name for column in sheet.columns]
        self._known = frozenset(self._names)
        self._hash = hashlib.sha256()
        self._text = io.StringIO(newline="")
        self._csv = csv.writer(self._text, lineterminator="\n")
        if begun is not None and begun.rows:
            self._file = path.open("r+b")
            self._go_on(begun)
        else:
            self._file = path.open("wb")
            self._put(self._names)

    def write(self, row: Mapping[str, Any]) -> None:
        """Write one row; columns that it lacks stay empty. Raises KeyError for a column that the sheet has not."""
        if unknown := row.keys() - self._known:
            raise KeyError(f"{self.sheet.name} has no column {', '.join(sorted(unknown))}")
        self._put([cell(row.get(name)) for name in self._names])
        self.count += 1

    def close(self) -> None:
        """Flush and close the file."""
        self._file.close()

    @property
    def sha256(self) -> str:
        """Digest of what was written so far."""
        return self._hash.hexdigest()

    def settle(self) -> Until:
        """Make durable what was written so far, and say how far that is."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return Until(self.count, self.bytes, self.sha256)

    def _go_on(self, begun: Until) -> None:
        """Stand behind what was written, and drop what came after it; raises ValueError where it is no more what it was."""
        self.count, self.bytes = begun.rows, begun.bytes
        left = begun.bytes
        while left and (data := self._file.read(min(left, 1 << 20))):
            self._hash.update(data)
            left -= len(data)
        if left or self.sha256 != begun.sha256:
            self._file.close()
            raise ValueError(f"{self.path.name} was changed")
        self._file.truncate(begun.bytes)
        self._file.seek(begun.bytes)

    def _put(self, cells: list[str]) -> None:
        self._csv.writerow(cells)
        data = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        self._hash.update(data)
        self._file.write(data)
        self.bytes += len(data)


def cell(value: Any) -> str:
    r"""Return the text of one cell: "" for None, true or false, numbers with a point, text in NFC with LF.

    >>> cell(None), cell(True), cell(0.5), cell("e\u0301") == "\u00e9"
    ('', 'true', '0.5', True)
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "" if value != value else repr(value)  # noqa: PLR0124 - NaN is the number that is not itself
    text = unicodedata.normalize("NFC", str(value)).replace("\x00", "")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def instant(microseconds: int) -> str:
    """Return a moment in ISO 8601, UTC, with milliseconds.

    >>> instant(1_700_000_000_123_456)
    '2023-11-14T22:13:20.123Z'
    """
    moment = datetime.fromtimestamp(microseconds // 1000 / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
