"""Verifying a session's log in three rungs: the chain, the rules, the screens. Names the first thing wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from game.canonical import Digest, sha256
from game.catalogue import Texts
from game.events import (
    CORE,
    Answered,
    Assigned,
    Gestured,
    Joined,
    Left,
    Localised,
    Noted,
    Opened,
    Paused,
    Resized,
    Resumed,
    SessionEvent,
    Shown,
    TimedOut,
    Withdrawn,
)
from game.events import Closed as ClosedEvent
from game.fold import apply
from game.log import Broken, Row, is_erased, session_events, verify_chain
from game.rules import (
    Answer,
    AnyCommand,
    Close,
    Join,
    Leave,
    Localise,
    Note,
    Painted,
    Pause,
    Refused,
    Tick,
    Trace,
    Unpause,
    Withdraw,
    decide,
)
from game.state import EMPTY, State
from game.view import view, view_digest

ReadBlob = Callable[[Digest], bytes]
"""Gives the bytes of a stored blob; raises KeyError when it is not there."""


class Rung(msgspec.Struct, frozen=True, omit_defaults=True):
    """One check: how many things were checked; where and why it failed, or why it could not be made."""

    name: Literal["chain", "rules", "screens"]
    outcome: Literal["sound", "broken", "not checkable", "erased"]
    checked: int = 0
    seq: int | None = None
    why: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """All rungs of one stream. `sound`: nothing is broken."""

    stream: str
    rows: int
    head: str
    rungs: tuple[Rung, ...]

    @property
    def sound(self) -> bool:
        """True when no rung is broken."""
        return all(rung.outcome != "broken" for rung in self.rungs)

    @property
    def first(self) -> Rung | None:
        """The first broken rung."""
        return next((rung for rung in self.rungs if rung.outcome == "broken"), None)


def verify(rows: Sequence[Row], read_blob: ReadBlob) -> Verdict:
    """Check one session's rows. Texts are read through `read_blob` by the digests that the log names."""
    stream = rows[0].stream if rows else ""
    rungs: list[Rung] = [_chain(rows)]
    if rungs[0].outcome == "sound" and is_erased(rows):
        rungs = [Rung("chain", "erased", len(rows), why="the data were erased on request; the chain holds")]
    elif rungs[0].outcome == "sound":
        try:
            events = session_events(rows)
            rungs += _core(events) or [_rules(rows, events), _screens(events, read_blob)]
        except Broken as broken:
            rungs.append(Rung("rules", "broken", broken.seq, broken.seq, broken.why))
    return Verdict(stream, len(rows), rows[-1].hash if rows else "", tuple(rungs))


def _chain(rows: Sequence[Row]) -> Rung:
    try:
        verify_chain(rows)
    except Broken as broken:
        return Rung("chain", "broken", broken.seq, broken.seq, broken.why)
    return Rung("chain", "sound", len(rows))


def _core(events: Sequence[SessionEvent]) -> list[Rung]:
    first = events[0] if events else None
    if not isinstance(first, Opened):
        return [Rung("rules", "broken", 0, 0, "the log does not begin with an opening")]
    if first.core == CORE:
        return []
    why = f"made by core {first.core}, this is core {CORE}"
    return [Rung("rules", "not checkable", why=why), Rung("screens", "not checkable", why=why)]


def _rules(rows: Sequence[Row], events: Sequence[SessionEvent]) -> Rung:
    """Decide every command again: each event must be there, none more, none missing."""
    state, index = EMPTY, 0
    while index < len(rows):
        until = index + 1
        while rows[index].cmd and until < len(rows) and rows[until].cmd == rows[index].cmd:
            until += 1
        group = events[index:until]
        why = _wrong(state, rows[index], group)
        if why:
            return Rung("rules", "broken", index, index, why)
        for event in group:
            state = apply(state, event)
        index = until
    return Rung("rules", "sound", len(rows))


def _wrong(state: State, row: Row, group: Sequence[SessionEvent]) -> str:
    if not row.cmd:
        allowed = (isinstance(group[0], Opened) and row.seq == 0) or (isinstance(group[0], Assigned) and state.waiting)
        return "" if allowed else f"{row.kind} was not made by a command"
    group = _without_full(group, state)
    command = restate(group, state)
    if command is None:
        return f"no command makes {', '.join(type(event).__name__ for event in group)}"
    made = decide(state, command, _who(group), group[-1].at)
    if isinstance(made, Refused):
        return f"the rules refuse the command behind it: {made.code} {made.detail}".strip()
    if list(made) != list(group):
        kinds = [type(event).__name__ for event in made]
        return f"the rules make {kinds} here, the log has {[type(event).__name__ for event in group]} or other values"
    return ""


def _without_full(group: Sequence[SessionEvent], state: State) -> Sequence[SessionEvent]:
    """Leave out the end of a session that found no place: the server knows how many there are, the rules do not."""
    last = group[-1]
    if len(group) > 1 and isinstance(last, ClosedEvent) and last.by == "system" and last.outcome == "full":
        for event in group[:-1]:
            state = apply(state, event)
        return group[:-1] if state.waiting else group
    return group


def _who(group: Sequence[SessionEvent]) -> str:
    """Return who sent the command: whoever stands on the first event that people or researchers make."""
    return next((event.by for event in group if event.by not in ("ai", "clock", "system")), group[0].by)


def restate(group: Sequence[SessionEvent], state: State) -> AnyCommand | None:
    """Return the command that made `group`, from its events; None if no command makes such events."""
    shown = next((e for e in group if isinstance(e, Shown)), None)
    gestured = next((e for e in group if isinstance(e, Gestured)), None)
    painted = None
    if shown is not None:
        fields = {f: getattr(shown, f) for f in Painted.__struct_fields__ if f not in ("turn", "hash")}
        painted = Painted(shown.of, shown.view, **fields)
    acts = [event for event in group if not isinstance(event, Shown | Gestured)]
    command = _restated(acts) if acts else Trace()
    if command is None:
        return None
    return replace(command, seen=state.turn, shown=painted, gestures=gestured.items if gestured else ())


def _restated(acts: Sequence[SessionEvent]) -> AnyCommand | None:
    """Return the command that made `acts`, without what rides in it."""
    if any(isinstance(event, TimedOut) for event in acts):
        return Tick()  # the AI's answers that the clock brings stand before it
    match acts[0]:
        case Answered(by="participant", ms=ms):
            return Answer(
                values={e.name: e.value for e in acts if isinstance(e, Answered) and e.by == "participant"}, ms=ms
            )
        case Localised(lang=lang):
            return Localise(lang=lang)
        case Withdrawn():
            return Withdraw()
        case Joined(client=client):
            return Join(client=client)
        case Resized(client=client):
            return Trace(client=client)
        case Left(why=why):
            joined = next((event for event in acts if isinstance(event, Joined)), None)
            return Join(client=joined.client) if joined else Leave(why=why)
        case Noted(text=text):
            return Note(text=text)
        case Paused(why=why):
            return Pause(why=why)
        case Resumed():
            return Unpause()
        case ClosedEvent(outcome=outcome):
            return Close(outcome=outcome)
        case _:
            return None


def _screens(events: Sequence[SessionEvent], read_blob: ReadBlob) -> Rung:
    """Draw every screen that was reported as painted again: its digest must be the one that was reported."""
    state, checked, known = EMPTY, 0, dict[Digest, Texts]()
    for seq, event in enumerate(events):
        if isinstance(event, Shown) and event.of == state.turn:
            try:
                texts = texts_of(state, read_blob, known)
            except (KeyError, ValueError) as error:
                return Rung("screens", "not checkable", checked, seq, f"its texts are not here: {error}")
            if view_digest(view(state, "participant", texts)) != event.view:
                return Rung("screens", "broken", checked, seq, "another screen would be drawn than was painted")
            checked += 1
        state = apply(state, event)
    return Rung("screens", "sound", checked)


def texts_of(state: State, read_blob: ReadBlob, known: dict[Digest, Texts]) -> Texts:
    """Return the catalogue in force; raises KeyError when it is not stored, ValueError when it was altered."""
    if state.script is None:
        return {}
    digest = state.script.texts[state.lang]
    if digest not in known:
        data = read_blob(digest)
        if sha256(data) != digest:
            raise ValueError(f"blob {digest[:12]} was altered")
        known[digest] = msgspec.json.decode(data, type=dict[str, str])
    return known[digest]
