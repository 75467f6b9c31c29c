"""Log files, `*.log.jsonl`: a header, the blobs the logs name, and the rows. Over lines of bytes; opens no file.

Line 1 `{"format": "coplay-log", "version": 1, "core": ..., "streams": {...}}` with each stream's length and head hash;
then `{"blob": <sha256>, "text": ...}` for catalogues, study file and manifest; then `{"row": {...}}` in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from game.canonical import Digest, encode, sha256
from game.events import CORE, Assigned, Opened, Published
from game.log import Row, event_of, is_erased

VERSION = 1


class Truncated(ValueError):
    """The file ends early or a line cannot be read; the message names the line."""


class Length(msgspec.Struct, frozen=True):
    """How long a stream is and the hash of its last row."""

    rows: int
    head: str


class Header(msgspec.Struct, frozen=True):
    """The first line."""

    format: str
    version: int
    core: int
    streams: Mapping[str, Length]


class LogFile(msgspec.Struct, frozen=True):
    """A log file in memory: header, blobs by digest, rows by stream."""

    header: Header
    blobs: Mapping[Digest, bytes]
    streams: Mapping[str, Sequence[Row]]

    def read_blob(self, digest: Digest) -> bytes:
        """Return a blob's bytes; raises KeyError when the file does not carry it."""
        return self.blobs[digest]


class _Line(msgspec.Struct, frozen=True):
    blob: str | None = None
    text: str | None = None
    row: Row | None = None


_line = msgspec.json.Decoder(_Line)


def write(streams: Mapping[str, Sequence[Row]], blobs: Mapping[Digest, bytes]) -> Iterator[bytes]:
    """Yield the lines of a log file, each ending in a newline."""
    yield from begin({name: Length(len(rows), rows[-1].hash) for name, rows in streams.items() if rows}, blobs)
    for rows in streams.values():
        yield from map(line_of, rows)


def begin(lengths: Mapping[str, Length], blobs: Mapping[Digest, bytes]) -> Iterator[bytes]:
    """Yield the header and the blobs of a log file whose rows follow from elsewhere, as `line_of` writes them."""
    yield encode(Header("coplay-log", VERSION, CORE, lengths)) + b"\n"
    for digest in sorted(blobs):
        yield encode({"blob": digest, "text": blobs[digest].decode()}) + b"\n"


def line_of(row: Row) -> bytes:
    """Return the line of a row."""
    return encode({"row": row}) + b"\n"


def read(lines: Iterable[bytes]) -> LogFile:
    """Read a log file; raises Truncated naming the first line that is missing or cannot be read."""
    numbered = enumerate(lines, 1)
    _, first = next(numbered, (1, b""))
    try:
        header = msgspec.json.decode(first, type=Header)
    except msgspec.MsgspecError as error:
        raise Truncated(f"line 1 is not the header of a coplay log file: {error}") from error
    if header.format != "coplay-log" or header.version > VERSION:
        raise Truncated(f"line 1: format {header.format!r} version {header.version} is not known here")
    blobs: dict[Digest, bytes] = {}
    streams: dict[str, list[Row]] = {name: [] for name in header.streams}
    for number, text in numbered:
        try:
            line = _line.decode(text)
        except msgspec.MsgspecError as error:
            raise Truncated(f"line {number} cannot be read: {error}") from error
        if line.row is not None:
            streams.setdefault(line.row.stream, []).append(line.row)
        elif line.blob is not None and line.text is not None:
            if sha256(line.text.encode()) != line.blob:
                raise Truncated(f"line {number}: blob {line.blob[:12]} was altered")
            blobs[line.blob] = line.text.encode()
    for name, length in header.streams.items():
        if len(streams[name]) < length.rows:
            raise Truncated(f"stream {name} has {len(streams[name])} of {length.rows} rows: the file was cut off")
    return LogFile(header, blobs, streams)


def blobs_named(rows: Sequence[Row]) -> set[Digest]:
    """Return the digests of the blobs that a stream's rows name: catalogues, study file, manifest."""
    named: set[Digest] = set()
    if is_erased(rows):
        return named
    for row in rows:
        if row.kind not in ("opened", "assigned", "published"):
            continue
        event = event_of(row)
        script = event.intake if isinstance(event, Opened) else event.plan if isinstance(event, Assigned) else None
        if script is not None:
            named |= {script.study, script.manifest, *script.texts.values()}
        if isinstance(event, Published):
            named |= {event.manifest, *event.texts.values()}
    return named
