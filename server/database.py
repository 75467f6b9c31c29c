"""The database port: a log store that also keeps a few small side tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from game.log import Head, Row

Elsewhere = Callable[[Callable[[], None]], None]
"""Calls a function and returns when it is done: at once, or in a thread while other greenlets go on."""


def at_once(work: Callable[[], None]) -> None:
    """Call `work` here and now."""
    work()


class NotOpened(Exception):
    """A database that does not open; the message says which, why and what to do."""


class Database(Protocol):
    """What both stores offer beyond `game.log.Store`. Statements use `?` for parameters and SQL that both understand."""

    cooperative: bool
    """True: its calls wait without holding up other greenlets. False: what blocks is called in a thread of its own."""

    def append(self, rows: Sequence[Row]) -> None:
        """As in `game.log.Store`."""
        ...

    def append_all(self, batches: Sequence[Sequence[Row]], elsewhere: Elsewhere = at_once) -> list[Exception | None]:
        """Append many batches in one transaction; a conflict fails only its batch. Returns one outcome per batch.

        What blocks until the disk has it is called through `elsewhere`.
        """
        ...

    def read(self, stream: str, after: int = -1) -> Sequence[Row]:
        """As in `game.log.Store`."""
        ...

    def heads(self, prefix: str = "") -> Sequence[Head]:
        """As in `game.log.Store`."""
        ...

    def erase(self, stream: str) -> None:
        """As in `game.log.Store`."""
        ...

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement on a side table, durably; returns its rows."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...
