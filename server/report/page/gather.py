"""Gathering: what a report needs of every session, one session in memory at a time; rounds are held in columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from game import roundsfile
from game.canonical import Digest
from game.log import is_session
from game.pack import Manifest
from game.round import Round
from game.rounds import rounds_of
from server.report.collect import default_kinds
from server.report.logindex import Logs
from server.report.page.exchange import exchange_ms
from server.report.page.held import Held
from server.report.source import PlayedStudy, Source, Unreadable
from server.report.visit import Packs, Visit, visit_of
from server.report.visit_rows import Rules, response_rows, session_row

LIVE = Rules(release=True)
"""No words of people's own come into a report, and no platform."""

SESSION = (
    "subject_id", "study_version", "core", "outcome", "locale", "duration_ms", "rounds_scored", "reconnects", "viewport_w",
    "pointer", "flags",
)  # fmt: skip
"""Columns of a session that figures and tables read."""


class Asked(msgspec.Struct, frozen=True):
    """What to gather: kinds of data (none: real ones, or simulated ones where there are no others), and one study."""

    kinds: tuple[str, ...] = ()
    study: str = ""
    release: bool = False
    """Only who agreed that answers may be shared; nothing of who withdrew, not even in the flow."""


class Said(msgspec.Struct, frozen=True):
    """One answer to a questionnaire."""

    participant: str
    item: str
    text: str
    number: float
    least: float
    most: float
    phase: str = ""


class Gathered(msgspec.Struct, kw_only=True):
    """Everything that a report tells from."""

    rounds: list[Round] = []
    sessions: list[dict[str, Any]] = []
    """Columns `SESSION` of the exported table of sessions, with `exchange_ms` (see `exchange`), `assigned`, and `why`: why it is
    not analysed, or ""."""
    said: list[Said] = []
    packs: dict[Digest, Manifest] = {}
    played: dict[Digest, PlayedStudy] = {}
    facts: dict[str, str | int] = {}
    left_out: dict[str, int] = {}
    notes: list[str] = []

    @property
    def source(self) -> Source:
        """The same as a comparison with a preregistration takes it."""
        return Source(
            rounds=self.rounds, facts=self.facts, left_out=self.left_out, notes=tuple(self.notes), studies=self.played
        )


def gather(opened: Logs | Path, asked: Asked, done: Callable[[], None] = lambda: None) -> Gathered:
    """Read an opened source (see `coplay export`); raises Unreadable where it cannot be read or holds nothing to report."""
    made = _logs(opened, asked, done) if isinstance(opened, Logs) else _file(opened, asked)
    studies = Counter(each.study for each in made.rounds)
    if len(studies) > 1:
        told = ", ".join(f"{name} ({n} rounds)" for name, n in sorted(studies.items()))
        raise Unreadable(
            f"there are {len(studies)} studies here, and a report is about one: choose with --study: {told}"
        )
    if not made.rounds:
        idle = sum(not each["why"] for each in made.sessions)
        told = [f"{n} sessions left out because {why}" for why, n in made.left_out.items()]
        why = "; ".join([*told, *([f"{idle} session{'s' * (idle > 1)} without a finished round"] if idle else [])])
        raise Unreadable("there is no round to report" + (f": {why}" if why else ""))
    return made


def _file(path: Path, asked: Asked) -> Gathered:
    if asked.release:
        raise Unreadable(f"{path}: --release needs a log: a rounds file does not say who agreed to what")
    try:
        with path.open("rb") as file:
            header, rounds = roundsfile.decode(file)
    except roundsfile.BadFile as error:
        raise Unreadable(f"{path}: {error}") from error
    names = ("importer", "cite", "licence", "excluded_participants", "excluded_rounds")
    facts = {name: getattr(header, name) for name in names if getattr(header, name)}
    kinds = {"coplay": "real"}
    present = {kinds.get(each.source, each.source) for each in rounds}
    wanted = asked.kinds or tuple(present - {"simulated"} or present)
    left_out: Counter[str] = Counter()
    kept = Held()
    for each in rounds:
        kind = kinds.get(each.source, each.source)
        if kind not in wanted:
            left_out[f"they are rounds of {kind} data (--prefix {kind} reads those)"] += 1
        elif asked.study in ("", each.study):
            kept.append(each)
    return Gathered(rounds=kept.rounds(), facts=facts, left_out=dict(left_out), notes=list(header.notes))


def _logs(logs: Logs, asked: Asked, done: Callable[[], None]) -> Gathered:
    made, held, packs = Gathered(), Held(), Packs(logs.read_blob)
    kinds = asked.kinds or default_kinds(logs.lengths)
    left_out: Counter[str] = Counter()
    played: Counter[Digest] = Counter()
    texts: dict[Digest, dict[str, str]] = {}
    for stream in sorted(name for name in logs.lengths if is_session(name)):
        visit = visit_of(stream, logs.rows(stream))
        why = visit if isinstance(visit, str) else _unwanted(visit, kinds, asked)
        if isinstance(visit, str) or (why and why not in SEEN):
            left_out[why] += 1
        else:
            rounds = [] if why else rounds_of(visit.events, packs.get(visit.script.manifest))
            held.extend(rounds)
            made.sessions.append(_session(visit, rounds, why))
            if why:
                left_out[why] += 1
            else:
                played[visit.opened.intake.study] += 1
                made.said += _said(visit, _texts(logs, visit, texts))
        done()
    made.rounds = held.rounds()
    made.packs = {digest: pack for digest, pack in packs.known.items() if pack is not None}
    made.played = {study: PlayedStudy(_blob(logs, study), n) for study, n in sorted(played.items())}
    made.left_out, made.notes = dict(left_out), sorted(packs.notes)
    return made


def _session(visit: Visit, rounds: list[Round], why: str) -> dict[str, Any]:
    row = session_row(visit, rounds, LIVE)
    kept = {name: row[name] for name in SESSION}
    return kept | {
        "exchange_ms": exchange_ms(visit.events),
        "assigned": visit.state.assigned is not None,
        "why": why,
    }


WITHDREW, DELETED = "the person withdrew", "the person asked at the debrief that the answers be deleted"
SEEN = (WITHDREW, DELETED)
"""Sessions that stand in the participant flow, though nothing of them is analysed."""


def _unwanted(visit: Visit, kinds: Sequence[str], asked: Asked) -> str:
    if asked.study and visit.opened.study != asked.study:
        return "it is of another study"
    if visit.kind not in kinds:
        return f"it is {visit.kind} data (--prefix {visit.kind} reads those)"
    if asked.release and (visit.withdrew or visit.erase or not visit.shares):
        return "the person did not agree that answers may be shared, or withdrew"
    return DELETED if visit.erase else WITHDREW if visit.withdrew else ""


def _texts(logs: Logs, visit: Visit, known: dict[Digest, dict[str, str]]) -> Mapping[str, str]:
    digest = visit.script.texts.get(visit.state.lang, "")
    if digest not in known:
        try:
            known[digest] = msgspec.json.decode(logs.read_blob(digest), type=dict[str, str])
        except (LookupError, ValueError):
            known[digest] = {}
    return known[digest]


def _blob(logs: Logs, digest: Digest) -> bytes:
    try:
        return logs.read_blob(digest)
    except (LookupError, ValueError, OSError):
        return b""


def _said(visit: Visit, texts: Mapping[str, str]) -> list[Said]:
    rows = [row for row in response_rows(visit, texts, LIVE) if str(row["item"]).startswith("q.")]
    return [
        Said(
            str(row["subject_id"]),
            str(row["item"]),
            str(row["item_text"] or row["item"]),
            float(row["value_number"]),
            float(row["least"]),
            float(row["most"]),
            str(row["phase"]),
        )
        for row in rows
        if row["value_number"] is not None and row.get("least") is not None and row.get("most") is not None
    ]
