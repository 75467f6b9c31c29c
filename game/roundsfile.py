"""Rounds files (`*.rounds.jsonl`): one header line, then one `Round` a line; the tidy exchange format of measures.

Line 1 is `{"format": "coplay-rounds", "version": 1, "source": ..., "rounds": N, ...}`. Strict: what is unknown, doubled, missing or
of another version is refused with its line number, never skipped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

from game.canonical import encode as canonical
from game.round import VERSION, Round

FORMAT = "coplay-rounds"
SUFFIX = ".rounds.jsonl"
_FIELDS = frozenset(Round.__struct_fields__)
_object = msgspec.json.Decoder(dict[str, Any])


class Header(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """The first line: where the rounds are from."""

    format: Literal["coplay-rounds"] = msgspec.field(default=FORMAT)
    version: int = VERSION
    source: Literal["coplay", "imported", "simulated", "mixed"] = "coplay"
    rounds: int | None = None
    """How many rounds follow; None when the writer did not know. A file that ends earlier is truncated."""
    importer: str = ""
    cite: str = ""
    licence: str = ""
    """Licence of the data, not of the program."""
    excluded_participants: int = 0
    """Participants kept out of this file, e.g. by their authors' rule."""
    excluded_rounds: int = 0
    notes: tuple[str, ...] = ()


class BadFile(ValueError):
    """The file cannot be read as rounds: `line` (from 1) and `why`."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line, self.why = line, why


def encode(header: Header, rounds: Sequence[Round]) -> Iterator[bytes]:
    """Yield the lines of a rounds file, each ending in a newline; the header's count is set.

    Equal rounds give equal bytes. Floats must be finite: NaN is not JSON.
    """
    yield _line({"format": FORMAT, "version": VERSION} | _fields(msgspec.structs.replace(header, rounds=len(rounds))))
    for each in rounds:
        yield _line(_fields(each))


def decode(lines: Iterable[bytes]) -> tuple[Header, list[Round]]:
    """Read a rounds file's lines; raises BadFile at the first thing wrong."""
    header, rounds = stream(lines)
    return header, list(rounds)


def stream(lines: Iterable[bytes]) -> tuple[Header, Iterator[Round]]:
    """Read the header, and the rounds as they are asked for, none of them kept; both raise BadFile at the first thing wrong.

    That the file is whole is known only when the last round was read.
    """
    numbered = enumerate(lines, 1)
    header = _header(next(numbered, (1, b""))[1])
    return header, _rounds(header, numbered)


def _rounds(header: Header, numbered: Iterator[tuple[int, bytes]]) -> Iterator[Round]:
    seen: set[bytes] = set()
    ended, last, count = True, 1, 0
    for last, line in numbered:
        if not ended:
            raise BadFile(last - 1, "it is empty or broken off")
        ended = line.endswith(b"\n")
        made = _round(last, line)
        _once(last, made, seen)
        count += 1
        yield made
    if header.rounds is not None and count != header.rounds:
        what = "the file is truncated" if count < header.rounds else "lines were added"
        raise BadFile(last, f"the header says {header.rounds} rounds, here are {count}: {what}")


def _line(value: dict[str, Any]) -> bytes:
    return canonical(value) + b"\n"


def _fields(struct: msgspec.Struct) -> dict[str, Any]:
    return msgspec.to_builtins(struct)


def _header(line: bytes) -> Header:
    if not line.strip():
        raise BadFile(1, "the file is empty")
    wanted = f'not a rounds file: it should begin with {{"format": "{FORMAT}", ...}}'
    try:
        raw = _object.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFile(1, wanted) from error
    if raw.get("format") != FORMAT:
        raise BadFile(1, f"{wanted}, not with format {raw.get('format')!r}")
    if raw.get("version") != VERSION:
        raise BadFile(1, f"version {raw.get('version')!r} of the rounds format; this coplay reads version {VERSION}")
    try:
        return msgspec.convert(raw, Header)
    except msgspec.ValidationError as error:
        raise BadFile(1, f"the header is wrong: {_plain(error)}") from error


def _round(number: int, line: bytes) -> Round:
    if not line.strip():
        raise BadFile(number, "it is empty")
    try:
        raw = _object.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        whole = line.endswith(b"\n")
        raise BadFile(number, "it is not a JSON object" if whole else "it breaks off: the file is truncated") from error
    if "format" in raw:
        raise BadFile(number, "a second header: rounds files cannot be concatenated, measure them together instead")
    if unknown := raw.keys() - _FIELDS:
        raise BadFile(number, f"unknown field {', '.join(sorted(unknown))}: it was made by another version")
    try:
        made = msgspec.convert(raw, Round)
    except msgspec.ValidationError as error:
        raise BadFile(number, _plain(error)) from error
    if not made.participant or not made.specimen or made.round < 1:
        raise BadFile(number, "participant and specimen may not be empty, and rounds count from 1")
    return made


def _once(number: int, made: Round, seen: set[bytes]) -> None:
    names = (made.study, made.participant, made.phase, made.condition, made.round, made.specimen)
    key = hashlib.blake2b(repr(names).encode(), digest_size=16).digest()  # short: a set of a million is 100 MB
    if key in seen:
        raise BadFile(number, f"participant {made.participant}, round {made.round}, {made.specimen} stands here twice")
    seen.add(key)


def _plain(error: msgspec.ValidationError) -> str:
    return re.sub(r" - at `\$\.?([^`]*)`", r" in \1", str(error))
