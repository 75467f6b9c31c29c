"""The log in PostgreSQL: for several processes or machines. psycopg 3; every commit is durable before it is acknowledged."""

from __future__ import annotations

import queue
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from msgspec.structs import astuple
from psycopg import errors

from game.log import Conflict, Head, Row
from server.database import Elsewhere, at_once

T = TypeVar("T")

SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
  stream text COLLATE "C" NOT NULL, seq integer NOT NULL, kind text NOT NULL, v integer NOT NULL, at bigint NOT NULL,
  by text NOT NULL, cmd text NOT NULL, data text, salt text, body text NOT NULL, prev text NOT NULL, hash text NOT NULL,
  PRIMARY KEY (stream, seq)
);
"""
COLUMNS = "stream, seq, kind, v, at, by, cmd, data, salt, body, prev, hash"
TYPES = ("text", "int", "text", "int", "bigint", "text", "text", "text", "text", "text", "text", "text")
INSERT = f"INSERT INTO log ({COLUMNS}) SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in TYPES)})"  # noqa: S608 - constants
READ = f"SELECT {COLUMNS} FROM log WHERE stream = %s AND seq > %s ORDER BY seq"  # noqa: S608 - constants
HEADS = """
SELECT DISTINCT ON (stream) stream, seq, hash, kind, at FROM log
WHERE starts_with(stream, %s) ORDER BY stream, seq DESC
"""
SCHEMA_LOCK = 7130031
"""Two processes that start together must not both create the table."""


class PostgresStore:
    """A `game.log.Store` and `server.database.Database` over a few connections, opened at once."""

    cooperative = True

    def __init__(self, address: str, *, size: int = 4, read_only: bool = False) -> None:
        """Connect `size` times; raises psycopg.OperationalError when the server does not answer."""
        self._address = address
        self._idle: queue.LifoQueue[psycopg.Connection[tuple[Any, ...]]] = queue.LifoQueue()
        opened = [self._connect() for _ in range(size)]
        if not read_only:
            with opened[0].transaction():
                opened[0].execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
                opened[0].execute(SCHEMA)
        for connection in opened:
            self._idle.put(connection)
        self._size = size

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        made = psycopg.connect(self._address, autocommit=True, connect_timeout=10)
        made.execute("SET synchronous_commit = on")
        return made

    @contextmanager
    def _connection(self) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
        held = self._idle.get()
        try:
            if held.closed:
                held = self._connect()
            yield held
        finally:
            if held.broken:
                held.close()
            self._idle.put(held)

    def _run(self, work: Callable[[psycopg.Connection[tuple[Any, ...]]], T]) -> T:
        with self._connection() as connection:
            return work(connection)

    def append(self, rows: Sequence[Row]) -> None:
        """Make rows of one stream durable, all or none; raises Conflict when (stream, seq) is taken."""
        outcome = self.append_all([rows])[0]
        if outcome is not None:
            raise outcome

    def append_all(
        self,
        batches: Sequence[Sequence[Row]],
        elsewhere: Elsewhere = at_once,  # noqa: ARG002 - waiting for the network holds nobody up
    ) -> list[Exception | None]:
        """Append many batches in one transaction; a conflict fails only its batch."""
        with self._connection() as connection:
            try:
                _insert(connection, [row for batch in batches for row in batch])
            except errors.UniqueViolation:
                with connection.transaction():
                    return [_insert_apart(connection, batch) for batch in batches]
        return [None] * len(batches)

    def read(self, stream: str, after: int = -1) -> list[Row]:
        """Return the rows of `stream` with seq > `after`, in order."""
        return self._run(lambda c: [Row(*columns) for columns in c.execute(READ, (stream, after))])

    def heads(self, prefix: str = "") -> list[Head]:
        """Return the last row of every stream whose name starts with `prefix`, by name."""
        return self._run(lambda c: [Head(*columns) for columns in c.execute(HEADS, (prefix,))])

    def erase(self, stream: str) -> None:
        """Delete data and salt of all rows of `stream` and vacuum the table; the chain stays."""
        with self._connection() as connection:
            connection.execute("UPDATE log SET data = NULL, salt = NULL WHERE stream = %s", (stream,))
            connection.execute("VACUUM log")

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement on a side table, durably; returns its rows."""
        with self._connection() as connection:
            cursor = connection.execute(statement.replace("?", "%s").encode(), values)
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Close the connections that are not in use."""
        for _ in range(self._size):
            self._idle.get().close()


def _insert(connection: psycopg.Connection[tuple[Any, ...]], rows: Sequence[Row]) -> None:
    connection.execute(
        INSERT.encode(), [list(column) for column in zip(*map(astuple, rows), strict=True)], prepare=True
    )


def _insert_apart(connection: psycopg.Connection[tuple[Any, ...]], batch: Sequence[Row]) -> Exception | None:
    try:
        with connection.transaction():
            _insert(connection, batch)
    except errors.UniqueViolation:
        return Conflict(f"{batch[0].stream} has a row {batch[0].seq} already")
    return None
