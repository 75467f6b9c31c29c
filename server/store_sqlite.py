"""The log in SQLite: the default. One file, write-ahead log, every commit on disk before it is acknowledged."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import astuple

from game.log import Conflict, Head, Row
from server.database import Elsewhere, at_once

SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
  stream TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, v INTEGER NOT NULL, at INTEGER NOT NULL,
  "by" TEXT NOT NULL, cmd TEXT NOT NULL, data TEXT, salt TEXT, body TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL,
  PRIMARY KEY (stream, seq)
) STRICT;
"""
"""Rows lie in the order they came, so a transaction writes few pages; command ids are looked up in the folded session."""
INSERT = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
READ = "SELECT * FROM log WHERE stream = ? AND seq > ? ORDER BY seq"
HEADS = """
SELECT l.stream, l.seq, l.hash, l.kind, l.at
FROM (SELECT DISTINCT stream AS name FROM log WHERE stream >= ? AND stream < ?) JOIN log AS l
ON l.stream = name AND l.seq = (SELECT MAX(seq) FROM log WHERE stream = name) ORDER BY l.stream
"""
LAST = "\U0010ffff"


class SqliteStore:
    """A `game.log.Store` and `server.database.Database` in one file."""

    cooperative = False

    def __init__(self, path: Path | str, *, read_only: bool = False) -> None:
        """Open or create the file; it is ready when this returns. `read_only` never writes, not even a schema."""
        self.path = Path(path)
        self._read_only = read_only
        self._writing, self._reading = threading.Lock(), threading.Lock()
        self._writer = self._connect()
        self._reader = self._connect()
        if not read_only:
            self._writer.executescript(SCHEMA)

    def _connect(self) -> sqlite3.Connection:
        where = f"{self.path.absolute().as_uri()}?mode={'ro' if self._read_only else 'rwc'}"
        made = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False, timeout=10)
        if not self._read_only:
            made.execute("PRAGMA journal_mode = WAL")
            made.execute("PRAGMA synchronous = FULL")
            made.execute("PRAGMA secure_delete = ON")
            made.execute("PRAGMA wal_autocheckpoint = 4000")
        return made

    def append(self, rows: Sequence[Row]) -> None:
        """Make rows of one stream durable, all or none; raises Conflict when (stream, seq) is taken."""
        outcome = self.append_all([rows])[0]
        if outcome is not None:
            raise outcome

    def append_all(self, batches: Sequence[Sequence[Row]], elsewhere: Elsewhere = at_once) -> list[Exception | None]:
        """Append many batches in one transaction; a conflict fails only its batch.

        Rows are inserted here, which is quick; only the flush to disk is called through `elsewhere`. In a thread each row
        would wait for the interpreter's lock.
        """
        with self._writing:
            try:
                self._transact([[row for batch in batches for row in batch]], elsewhere, savepoints=False)
            except sqlite3.IntegrityError:
                return self._transact(batches, elsewhere, savepoints=True)
        return [None] * len(batches)

    def _transact(
        self, batches: Sequence[Sequence[Row]], elsewhere: Elsewhere, *, savepoints: bool
    ) -> list[Exception | None]:
        run = self._writer.execute
        outcomes: list[Exception | None] = []
        run("BEGIN IMMEDIATE")
        try:
            for batch in batches:
                outcomes.append(self._insert(batch, savepoints=savepoints))
            elsewhere(self._writer.commit)
        except BaseException:
            if self._writer.in_transaction:
                run("ROLLBACK")
            raise
        return outcomes

    def _insert(self, batch: Sequence[Row], *, savepoints: bool) -> Exception | None:
        run = self._writer.execute
        if not savepoints:
            self._writer.executemany(INSERT, [astuple(row) for row in batch])
            return None
        run("SAVEPOINT batch")
        try:
            self._writer.executemany(INSERT, [astuple(row) for row in batch])
        except sqlite3.IntegrityError:
            run("ROLLBACK TO batch")
            run("RELEASE batch")
            return Conflict(f"{batch[0].stream} has a row {batch[0].seq} already")
        run("RELEASE batch")
        return None

    def read(self, stream: str, after: int = -1) -> list[Row]:
        """Return the rows of `stream` with seq > `after`, in order."""
        with self._reading:
            return [Row(*columns) for columns in self._reader.execute(READ, (stream, after))]

    def heads(self, prefix: str = "") -> list[Head]:
        """Return the last row of every stream whose name starts with `prefix`, by name."""
        with self._reading:
            return [Head(*columns) for columns in self._reader.execute(HEADS, (prefix, prefix + LAST))]

    def erase(self, stream: str) -> None:
        """Delete data and salt of all rows of `stream`, from the file and from the write-ahead log; the chain stays."""
        with self._writing:
            self._writer.execute("UPDATE log SET data = NULL, salt = NULL WHERE stream = ?", (stream,))
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement on a side table, durably; returns its rows."""
        with self._reading:
            return self._reader.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the file; the write-ahead log is folded into it."""
        with self._writing, self._reading:
            self._reader.close()
            self._writer.close()
