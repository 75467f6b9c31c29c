"""Watching: recruitment as it goes, for a terminal. Counts only: no answer and no truth, so that watching steers nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from game.events import Published
from game.log import session_events
from game.quality import flags_of
from server.assign import Assigner, stream_of
from server.database import Database
from server.desk.board import Board, Watch
from server.desk.line import Line

QUIET = ("stalled", "offline")
FAULTY = ("technical_error",)
LONG_MS = 10 * 60_000
"""Somebody who is away for longer than this is named."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One study at one moment."""

    study: str
    open: bool
    """False while recruitment is paused."""
    places: int
    """How many the study has; 0 where that is open."""
    held: int
    cells: Mapping[str, Mapping[str, int]]
    """Cell -> status or outcome -> how many."""
    outcomes: Mapping[str, int]
    statuses: Mapping[str, int]
    quiet: tuple[tuple[str, str, int], ...]
    """Session, where it stands, minutes of silence: those who did not finish and are not seen any more."""
    errors: tuple[str, ...]
    erased: int
    flagged: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Finished session, and why it should be looked at twice. Nobody is left out by this."""
    wage: str = ""
    """Real pay per hour, where the study's folder is known."""


class Watcher:
    """Looks at an installation again and again, reading only what is new."""

    def __init__(self, database: Database) -> None:
        self._database, self._watch, self._assigner = database, Watch(database), Assigner(database)
        self._flags: dict[tuple[str, int], tuple[str, ...]] = {}

    def studies(self) -> list[str]:
        """Return the names of the studies that were ever opened here, pilots apart."""
        names = [head.stream.removeprefix("study:") for head in self._database.heads("study:")]
        return [name for name in names if "/" not in name]

    def look(self, study: str, now: int, wage: str = "") -> Look:
        """Return how a study goes at `now` (microseconds UTC)."""
        roll = self._assigner.roll(stream_of(study))
        lines = [line for line in self._board(now).lines if line.stream.startswith(f"{study}/")]
        published = roll.published
        return Look(
            study=study,
            open=published is not None and not roll.shut,
            places=_places(published),
            held=roll.counts().total(),
            cells=_cells(lines, published.cells if published else ()),
            outcomes=Counter(line.outcome for line in lines if line.outcome and line.status != "broken"),
            statuses=Counter(line.status for line in lines),
            quiet=tuple(
                _quiet(line, now) for line in lines if line.status in QUIET and now // 1000 - line.last > LONG_MS
            ),
            errors=tuple(f"{line.session}: {line.outcome}" for line in lines if _faulty(line)),
            erased=sum(line.status == "erased" for line in lines),
            flagged=tuple((line.session, why) for line in lines if line.outcome and (why := self._flagged(line))),
            wage=wage,
        )

    def _flagged(self, line: Line) -> tuple[str, ...]:
        """Return why a finished session should be looked at twice; read once."""
        if line.status in ("erased", "broken"):
            return ()
        seen = (line.stream, line.rows)
        if seen not in self._flags:
            self._flags[seen] = tuple(map(str, flags_of(session_events(self._database.read(line.stream)))))
        return self._flags[seen]

    def pause(self, study: str, why: str, by: str) -> None:
        """Take nobody more for now; who plays goes on."""
        self._assigner.shut(stream_of(study), why, by)

    def resume(self, study: str, why: str, by: str) -> None:
        """Take people again."""
        self._assigner.reopen(stream_of(study), why, by)

    def _board(self, now: int) -> Board:
        return self._watch.look(now)


def _places(published: Published | None) -> int:
    return published.rule.places if published else 0


def _cells(lines: Sequence[Line], cells: Sequence[str]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {cell: Counter() for cell in cells}
    for line in lines:
        if line.cell:
            counts.setdefault(line.cell, Counter())[line.outcome or line.status] += 1
    return {cell: dict(sorted(by.items())) for cell, by in counts.items()}


def _quiet(line: Line, now: int) -> tuple[str, str, int]:
    return line.session, line.place or "start", (now // 1000 - line.last) // 60_000


def _faulty(line: Line) -> bool:
    return line.status == "broken" or line.outcome in FAULTY
