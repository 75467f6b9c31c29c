"""Sockets: connections of the namespace `/play`. Reads a message, asks the table, answers; decides nothing."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

import msgspec
from socketio.exceptions import ConnectionRefusedError as Refuse  # pyright: ignore[reportMissingTypeStubs]

from game.catalogue import words
from game.commands import Join, Leave
from game.events import Erased
from game.rules import CODES
from server import assets, wire
from server.bucket import Bucket
from server.packet import MALFORMED
from server.table import Ack
from server.writer import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from game.events import SessionEvent
    from server.house import House
    from server.session import Session

NAMESPACE = "/play"
BACKLOG = 64
"""Messages that may wait for a reader who does not read; then the connection is closed."""
WITH_SCREEN = ("stale", "not_shown", "wrong_view", "closed", "paused", "not_asked")

log = logging.getLogger("coplay.play")


class Connection:
    """One browser tab. `joined` is the id of its own join, "" before it resumed."""

    __slots__ = ("bucket", "joined", "lang", "stream")

    def __init__(self, stream: str, rate: float) -> None:
        self.stream, self.joined, self.lang = stream, "", ""
        self.bucket = Bucket(rate)


class Play:
    """The handlers, on python-socketio's server: without Flask's request context a message costs half as much."""

    def __init__(self, server: Any, house: House) -> None:
        self._server, self._house, self._table = server, house, house.table
        self._connections: dict[str, Connection] = {}
        self._holders: dict[str, str] = {}
        for event in ("connect", "disconnect", "resume", "do"):
            server.on(event, getattr(self, event), namespace=NAMESPACE)
        for event in (MALFORMED, "*"):
            server.on(event, self.unknown, namespace=NAMESPACE)
        self._table.watch(self.push)

    def connect(self, sid: str, _environ: Any, auth: Any = None) -> None:
        """Let a tab in that knows a token; others get a code and are refused."""
        try:
            hello = wire.read_hello(auth)
            stream = self._house.people.stream(hello.token)
        except wire.BadMessage:
            raise _refuse("bad_message") from None
        if hello.v != wire.VERSION:
            raise _refuse("upgrade")
        if stream is None:
            raise _refuse("bad_token")
        self._connections[sid] = Connection(stream, self._house.settings.messages_per_second)

    def disconnect(self, sid: str, reason: str = "", *_: Any) -> None:
        """Record that the newest tab went away."""
        held = self._connections.pop(sid, None)
        if held is None or not held.joined:
            return
        if self._holders.get(held.stream) == sid:
            del self._holders[held.stream]
        self._table.submit(held.stream, "participant", "", Leave(why=reason), joined=held.joined, origin=sid)

    def resume(self, sid: str, data: Any = None, *_: Any) -> Any:
        """Make this tab the one that holds the session and answer where it stands."""
        held = self._held(sid)
        if isinstance(held, wire.Refusal):
            return held
        try:
            asked = wire.read_resume(data)
            client = asked.client
        except wire.BadMessage as bad:
            return self._refusal("bad_message", None, str(bad))
        if client.assets and client.assets != assets.digest():
            return self._refusal("upgrade", self._session(held.stream))
        joined = secrets.token_hex(8)
        ack = self._table.submit(held.stream, "participant", joined, Join(client=client), origin=sid)
        if ack.code or ack.session is None:
            return self._refusal(ack.code, ack.session, ack.detail)
        held.joined = joined
        self._take_over(sid, held.stream, ack.session)
        held.lang = ack.session.state.lang
        return wire.resumed(ack.session, self._table.texts(ack.session), known=asked.words)

    def do(self, sid: str, data: Any = None, *_: Any) -> Any:
        """Carry out one command; what is acknowledged is on disk."""
        held = self._held(sid)
        if isinstance(held, wire.Refusal):
            return held
        try:
            cmd, command = wire.read_do(data)
        except wire.BadMessage as bad:
            return self._refusal("bad_message", None, str(bad))
        if not held.joined:
            return self._refusal("not_open", None, "resume first")
        ack = self._table.submit(held.stream, "participant", cmd, command, joined=held.joined, origin=sid)
        if ack.code or ack.session is None:
            return self._refused(ack)
        if ack.session.state.turn == command.seen:
            return wire.Done(True, ack.seq)
        state = ack.session.state
        texts = self._table.texts(ack.session) if state.lang != held.lang else None
        held.lang = state.lang
        return wire.Done(True, ack.seq, self._shot(ack.session, words(texts) if texts else None))

    def unknown(self, *_: Any) -> Any:
        """Answer a message that has no documented form; the last argument of a catch-all is its data."""
        return self._refusal("bad_message", None)

    def push(self, session: Session, events: Sequence[SessionEvent], origin: str) -> None:
        """Send the new screen to whoever holds the session, unless it goes with an acknowledgement; say so when it is erased."""
        if any(isinstance(event, Erased) for event in events):
            bye = wire.Bye("erased", self._say(session, "erased"))
            self._server.emit("bye", msgspec.to_builtins(bye), room=session.stream, namespace=NAMESPACE)
            return
        if origin or session.state.turn <= session.last.seq - len(events):
            return
        data = msgspec.json.decode(msgspec.json.encode(self._shot(session)))
        self._server.emit("view", data, room=session.stream, namespace=NAMESPACE)

    def _take_over(self, sid: str, stream: str, session: Session) -> None:
        """Tell every other tab, in every process, that it is over."""
        bye = wire.Bye("elsewhere", self._say(session, "elsewhere"))
        self._server.emit("bye", msgspec.to_builtins(bye), room=stream, skip_sid=sid, namespace=NAMESPACE)
        other = self._holders.get(stream)
        if other and other != sid:
            self._server.leave_room(other, stream, namespace=NAMESPACE)
        self._holders[stream] = sid
        self._server.enter_room(sid, stream, namespace=NAMESPACE)

    def _held(self, sid: str) -> Connection | wire.Refusal:
        """Return the sender's connection, or why it is not heard."""
        held = self._connections.get(sid)
        if held is None:
            return self._refusal("bad_token", None)
        wait = held.bucket.take()
        if wait is None:
            return self._refusal("too_fast", self._session(held.stream))
        if wait:
            self._server.sleep(wait)
        engine = self._server.eio.sockets.get(self._server.manager.eio_sid_from_sid(sid, NAMESPACE))
        if engine is not None and engine.queue.qsize() > BACKLOG:
            log.warning("a connection does not read what it asked for: closed")
            self._server.disconnect(sid, namespace=NAMESPACE)
            return self._refusal("too_fast", None)
        return held

    def _session(self, stream: str) -> Session | None:
        try:
            return self._table.load(stream)
        except Unavailable:
            return None

    def _refused(self, ack: Ack) -> wire.Refusal:
        return self._refusal(ack.code, ack.session, ack.detail, screen=ack.code in WITH_SCREEN)

    def _refusal(self, code: str, session: Session | None, detail: str = "", *, screen: bool = False) -> wire.Refusal:
        shot = self._shot(session) if screen and session is not None else None
        return wire.Refusal(False, code, self._say(session, code), detail[:200], shot)

    def _say(self, session: Session | None, code: str) -> str:
        if session is None:
            return CODES[code]
        return self._table.texts(session).get(f"refusals.{code}", CODES[code])

    def _shot(self, session: Session, names: dict[str, str] | None = None) -> wire.Shot:
        screen = self._table.screen(session)
        ui = dict(session.ui) or None
        return wire.Shot(
            session.last.seq, screen.hash, session.last.at, screen.view, names, ui,
            wire.elapsed(session), session.receipt,
        )  # fmt: skip


def _refuse(code: str) -> Refuse:
    return Refuse(code, msgspec.to_builtins(wire.Bye(code, CODES[code])))
