"""Collecting: sessions one by one into the tables of an export, in bounded memory; what is left out is counted by its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from game.canonical import Digest
from game.log import is_session
from game.pack import Manifest
from game.round import Round
from server.report import pack_rows, sheets
from server.report.begun import Begun, Counts
from server.report.columns import Sheet
from server.report.lines import Lines
from server.report.logindex import Logs
from server.report.psychds import file_name
from server.report.raw import Raw
from server.report.release import Crowd
from server.report.visit import KINDS, REAL, Packs, Visit, visit_of
from server.report.visit_rows import (
    SHARED,
    Rules,
    event_rows,
    flat_round,
    response_rows,
    round_rows,
    session_row,
    value_rows,
)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to export and what to hide."""

    kinds: tuple[str, ...] = ()
    """Kinds of data; none: the real sessions, or the simulated ones where there are no others."""
    study: str = ""
    participant: str = ""
    """Public code of one person, for an access request: everything that is stored of them, withdrawn or not."""
    relative: bool = False
    release: bool = False
    withdrawn: bool = False
    """Keep people who withdrew in the tables."""


class Tables:
    """The tables of an export while they are written, and the counts."""

    def __init__(
        self, folder: Path, name: str, wanted: Wanted, known: Sequence[Sheet], begun: Counts | None = None
    ) -> None:
        self.folder, self.name, self.wanted = folder, name, wanted
        self.rules = Rules(relative=wanted.relative, release=wanted.release)
        files, self.open = begun.files if begun else {}, dict[str, Lines]()
        try:
            for sheet in known:
                self.open[sheet.name] = Lines(folder / file_name(name, sheet.name), sheet, files.get(sheet.name))
        except (ValueError, OSError):
            self.close()
            raise
        self.left_out, self.kinds, self.studies = Counter[str](), Counter[str](), set[str]()
        self.versions = Counter[str]()
        self.people, self.withdrawn, self.last = 0, 0, 0
        self.met: dict[tuple[str, str], str] = {}
        """(pack, stimulus) -> truth, of what was played."""
        if begun is not None:
            self._go_on(begun)

    def settle(self) -> Counts:
        """Make durable what was written so far, and say how far that is."""
        return Counts(
            left_out=self.left_out, kinds=self.kinds, studies=self.studies, versions=self.versions, people=self.people,
            withdrawn=self.withdrawn, last=self.last, met=self.met,
            files={name: lines.settle() for name, lines in self.open.items()},
        )  # fmt: skip

    def _go_on(self, begun: Counts) -> None:
        self.left_out, self.kinds, self.studies = Counter(begun.left_out), Counter(begun.kinds), set(begun.studies)
        self.versions, self.met = Counter(begun.versions), dict(begun.met)
        self.people, self.withdrawn, self.last = begun.people, begun.withdrawn, begun.last

    def write(self, sheet: str, rows: Iterable[dict[str, Any]]) -> None:
        """Write rows of one table."""
        for row in rows:
            self.open[sheet].write(row)

    def meet(self, pack: str, each: Round) -> None:
        """Remember a stimulus that was played."""
        self.met.setdefault((pack, each.specimen), each.truth)

    def add_packs(self, packs: dict[Digest, Manifest]) -> None:
        """Write stimuli and explanations of the packs, and the stimuli that no pack here has."""
        for sheet, rows, more in (
            (sheets.SPECIMENS, pack_rows.specimen_rows, pack_rows.specimen_columns(packs.values())),
            (sheets.EXPLANATIONS, pack_rows.explanation_rows, ()),
        ):
            full = msgspec.structs.replace(sheet, columns=(*sheet.columns, *more))
            self.open[sheet.name] = Lines(self.folder / file_name(self.name, sheet.name), full)
            for digest, pack in packs.items():
                self.write(sheet.name, rows(digest, pack))
        here = {(digest[:12], each.id) for digest, pack in packs.items() for each in pack.specimens}
        for (pack, specimen), truth in sorted(self.met.items()):
            if (pack, specimen) not in here:
                self.write("stimuli", [{"pack_id": pack, "stimulus_id": specimen, "truth": truth or None}])

    def close(self) -> None:
        """Close all files."""
        for lines in self.open.values():
            lines.close()


class Collector:
    """Reads every session of a log into tables and raw rows."""

    def __init__(self, logs: Logs, wanted: Wanted, tables: Tables, raw: Raw) -> None:
        self.logs, self.wanted, self.tables, self.raw = logs, wanted, tables, raw
        self.packs, self.crowd, self.blobs = Packs(logs.read_blob), Crowd(), set[Digest]()
        self.langs: dict[Digest, str] = {}
        self._kinds = wanted.kinds or default_kinds(logs.lengths)

    def add(self, stream: str) -> None:
        """Export one session, or count why it is left out; raises Unreadable where its chain does not hold."""
        visit = visit_of(stream, self.logs.rows(stream))
        why = visit if isinstance(visit, str) else self._unwanted(visit)
        if why or isinstance(visit, str):
            if why != "it is somebody else's" or not self.wanted.participant:
                self.tables.left_out[why] += 1
            return
        bare = visit.withdrew and not self.wanted.participant and not self.wanted.withdrawn
        self.raw.add(visit, bare=bare)
        if bare:
            self.tables.withdrawn += 1
            return
        self._tell(visit)

    def settle(self, key: str, done: int) -> Begun:
        """Make durable what was collected, and return how far that is; `done` streams were added."""
        crowd = self.crowd.counts
        return Begun(
            key=key, done=done, tables=self.tables.settle(), raw=self.raw.cut(), blobs=self.blobs, langs=self.langs,
            packs=list(self.packs.known), notes=self.packs.notes, crowd=crowd[0], single=crowd[1], whole=crowd[2],
        )  # fmt: skip

    def go_on(self, begun: Begun) -> None:
        """Take up what was collected, beside the tables and the raw rows."""
        self.blobs, self.langs = set(begun.blobs), dict(begun.langs)
        for digest in begun.packs:
            self.packs.get(digest)
        self.packs.notes |= begun.notes
        self.crowd = Crowd(begun.crowd, begun.single, begun.whole)

    def _tell(self, visit: Visit) -> None:
        tables, rules, script = self.tables, self.tables.rules, visit.script
        self.blobs |= {script.study, script.manifest, *script.texts.values()}
        self.langs |= {digest: lang for lang, digest in script.texts.items()}
        rounds: list[Round] = []
        for each, row in round_rows(visit, self.packs.get(script.manifest), rules):
            rounds.append(each)
            tables.meet(row["pack_id"], each)
            tables.write("trials", [row])
            tables.write("roundvalues", value_rows(row, each))
        row = session_row(visit, rounds, rules)
        tables.write("sessions", [row])
        tables.write("events", event_rows(visit, rules))
        tables.write("responses", response_rows(visit, self._texts(script.texts.get(visit.state.lang, "")), rules))
        tables.people += 1
        tables.kinds[visit.kind] += 1
        tables.studies.add(visit.opened.study)
        tables.versions[f"study version {visit.opened.version}, core {visit.opened.core}"] += 1
        tables.last = max(tables.last, visit.events[-1].at)
        self.crowd.add(visit)

    def _texts(self, digest: Digest) -> dict[str, str]:
        try:
            return msgspec.json.decode(self.logs.read_blob(digest), type=dict[str, str])
        except (LookupError, ValueError):
            self.packs.notes.add("without the texts: how questions read is not known")
            return {}

    def _unwanted(self, visit: Visit) -> str:
        wanted = self.wanted
        if wanted.participant:
            return "" if visit.opened.session == wanted.participant else "it is somebody else's"
        if wanted.study and visit.opened.study != wanted.study:
            return "it is of another study"
        if visit.kind not in self._kinds:
            return f"it is {visit.kind} data (--prefix {visit.kind} exports those)"
        if visit.erase:
            return "the person asked at the debrief that the answers be deleted"
        if wanted.release and not visit.shares:
            return "the person did not agree that answers may be shared"
        return ""


def default_kinds(streams: Iterable[str]) -> tuple[str, ...]:
    """Return what is exported when nothing is asked for: real data, or simulated data where there is nothing else."""
    kinds = {
        next((kind for kind in KINDS if name.startswith(f"{kind}/")), REAL) for name in streams if is_session(name)
    }
    return ("simulated",) if kinds == {"simulated"} else (REAL,)


def _kind(each: Round) -> str:
    return REAL if each.source == "coplay" else each.source


class Overview(msgspec.Struct, frozen=True):
    """What a first look at the rounds of a file finds: their studies, and the kinds of data that are exported by default."""

    studies: frozenset[str]
    kinds: tuple[str, ...]


def overview(rounds: Iterable[Round]) -> Overview:
    """Look at all rounds once, keeping none; simulated ones are exported by default only where there are no others."""
    studies, kinds = set[str](), set[str]()
    for each in rounds:
        studies.add(each.study)
        kinds.add(_kind(each))
    return Overview(frozenset(studies), tuple(sorted(kinds - {"simulated"} or kinds)))


People = dict[tuple[str, str], tuple[int, int]]
"""(study, participant) -> rounds, of them scored."""


def add_round(tables: Tables, each: Round, kinds: Collection[str], people: People) -> None:
    """Export one round of a rounds file, or count why it is left out; `people` counts the rounds of each person."""
    wanted, kind = tables.wanted, _kind(each)
    if wanted.participant not in ("", each.participant) or wanted.study not in ("", each.study):
        return
    if kind not in kinds:
        tables.left_out[f"they are rounds of {kind} data (--prefix {kind} exports those)"] += 1
        return
    who = (each.study, each.participant)
    met, scored = people.get(who, (0, 0))
    people[who] = met + 1, scored + each.scored
    session = f"{each.study}/{each.participant}"
    keys = {"session_id": session, "data_kind": kind, "pack_id": each.study, "trial_id": f"{session}:{met + 1}"}
    row = flat_round(each, tables.rules) | keys
    tables.meet(each.study, each)
    tables.write("trials", [row])
    tables.write("roundvalues", value_rows({name: row.get(name) for name in SHARED}, each))
    tables.kinds[kind] += not met
    tables.studies.add(each.study)
    tables.last = max(tables.last, each.started_at or 0)


def add_people(tables: Tables, people: People) -> None:
    """Write what can be known of the people of a rounds file: their sessions."""
    tables.people = len(people)
    for (study, who), (met, scored) in people.items():
        row = {"study_id": study, "subject_id": who, "session_id": f"{study}/{who}", "pack_id": study}
        tables.write("sessions", [row | {"rounds": met, "rounds_scored": scored}])
