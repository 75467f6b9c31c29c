"""Replays: what the replay page needs of one session, and whether its log can be trusted."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence

import msgspec

from game.canonical import Digest
from game.catalogue import Texts, words
from game.events import Assigned, Opened
from game.frames import frames
from game.log import Broken, Row, event_of, is_erased
from game.logfile import blobs_named, write
from game.plan import Script
from game.replay import Replay

ReadBlob = Callable[[Digest], bytes]


class Served(msgspec.Struct, frozen=True):
    """The replay, the interface's words in each language it was played in, and where reading had to stop."""

    replay: Replay
    words: Mapping[str, Mapping[str, str]]
    rows: int
    broken: str = ""


def served(rows: Sequence[Row], read_blob: ReadBlob) -> bytes:
    """Return the replay of a session as JSON; a log that breaks in the middle is replayed up to there."""
    sound, broken = _readable(rows)
    texts = catalogues(sound, read_blob)
    replay = frames(sound, texts)
    return msgspec.json.encode(Served(replay, {lang: words(text) for lang, text in texts.items()}, len(rows), broken))


def log_file(stream: str, rows: Sequence[Row], read_blob: ReadBlob) -> bytes:
    """Return the session as a log file: header, the blobs it names, its rows."""
    blobs: dict[Digest, bytes] = {}
    for digest in blobs_named(_readable(rows)[0]):
        with contextlib.suppress(LookupError):
            blobs[digest] = read_blob(digest)
    return b"".join(write({stream: rows}, blobs))


def catalogues(rows: Sequence[Row], read_blob: ReadBlob) -> dict[str, Texts]:
    """Return language -> catalogue as the session's scripts name them; missing blobs leave the keys to be seen."""
    found: dict[str, Texts] = {}
    for script in _scripts(rows):
        for lang, digest in script.texts.items():
            try:
                found[lang] = msgspec.json.decode(read_blob(digest), type=dict[str, str])
            except LookupError:
                found.setdefault(lang, {})
    return found


def _scripts(rows: Sequence[Row]) -> list[Script]:
    events = [event_of(row) for row in rows if row.kind in ("opened", "assigned") and row.data is not None]
    return [e.intake if isinstance(e, Opened) else e.plan for e in events if isinstance(e, Opened | Assigned)]


def renderer_of(rows: Sequence[Row]) -> str:
    """Return the digest of the browser's files that the session was opened with; "" where it is not known."""
    try:
        opened = event_of(rows[0])
    except Broken:
        return ""
    return opened.renderer if isinstance(opened, Opened) else ""


def _readable(rows: Sequence[Row]) -> tuple[Sequence[Row], str]:
    if is_erased(rows):
        return rows, ""
    for n, row in enumerate(rows):
        try:
            event_of(row)
        except Broken as error:
            return rows[:n], str(error)
    return rows, ""
