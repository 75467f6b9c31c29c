"""Board: all sessions as lines, folded on from where the last look ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from game.log import Broken, Store, is_session
from server.desk.line import Line, Track, advance, at_time
from server.desk.threads import apart

FEW = 20
"""Rows that are folded at once; more of them leave gevent's loop, as after a restart with many sessions."""


class Board(msgspec.Struct, frozen=True):
    """The table at one moment, and the counts above it."""

    at: int
    """Milliseconds since 1970."""
    lines: tuple[Line, ...]
    statuses: Mapping[str, int]
    outcomes: Mapping[str, int]
    cells: Mapping[str, Mapping[str, int]]
    """Cell -> status -> how many."""


class Watch:
    """Remembers every session's track, so that a look reads only the rows that are new."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tracks: dict[str, Track] = {}

    def look(self, now: int) -> Board:
        """Return the board at `now` (microseconds)."""
        heads = [head for head in self._store.heads() if is_session(head.stream)]
        for head in heads:
            held = self._tracks.get(head.stream)
            if held is None or held.line.rows <= head.seq or (head.kind == "erased" and held.line.status != "erased"):
                self._tracks[head.stream] = self._read(head.stream, held)
        lines = [at_time(self._tracks[head.stream], now) for head in heads]
        return board(tuple(sorted(lines, key=lambda line: -line.started)), now)

    def stream_of(self, session: str, now: int) -> str | None:
        """Return the stream of the session with this short name, or None."""
        board = self.look(now)
        return next((line.stream for line in board.lines if session in (line.session, line.stream)), None)

    def _read(self, stream: str, held: Track | None) -> Track:
        if held is None or held.line.status == "erased":
            held = Track(Line(stream=stream, session=stream))
        rows = self._store.read(stream, after=held.line.rows - 1)
        try:
            return apart(advance, held, rows) if len(rows) > FEW else advance(held, rows)
        except Broken as error:
            line = advance(held, [row for row in rows if row.seq < error.seq]).line
            broken = msgspec.structs.replace(line, status="broken", outcome=str(error), rows=rows[-1].seq + 1)
            return Track(broken, None)


def board(lines: tuple[Line, ...], now: int) -> Board:
    """Count the lines."""
    cells: dict[str, Counter[str]] = {}
    for line in lines:
        if line.cell:
            cells.setdefault(line.cell, Counter())[line.status] += 1
    return Board(
        at=now // 1000,
        lines=lines,
        statuses=Counter(line.status for line in lines),
        outcomes=Counter(line.outcome for line in lines if line.outcome),
        cells=dict(sorted(cells.items())),
    )
