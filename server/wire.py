"""The wire: every message of the namespace `/play`, version 1. What does not have this form is refused as `bad_message`."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from game.catalogue import words
from game.commands import Answer, Localise, Painted, PlayCommand, Trace, Withdraw
from game.events import Client, Gesture, Value

if TYPE_CHECKING:
    from game.catalogue import Texts
    from server.session import Session

VERSION = 1
_NAME = re.compile(rb'"([\w-]{16,64})"')

Id = Annotated[str, Meta(min_length=8, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
Short = Annotated[str, Meta(max_length=64)]


class Hello(Struct, frozen=True):
    """The handshake's `auth`: protocol version, the token of the link, an id of the tab."""

    v: int
    token: Short
    tab: Short = ""


class Resume(Struct, frozen=True, forbid_unknown_fields=True):
    """`resume`: what the browser says of itself; answered by Resumed. The newest tab that resumes holds the session."""

    client: Client
    words: Short = ""
    """The language whose words the browser holds: they are not sent again."""


class Do(Struct, frozen=True, forbid_unknown_fields=True):
    """`do`: one command. `id` is made by the browser and stays the same when the command is sent again."""

    id: Id
    seen: int
    do: Literal["answer", "trace", "localise", "withdraw"]
    values: Annotated[Mapping[Short, Value], Meta(max_length=32)] = {}
    lang: Short = ""
    ms: int | None = None
    shown: Painted | None = None
    gestures: tuple[Gesture, ...] = ()
    client: Client | None = None
    """With a trace: the window, where it changed."""


class Shot(Struct, frozen=True, omit_defaults=True):
    """One screen: `seq` of the log's last row, digest of the view, time of that row, the view's own bytes.

    `words` (the interface's words) only when the language changed, `ui` (last value of each gesture) only when something
    was done on this screen already. `elapsed`: how long it has been in view by the server's clock, in milliseconds.
    `receipt`: the head of the hash chain, once the session is closed and all of it is stored.
    """

    seq: int
    hash: str
    at: int
    view: Raw
    words: Mapping[str, str] | None = None
    ui: Mapping[str, Value] | None = None
    elapsed: int = 0
    receipt: str = ""


class Resumed(Struct, frozen=True):
    """The answer to `resume`, and what the page brings: where the session stands. `words` are empty where they are known."""

    seq: int
    hash: str
    at: int
    view: Raw
    words: Mapping[str, str]
    ui: Mapping[str, Value]
    ok: Literal[True] = True
    elapsed: int = 0
    receipt: str = ""


class _Bound(Struct, frozen=True):
    """What of a view binds it to the server's clock."""

    blocks: Raw
    within_ms: int = 0
    shift_ms: int = 0
    paused: str = ""


class Done(Struct, frozen=True, omit_defaults=True):
    """The answer to `do`: it is stored, up to row `seq`; with the next screen when there is one."""

    ok: Literal[True]
    seq: int
    screen: Shot | None = None


class Refusal(Struct, frozen=True, omit_defaults=True):
    """Nothing was changed; `code` says why, `say` says it in the participant's language."""

    ok: Literal[False]
    code: str
    say: str
    detail: str = ""
    screen: Shot | None = None


class Bye(Struct, frozen=True, omit_defaults=True):
    """Pushed when this tab is over; also the data of a refused handshake."""

    code: str
    say: str
    url: str = ""


CLIENT = (Hello, Resume, Do)
"""What a browser may send."""
SERVER = (Resumed, Done, Refusal, Shot, Bye)
"""What it may be sent; Shot is pushed as `view`, Bye as `bye`."""


class BadMessage(ValueError):
    """A message that does not have the documented form."""


def elapsed(session: Session) -> int:
    """Return how long the present screen has been in view up to the session's last row, in milliseconds."""
    since = session.state.since
    return max(0, session.last.at - since) // 1000 if since else 0


def resumed(session: Session, texts: Texts, known: str = "") -> Resumed:
    """Return where a session stands, for a browser that holds the words of the language `known`."""
    screen = session.screen(texts)
    names = {} if known == session.state.lang else words(texts)
    ui = dict(session.ui)
    return Resumed(
        session.last.seq, screen.hash, session.last.at, screen.view, names, ui,
        elapsed=elapsed(session), receipt=session.receipt,
    )  # fmt: skip


def opening(session: Session, texts: Texts, blobs: Container[str]) -> tuple[str, list[str]]:
    """Return what `resume` would answer, to be drawn before there is a line, and the pictures that it shows.

    Both are empty where a clock or a pause stands against it.
    """
    shot = resumed(session, texts)
    bound = msgspec.json.decode(shot.view, type=_Bound)
    if session.state.closed or bound.within_ms or bound.shift_ms or bound.paused:
        return "", []
    names = dict.fromkeys(name.decode() for name in _NAME.findall(bytes(bound.blocks)))
    return msgspec.json.encode(shot).decode().replace("<", "\\u003c"), [name for name in names if name in blobs]


def read_hello(data: Any) -> Hello:
    """Read the handshake; raises BadMessage."""
    return _read(data, Hello)


def read_resume(data: Any) -> Resume:
    """Read `resume`; raises BadMessage."""
    return _read(data, Resume)


def read_do(data: Any) -> tuple[str, PlayCommand]:
    """Read `do`: the command's id and the command; raises BadMessage."""
    do: Do = _read(data, Do)
    riding: dict[str, Any] = {"seen": do.seen, "shown": do.shown, "gestures": do.gestures}
    match do.do:
        case "answer":
            return do.id, Answer(values=do.values, ms=do.ms, **riding)
        case "trace":
            return do.id, Trace(client=do.client, **riding)
        case "localise":
            return do.id, Localise(lang=do.lang, **riding)
        case "withdraw":
            return do.id, Withdraw(**riding)


def _read(data: Any, form: type[Any]) -> Any:
    try:
        return msgspec.convert(data, form)
    except msgspec.ValidationError as error:
        raise BadMessage(str(error)) from None
