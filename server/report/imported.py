"""Imported data: what an importer makes of other people's folder, and how it reads their tables."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from game.round import Round


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """Rounds in the order of the source, and what was left out."""

    rounds: list[Round]
    excluded_participants: int = 0
    """Participants that the authors excluded and that are not in `rounds`."""
    excluded_rounds: int = 0
    notes: tuple[str, ...] = ()
    """What a reader must know: fields that are not known, orders that are not verified."""


UNRECORDED = ("guide_opens", "zooms", "flips", "away_ms")
"""Fields of a round that count from nought, and that other people's data hold only where a column says so."""
NOTHING_COUNTED = " ".join(UNRECORDED)

Importer = Callable[[Path, bool], Imported]
"""(folder, whether to keep participants that the authors excluded) -> rounds; registered with `game.registry.importer`."""


class BadData(ValueError):
    """A source file is not what its importer knows: `path`, `line` (0: the whole file) and `why`."""

    def __init__(self, path: Path, line: int, why: str) -> None:
        super().__init__(f"{path}{f', line {line}' if line else ''}: {why}")
        self.path, self.line, self.why = path, line, why


class Record(NamedTuple):
    """One line of a CSV table."""

    path: Path
    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:  # type: ignore[override] - asked by column, not by place
        """Return the text of a cell."""
        return self.cells[column]

    def wrong(self, why: str) -> BadData:
        """Return the error that names this line."""
        return BadData(self.path, self.line, why)

    def flag(self, column: str) -> bool:
        """Return a cell of "0" or "1"."""
        if self.cells[column] not in {"0", "1"}:
            raise self.wrong(f"{column} should be 0 or 1, not {self.cells[column]!r}")
        return self.cells[column] == "1"

    def number(self, column: str) -> float:
        """Return a cell as a finite number."""
        try:
            value = float(self.cells[column])
        except ValueError:
            value = float("nan")
        if not abs(value) < float("inf"):
            raise self.wrong(f"{column} should be a number, not {self.cells[column]!r}")
        return value

    def count(self, column: str) -> int:
        """Return a cell as a whole number from 1."""
        if not self.cells[column].isdecimal() or int(self.cells[column]) < 1:
            raise self.wrong(f"{column} should be a whole number from 1, not {self.cells[column]!r}")
        return int(self.cells[column])


def records(path: Path, columns: Collection[str]) -> Iterator[Record]:
    """Yield the lines of a CSV file that must have `columns`; raises BadData for anything else, OSError if there is no file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader, nothing = csv.reader(file, strict=True), list[str]()
        try:
            names = next(reader, nothing)
            if lacking := [name for name in columns if name not in names]:
                raise BadData(path, 1, f"the columns {', '.join(lacking)} are missing: is this the right file?")
            for cells in reader:
                if len(cells) != len(names):
                    why = f"{len(cells)} cells where the header has {len(names)}: truncated?"
                    raise BadData(path, reader.line_num, why)
                yield Record(path, reader.line_num, dict(zip(names, cells, strict=True)))
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadData(path, reader.line_num, f"not a CSV table in UTF-8: {error}") from error
