"""The writer: one per process. It drains what waits into one transaction, so a hundred answers cost one flush of the disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from game.log import Conflict, Head, Row, Store
from server.database import Database, Elsewhere, at_once


class Unavailable(Exception):
    """The rows could not be made durable; nothing was changed."""


class _Batch:
    """Rows that wait, and how it went."""

    __slots__ = ("done", "outcome", "rows")

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.done = threading.Event()
        self.outcome: Exception | None = None


class Writer(Store):
    """A `game.log.Store` before a database. `append` returns only when the rows are durable, or raises."""

    def __init__(self, database: Database, *, limit: int = 50_000, most: int = 2_000) -> None:
        """`limit`: rows that may wait; `most`: rows of one transaction."""
        self._database = database
        self._limit, self._most = limit, most
        self._queue: deque[_Batch] = deque()
        self._waiting = 0
        self._wake = threading.Event()
        self._closed = False
        self._elsewhere = _flusher(database)
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def append(self, rows: Sequence[Row]) -> None:
        """Make rows of one stream durable; raises Conflict, or Unavailable when the store fails or too much waits."""
        if self._closed or self._waiting + len(rows) > self._limit:
            raise Unavailable("the server is stopping" if self._closed else f"{self._waiting} rows wait already")
        batch = _Batch(rows)
        self._waiting += len(rows)
        self._queue.append(batch)
        self._wake.set()
        batch.done.wait()
        if isinstance(batch.outcome, Conflict):
            raise batch.outcome
        if batch.outcome is not None:
            raise Unavailable(f"the store failed: {batch.outcome}") from batch.outcome

    def read(self, stream: str, after: int = -1) -> Sequence[Row]:
        """As in `game.log.Store`."""
        return self._database.read(stream, after)

    def heads(self, prefix: str = "") -> Sequence[Head]:
        """As in `game.log.Store`."""
        return self._database.heads(prefix)

    def erase(self, stream: str) -> None:
        """As in `game.log.Store`."""
        self._database.erase(stream)

    def close(self) -> None:
        """Store what waits, then stop."""
        self._closed = True
        self._wake.set()
        self._thread.join(10)

    def _work(self) -> None:
        while not (self._closed and not self._queue):
            self._wake.wait()
            self._wake.clear()
            while self._queue:
                self._store(self._take())

    def _take(self) -> list[_Batch]:
        taken: list[_Batch] = []
        rows = 0
        while self._queue and rows < self._most:
            batch = self._queue.popleft()
            rows += len(batch.rows)
            taken.append(batch)
        self._waiting -= rows
        return taken

    def _store(self, taken: list[_Batch]) -> None:
        try:
            outcomes = self._database.append_all([batch.rows for batch in taken], self._elsewhere)
        except Exception as error:  # noqa: BLE001 - whatever it was reaches everyone who waits
            outcomes = [error] * len(taken)
        for batch, outcome in zip(taken, outcomes, strict=True):
            batch.outcome = outcome
            batch.done.set()


def _flusher(database: Database) -> Elsewhere:
    """Under gevent a flush that blocks runs in a native thread, so that it holds nobody up."""
    if database.cooperative:
        return at_once
    try:
        from gevent import monkey  # noqa: PLC0415 - works without gevent
        from gevent.threadpool import ThreadPool  # noqa: PLC0415 - the same
    except ImportError:
        return at_once
    if not monkey.is_module_patched("threading"):
        return at_once
    pool: Any = ThreadPool(1)

    def flush(work: Callable[[], None]) -> None:
        pool.apply(work)

    return flush
