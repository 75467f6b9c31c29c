"""The table: where a game is played. The only writer of sessions; what it acknowledges is on disk."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import msgspec

from game.assignment import Full
from game.catalogue import Texts
from game.commands import AnyCommand, Close, Join, Tick
from game.events import CORE, Assigned, Closed, Erased, Opened, SessionEvent
from game.fold import apply, fold
from game.log import Broken, Conflict, Store, is_erased
from game.rules import Refused, decide, due
from game.state import EMPTY, State, current_stage
from server import pen
from server.assign import Assigner, Waits, stream_of
from server.blobs import Blobs
from server.people import LETTERS
from server.session import Screen, Session, fold_rows
from server.studies import OpenStudy
from server.timers import Timers
from server.writer import Unavailable

RETRIES = 3

log = logging.getLogger("coplay.table")


class Ack(msgspec.Struct, frozen=True):
    """What became of a command: `code` is "" or why it was refused; `session` is as committed, None if there is none."""

    seq: int
    session: Session | None
    code: str = ""
    detail: str = ""


Watcher = Callable[[Session, Sequence[SessionEvent], str], None]
"""Called after each commit with the session, the new events and the connection that caused them ("" for none)."""


class Table:
    """Loads, decides, appends, publishes. Holds committed state only, so another process may write at any time."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        studies: Mapping[str, OpenStudy],
        assigner: Assigner,
        *,
        prefix: str = "",
        renderer: str = "",
        cached: int = 5_000,
        clock: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        self.store, self.blobs, self.studies, self.assigner = store, blobs, studies, assigner
        self._prefix, self._renderer, self._most, self._clock = prefix, renderer, cached, clock
        self._cache: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()
        self._heard: dict[str, int] = {}
        self._catalogues: dict[str, Texts] = {}
        self._watchers: list[Watcher] = []
        self._timers = Timers(self._ring, clock)

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` after every commit of this process."""
        self._watchers.append(watcher)

    def open_session(self, study: str, lang: str, session: str = "", cell: str = "", recruiter: str = "") -> str:
        """Begin a session of `study`; returns its stream. A session that was begun before is left as it is.

        `cell` puts it there instead of asking the assigner; for previews only. `recruiter` says that there is a way back.
        """
        opened = self.studies[study]
        lang = lang if lang in opened.languages else opened.languages[0]
        name = session or new_name()
        stream = self.stream_name(study, name)
        event = Opened(
            at=self._clock(), by="system", intake=opened.intake(), core=CORE, renderer=self._renderer, lang=lang,
            session=name, study=study, prefix=self._prefix, cell=cell if self._prefix == "preview" else "",
            version=opened.version, recruiter=recruiter,
        )  # fmt: skip
        events: list[SessionEvent] = [event]
        self._seat(events, event, {})
        try:
            self._keep(fold_rows(pen.write(self.store, None, stream, events)))
        except Conflict:
            if not session:
                return self.open_session(study, lang)
        return stream

    def stream_name(self, study: str, session: str) -> str:
        """Return the stream of a session: `[prefix/]study/session`."""
        return "/".join(part for part in (self._prefix, study, session) if part)

    def load(self, stream: str) -> Session | None:
        """Return the session as this process last saw it committed; None when there is none or it was erased."""
        with self._lock:
            if stream in self._cache:
                self._cache.move_to_end(stream)
                return self._cache[stream]
        try:
            rows = self.store.read(stream)
        except Exception as error:
            raise Unavailable(f"{stream} cannot be read: {error}") from error
        if not rows or is_erased(rows):
            return None
        session = fold_rows(rows)
        self._keep(session)
        return session

    def texts(self, session: Session) -> Texts:
        """Return the catalogue of the session's present language."""
        script = session.state.script
        digest = script.texts[session.state.lang] if script else ""
        if digest not in self._catalogues:
            self._catalogues[digest] = msgspec.json.decode(self.blobs.get(digest), type=dict[str, str])
        return self._catalogues[digest]

    def screen(self, session: Session) -> Screen:
        """Return the participant's present screen."""
        return session.screen(self.texts(session))

    def submit(self, stream: str, by: str, cmd: str, command: AnyCommand, *, joined: str = "", origin: str = "") -> Ack:
        """Carry out a command once, however often it is sent; returns when what it made is durable.

        `cmd` is its id, `joined` the id of the sender's own join ("" is not checked), `origin` the sender's connection.
        """
        if by == "participant":
            self._heard[stream] = self._clock()
        cmd = cmd or secrets.token_hex(8)
        fresh = False
        try:
            for _ in range(RETRIES):
                session = self.load(stream)
                if session is None:
                    return Ack(-1, None, "erased" if self.store.read(stream) else "not_open")
                ack = self._refusal(session, command, joined) if cmd not in session.cmds else None
                if ack is not None:
                    return ack
                if cmd in session.cmds:
                    return Ack(session.cmds[cmd], session)
                events = self._decide(session, by, command)
                if isinstance(events, Refused):
                    if command.seen > session.state.turn and not fresh:
                        fresh = True  # another process knows more than this one
                        self.forget(stream)
                        continue
                    return Ack(session.last.seq, session, events.code, events.detail)
                if not events:
                    return Ack(session.last.seq, session)
                try:
                    rows = pen.write(self.store, session.last, stream, events, cmd)
                except Conflict:
                    self.forget(stream)
                    continue
                session = session.extended(rows, events)
                self._keep(session)
                self._publish(session, events, origin)
                return Ack(rows[-1].seq, session)
        except (Unavailable, Broken, LookupError) as error:
            log.error("%s: %s", stream, error)
            self.forget(stream)
            return Ack(-1, None, "unavailable")
        return Ack(-1, self.load(stream), "busy")

    def erased(self, session: Session, event: Erased) -> None:
        """Tell whoever has the session open that it is gone."""
        self.forget(session.stream)
        self._publish(session, [event], "")

    def forget(self, stream: str) -> None:
        """Read the session anew next time."""
        with self._lock:
            self._cache.pop(stream, None)

    def close(self) -> None:
        """Ring no more timers."""
        self._timers.close()

    def _refusal(self, session: Session, command: AnyCommand, joined: str) -> Ack | None:
        """Return what the server refuses before the rules are asked: another tab's commands, a screen never sent."""
        if joined and session.joined != joined:
            return Ack(session.last.seq, session, "elsewhere")
        shown = command.shown
        if shown is not None and shown.turn == session.state.turn and shown.hash != self.screen(session).hash:
            return Ack(session.last.seq, session, "wrong_view")
        return None

    def _decide(self, session: Session, by: str, command: AnyCommand) -> list[SessionEvent] | Refused:
        made = decide(session.state, command, by, self._clock())
        if isinstance(made, Refused):
            return made
        if isinstance(command, Join):
            self._hold(session)
        events = list(made)
        if session.state.assigned is None and session.state.opened is not None and fold(events, session.state).waiting:
            self._seat(events, session.state.opened, _given(fold(events, session.state)), waiting=True)
        return events

    def _seat(
        self, events: list[SessionEvent], opened: Opened, answers: Mapping[str, object], *, waiting: bool = False
    ) -> None:
        """Add Assigned when the intake is over, or Closed where no place is left; while the study is shut it waits."""
        if not (waiting or apply(EMPTY, opened).waiting):
            return
        study = self.studies.get(opened.study)
        if study is None:
            raise Unavailable(f"the study {opened.study!r} is not served here")
        at = events[-1].at if events else self._clock()
        try:
            cell = opened.cell or self.assigner.place(stream_of(opened.study, opened.prefix), opened.session, answers)
        except Waits:
            return
        except Full:
            events.append(Closed(at=at, by="system", outcome="full"))
            return
        except Conflict as error:
            raise Unavailable(str(error)) from error
        seed = secrets.token_hex(16)
        events.append(Assigned(at=at, by="system", cell=cell, seed=seed, plan=study.plan(cell, seed)))

    def _hold(self, session: Session) -> None:
        """Whoever comes back is counted in their cell again."""
        opened, assigned = session.state.opened, session.state.assigned
        if opened is not None and assigned is not None and not session.state.closed and not opened.cell:
            self.assigner.hold(stream_of(opened.study, opened.prefix), opened.session, assigned.cell)

    def outcome(self, stream: str) -> str:
        """Return how a session was closed, "" while it is open or where there is none."""
        session = self.load(stream)
        return session.state.closed if session is not None else ""

    def heard(self, stream: str) -> int:
        """Return when a participant's message last came to this process, also one that changed nothing; 0 if none did."""
        return self._heard.get(stream, 0)

    def expire(self, stream: str) -> None:
        """Close a session that was silent for too long."""
        self.submit(stream, "system", "", Close(outcome="expired"))

    def resting(self, stream: str) -> bool:
        """Tell whether a session waits for a set moment, e.g. its next visit: being silent is then no sign of leaving."""
        session = self.load(stream)
        stage = current_stage(session.state) if session is not None else None
        return stage is not None and stage.opens_s > 0

    def _keep(self, session: Session) -> None:
        with self._lock:
            held = self._cache.get(session.stream)
            if held is None or held.last.seq < session.last.seq:
                self._cache[session.stream] = session
            self._cache.move_to_end(session.stream)
            while len(self._cache) > self._most:
                self._cache.popitem(last=False)
        self._timers.set(session.stream, due(session.state))

    def _publish(self, session: Session, events: Sequence[SessionEvent], origin: str) -> None:
        for watcher in self._watchers:
            try:
                watcher(session, events, origin)
            except Exception:
                log.exception("a watcher failed; the commit stands")

    def _ring(self, stream: str) -> None:
        self.submit(stream, "clock", "", Tick())
        try:
            session = self.load(stream)
        except Unavailable:
            session = None
        if session is not None:
            moment = due(session.state)
            self._timers.set(stream, moment and max(moment, self._clock() + 100_000))


def _given(state: State) -> dict[str, object]:
    """Return the latest answer of each name."""
    return {name: value for index in sorted(state.answers) for name, value in state.answers[index].items()}


def new_name() -> str:
    """Return a short public name for a session, e.g. "p7k2m9qt"."""
    return "".join(secrets.choice(LETTERS) for _ in range(8))
