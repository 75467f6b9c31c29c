"""Where rounds come from: a rounds file, a log file, or the rows of a store that a command has opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from game import logfile, pack, roundsfile
from game.canonical import Digest
from game.events import Opened, SessionEvent
from game.log import Broken, Row, is_erased, is_session, session_events, verify_chain
from game.pack import Manifest
from game.round import Round
from game.rounds import rounds_of
from server.report.scales import Answers, Given

KEPT = frozenset({"", "simulated"})
"""Prefixes of sessions that are read when none is asked for; simulated ones are a group of their own."""


class PlayedStudy(msgspec.Struct, frozen=True):
    """A study file that sessions were played with, as canonical JSON (empty where the blob is missing)."""

    file: bytes
    sessions: int


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Rounds and what a reader must know about them."""

    rounds: list[Round]
    facts: Mapping[str, str | int] = {}
    """Importer, citation, licence, exclusions: what the file says of itself."""
    left_out: Mapping[str, int] = {}
    """Why sessions were left out -> how many."""
    notes: tuple[str, ...] = ()
    studies: Mapping[Digest, PlayedStudy] = {}
    """Digest of each study file that was played -> the file and its sessions; empty where the data name none."""
    answers: Given | None = None
    """What was answered to questionnaires; None of a rounds file, which has none."""


class Unreadable(ValueError):
    """A file or store that cannot be read as rounds or as a log; the message says why, with the line where there is one."""


def rounds_from(path: Path, prefix: str | None = None) -> Source:
    """Read a rounds file or a log file, told apart by the first line; raises Unreadable, or OSError when it cannot be opened.

    `prefix` reads only the sessions of that kind ("pilot", "preview", "simulated") of a log file.
    """
    with path.open("rb") as file:
        kind = _format(file)
        file.seek(0)
        try:
            if kind == "coplay-log":
                log = logfile.read(file)
                return rounds_of_streams(sorted(log.streams.items()), log.read_blob, prefix)
            header, rounds = roundsfile.decode(file)
        except (roundsfile.BadFile, logfile.Truncated) as error:
            raise Unreadable(f"{path}: {error}") from error
    names = ("importer", "cite", "licence", "excluded_participants", "excluded_rounds")
    facts = {name: getattr(header, name) for name in names if getattr(header, name)}
    return Source(rounds=rounds, facts=facts, notes=header.notes)


def _format(file: BinaryIO) -> str:
    try:
        first: Any = msgspec.json.decode(file.readline(1 << 24))
        return str(first["format"])
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError):
        return ""


def rounds_of_streams(
    streams: Iterable[tuple[str, Sequence[Row]]], read_blob: Callable[[Digest], bytes], prefix: str | None = None
) -> Source:
    """Fold every session, given as (stream, rows) one by one, into rounds.

    Chains are checked first: what was altered is not measured (Unreadable).
    """
    left_out: Counter[str] = Counter()
    notes: set[str] = set()
    manifests: dict[Digest, Manifest | None] = {}
    rounds: list[Round] = []
    played: Counter[Digest] = Counter()
    answers = Answers()
    for name, rows in streams:
        if not is_session(name) or not rows:
            continue
        events = _events(name, rows)
        why = "its data were erased" if events is None else _unwanted(events, prefix)
        if why:
            left_out[why] += 1
            continue
        digest = _manifest_of(events or [])
        played.update(_study_of(events or []))
        answers.add(events or [])
        if digest is not None and digest not in manifests:
            manifests[digest] = _manifest(digest, read_blob, notes)
        rounds += rounds_of(events or [], manifests[digest] if digest else None)
    studies = {study: PlayedStudy(_file(study, read_blob), count) for study, count in sorted(played.items())}
    return Source(
        rounds=rounds, left_out=dict(left_out), notes=tuple(sorted(notes)), studies=studies, answers=answers.given
    )


def _study_of(events: Iterable[SessionEvent]) -> list[Digest]:
    return [event.intake.study for event in events if isinstance(event, Opened)]


def _file(digest: Digest, read_blob: Callable[[Digest], bytes]) -> bytes:
    try:
        return read_blob(digest)
    except (LookupError, ValueError, OSError):
        return b""


def _events(name: str, rows: Sequence[Row]) -> list[SessionEvent] | None:
    if is_erased(rows):
        return None
    try:
        verify_chain(rows)
        return session_events(rows)
    except Broken as error:
        raise Unreadable(f"{error}; `coplay verify` says more of {name}") from error


def _unwanted(events: Sequence[SessionEvent], prefix: str | None) -> str:
    opened = next((event for event in events if isinstance(event, Opened)), None)
    if opened is None:
        return "it was never opened"
    if prefix is None:
        return (
            "" if opened.prefix in KEPT else f"it is a {opened.prefix} session (--prefix {opened.prefix} reads those)"
        )
    return "" if opened.prefix == prefix else f"it is no {prefix} session"


def _manifest_of(events: Iterable[SessionEvent]) -> Digest | None:
    opened = next((event for event in events if isinstance(event, Opened)), None)
    return opened.intake.manifest if opened else None


def _manifest(digest: Digest, read_blob: Callable[[Digest], bytes], notes: set[str]) -> Manifest | None:
    try:
        return pack.decode(read_blob(digest))
    except (LookupError, ValueError) as error:
        notes.add(f"without the pack's manifest ({error}): probabilities, scenes and map gaps are not known")
        return None
