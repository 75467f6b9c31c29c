"""Logs as an export reads them: one stream at a time. A log file is indexed by where its lines begin, never held in memory."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import BinaryIO

import msgspec

from game.canonical import Digest, sha256
from game.log import Head, Row
from game.logfile import VERSION, Header, Truncated


class Logs(msgspec.Struct, frozen=True):
    """Streams with their lengths when the export began, and how to read one of them or a blob."""

    lengths: Mapping[str, int]
    read: Callable[[str], Sequence[Row]]
    read_blob: Callable[[Digest], bytes]
    """Raises LookupError when the blob is missing or was altered."""
    mark: str = ""
    """Digest that stands for all rows: equal marks, equal rows."""

    def rows(self, stream: str) -> Sequence[Row]:
        """Return the rows of a stream as it was when the export began: what is appended meanwhile is not part of it."""
        return self.read(stream)[: self.lengths[stream]]


class _Where(msgspec.Struct, frozen=True):
    stream: str


class _Line(msgspec.Struct, frozen=True):
    blob: str | None = None
    text: str | None = None
    row: _Where | None = None


class _Row(msgspec.Struct, frozen=True):
    row: Row


_line, _row = msgspec.json.Decoder(_Line), msgspec.json.Decoder(_Row)


def index(file: BinaryIO) -> Logs:
    """Index an open log file; raises Truncated naming the first line that is missing or cannot be read."""
    file.seek(0)
    first = file.readline()
    header, seen = _header(first), hashlib.sha256(first)
    at: dict[str, array[int]] = {name: array("Q") for name in header.streams}
    blobs: dict[Digest, int] = {}
    number, begin = 1, file.tell()
    while text := file.readline():
        number += 1
        seen.update(text)
        try:
            line = _line.decode(text)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise Truncated(f"line {number} cannot be read: {error}") from error
        if line.row is not None:
            at.setdefault(line.row.stream, array("Q")).append(begin)
        elif line.blob is not None:
            blobs[line.blob] = begin
        begin += len(text)
    for name, length in header.streams.items():
        if len(at[name]) < length.rows:
            raise Truncated(f"stream {name} has {len(at[name])} of {length.rows} rows: the file was cut off")

    def read(stream: str) -> list[Row]:
        return [_decode(file, begin, stream) for begin in at[stream]]

    def read_blob(digest: Digest) -> bytes:
        if digest not in blobs:
            raise LookupError(f"blob {digest[:12]} is not in the file")
        file.seek(blobs[digest])
        data = (_line.decode(file.readline()).text or "").encode()
        if sha256(data) != digest:
            raise LookupError(f"blob {digest[:12]} was altered")
        return data

    return Logs({name: len(where) for name, where in sorted(at.items()) if where}, read, read_blob, seen.hexdigest())


def mark_of(heads: Iterable[Head]) -> str:
    """Return the digest that stands for all rows of a store: of the hashes of every stream's last row."""
    return sha256(b"".join(msgspec.json.encode(head) + b"\n" for head in heads))


def _decode(file: BinaryIO, begin: int, stream: str) -> Row:
    file.seek(begin)
    try:
        return _row.decode(file.readline()).row
    except msgspec.MsgspecError as error:
        raise Truncated(f"a row of {stream} cannot be read: {error}") from error


def _header(first: bytes) -> Header:
    try:
        header = msgspec.json.decode(first, type=Header)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Truncated(f"line 1 is not the header of a coplay log file: {error}") from error
    if header.format != "coplay-log" or header.version > VERSION:
        raise Truncated(f"line 1: format {header.format!r} version {header.version} is not known here")
    return header
