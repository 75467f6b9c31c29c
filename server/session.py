"""A session as one process holds it: committed state only, with the screen drawn from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from game.canonical import Digest, encode, sha256
from game.catalogue import Texts
from game.events import Closed, Gestured, Joined, SessionEvent, Value
from game.fold import apply
from game.log import Row, session_events
from game.state import EMPTY, State
from game.view import view


class Screen(msgspec.Struct, frozen=True):
    """A view in the bytes that were hashed and are sent."""

    hash: Digest
    view: msgspec.Raw


class Session:
    """The fold of a stream's rows. Never changed: `extended` makes the next one."""

    __slots__ = ("_screen", "cmds", "joined", "last", "receipt", "state", "ui")

    def __init__(self, state: State, last: Row, cmds: dict[str, int], joined: str, ui: Mapping[str, Value]) -> None:
        self.state, self.last, self.cmds, self.joined, self.ui = state, last, cmds, joined, ui
        self.receipt = ""
        """The head of the chain when the session was closed: it proves all that was answered; "" until then."""
        self._screen: Screen | None = None

    @property
    def stream(self) -> str:
        """The stream's name."""
        return self.last.stream

    def screen(self, texts: Texts) -> Screen:
        """Return the participant's screen in the language of `texts` (the session's own); drawn once."""
        if self._screen is None:
            data = encode(view(self.state, "participant", texts))
            self._screen = Screen(sha256(data), msgspec.Raw(data))
        return self._screen

    def extended(self, rows: Sequence[Row], events: Sequence[SessionEvent]) -> Session:
        """Return the session after further committed rows with their events."""
        state, joined, ui, receipt = self.state, self.joined, self.ui, self.receipt
        for row, event in zip(rows, events, strict=True):
            turn = state.turn
            state = apply(state, event)
            if row.cmd:
                self.cmds[row.cmd] = row.seq
            if state.turn != turn:
                ui = {}
            if isinstance(event, Joined):
                joined = row.cmd
            elif isinstance(event, Closed):
                receipt = row.hash
            elif isinstance(event, Gestured) and event.of == state.turn:
                ui = {**ui, **{gesture.name: gesture.value for gesture in event.items}}
        after = Session(state, rows[-1], self.cmds, joined, ui)
        after.receipt = receipt
        if state.turn == self.state.turn:
            after._screen = self._screen
        return after


def fold_rows(rows: Sequence[Row]) -> Session:
    """Return the session of a whole stream; raises game.log.Broken when a row cannot be read."""
    blank = Session(EMPTY, rows[0], {}, "", {})
    return blank.extended(rows, session_events(rows))
