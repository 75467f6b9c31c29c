"""The log: one row per event, chained by hashes; the only truth. Rows are never rewritten.

`body = sha256(salt + data)`, `hash = sha256(canonical [prev, stream, seq, kind, v, at, by, cmd, body])`. The chain covers the
digest of the data, so lawful erasure deletes data and salt and the chain still proves order and integrity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

import msgspec

from game.canonical import encode, sha256
from game.events import VERSIONS, Event, SessionEvent, StudyEvent

FIRST = "0" * 64
"""`prev` of a stream's first row."""


class Row(msgspec.Struct, frozen=True):
    """One row. `at` in microseconds UTC; `cmd` is the command's id ("" for none); `data` and `salt` are None once erased."""

    stream: str
    seq: int
    kind: str
    v: int
    at: int
    by: str
    cmd: str
    data: str | None
    salt: str | None
    body: str
    prev: str
    hash: str


class Head(msgspec.Struct, frozen=True):
    """A stream's last row, without its data."""

    stream: str
    seq: int
    hash: str
    kind: str
    at: int


class Conflict(Exception):
    """Somebody else appended to the stream first: read it again and decide again."""


class Broken(Exception):
    """The chain does not hold: `stream`, `seq` and `why` say where and what."""

    def __init__(self, stream: str, seq: int, why: str) -> None:
        super().__init__(f"{stream} row {seq}: {why}")
        self.stream, self.seq, self.why = stream, seq, why


class Store(Protocol):
    """Where rows are kept; contract in tests/contracts/test_store.py."""

    def append(self, rows: Sequence[Row]) -> None:
        """Make rows of one stream durable, all or none; raises Conflict when (stream, seq) is taken."""
        ...

    def read(self, stream: str, after: int = -1) -> Sequence[Row]:
        """Return the rows of `stream` with seq > `after`, in order."""
        ...

    def heads(self, prefix: str = "") -> Sequence[Head]:
        """Return the last row of every stream whose name starts with `prefix`, by name."""
        ...

    def erase(self, stream: str) -> None:
        """Delete data and salt of all rows of `stream`, from disk too; the chain stays."""
        ...


_COLUMNS = ("kind", "at", "by")
_session_decoder = msgspec.json.Decoder(SessionEvent)
_study_decoder = msgspec.json.Decoder(StudyEvent)

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""(kind, version) -> function from that version's fields to the next one's; applied while reading."""


def is_session(stream: str) -> bool:
    """Tell whether a stream is one participant's session (else a study's)."""
    return not stream.startswith("study:")


def chain_hash(row: Row) -> str:
    """Return the hash that `row` should carry."""
    return sha256(encode([row.prev, row.stream, row.seq, row.kind, row.v, row.at, row.by, row.cmd, row.body]))


def seal(prev: Row | Head | None, stream: str, event: Event, cmd: str, salt: str) -> Row:
    """Make the row that follows `prev`. `salt` is 32 random hexadecimal digits made by the caller."""
    fields: dict[str, Any] = msgspec.to_builtins(event)
    kind: str = fields["kind"]
    data = encode({name: value for name, value in fields.items() if name not in _COLUMNS}).decode()
    seq, before = (0, FIRST) if prev is None else (prev.seq + 1, prev.hash)
    body = sha256((salt + data).encode())
    row = Row(stream, seq, kind, VERSIONS[kind], event.at, event.by, cmd, data, salt, body, before, "")
    return msgspec.structs.replace(row, hash=chain_hash(row))


def event_of(row: Row) -> SessionEvent | StudyEvent:
    """Return the row's event, upcast to today's version; raises Broken for erased or unreadable rows."""
    if row.data is None:
        raise Broken(row.stream, row.seq, "its data were erased")
    decoder = _session_decoder if is_session(row.stream) else _study_decoder
    try:
        fields = msgspec.json.decode(row.data)
        version = row.v
        while version < VERSIONS.get(row.kind, 0):
            fields = UPCASTERS[row.kind, version](fields)
            version += 1
        return decoder.decode(encode({**fields, "kind": row.kind, "at": row.at, "by": row.by}))
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise Broken(row.stream, row.seq, f"its data cannot be read as {row.kind} version {row.v}: {error}") from error


def session_events(rows: Iterable[Row]) -> list[SessionEvent]:
    """Return the events of a session's rows; raises Broken for erased or unreadable rows and for a study's rows."""
    return [cast("SessionEvent", _session(row)) for row in rows]


def _session(row: Row) -> Event:
    if not is_session(row.stream):
        raise Broken(row.stream, row.seq, "it belongs to a study, not to a session")
    return event_of(row)


def verify_chain(rows: Sequence[Row]) -> None:
    """Check order, links and hashes of one stream's rows; raises Broken at the first thing wrong."""
    prev, at = FIRST, 0
    for seq, row in enumerate(rows):
        if row.stream != rows[0].stream:
            raise Broken(row.stream, row.seq, f"it belongs to another stream than {rows[0].stream}")
        if row.seq != seq:
            raise Broken(row.stream, row.seq, f"row {seq} should stand here: a row is missing, doubled or out of order")
        if row.prev != prev:
            raise Broken(row.stream, seq, "its link does not match the row before it")
        if row.at < at:
            raise Broken(row.stream, seq, "its time is before the row before it")
        if row.data is not None and row.body != sha256(((row.salt or "") + row.data).encode()):
            raise Broken(row.stream, seq, "its data were changed after it was written")
        if row.hash != chain_hash(row):
            raise Broken(row.stream, seq, "its hash does not match its content")
        prev, at = row.hash, row.at


def is_erased(rows: Sequence[Row]) -> bool:
    """Tell whether a stream's data were lawfully erased."""
    return bool(rows) and any(row.data is None for row in rows)
