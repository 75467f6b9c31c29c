"""What an export takes out of its source, session by session or round by round, into a folder; then the folder is finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from game import roundsfile
from game.canonical import Digest
from game.log import is_session
from server.report import begun, papers, sheets
from server.report.begun import Begun
from server.report.bundle import Job, Made, as_json, finish
from server.report.collect import Collector, Overview, Tables, Wanted, add_people, add_round
from server.report.documents import write_consent, write_guide
from server.report.logindex import Logs
from server.report.materials import write_credits, write_materials
from server.report.raw import Raw, compress
from server.report.source import Unreadable

SETTLE = 100_000
"""After so many rounds of a rounds file, what was written is settled."""


def export_logs(logs: Logs, job: Job, k: int, done: Callable[[], None] = lambda: None) -> Made:
    """Write an export of logs into `job.folder`, taking up what is there of the same export; raises Unreadable, OSError."""
    key = begun.key_of(logs.mark, job.wanted, job.name)
    collector, before = _collector(logs, job, key)
    tables, raw = collector.tables, collector.raw
    try:
        for at, stream in enumerate(sorted(name for name in logs.lengths if is_session(name)), 1):
            if at > before:
                collector.add(stream)
                if raw.full:
                    begun.write(job.folder, collector.settle(key, at))
            done()
        _some(tables, job.wanted)
        packs = {digest: pack for digest, pack in collector.packs.known.items() if pack is not None}
        tables.add_packs(packs)
        blobs = {digest: data for digest in sorted(collector.blobs) if (data := _blob(logs, digest)) is not None}
        raw.close({} if job.wanted.release else blobs)
    finally:
        raw.abandon()
        tables.close()
    (raw.path.parent / "heads.json").write_text(as_json(raw.heads), "utf-8")
    write_materials(job.folder / "materials", blobs, job.study_folder, release=job.wanted.release)
    write_credits(job.folder / "materials", packs)
    write_guide(job.folder / "materials", packs.values())
    documents = job.folder / "documentation"
    documents.mkdir()
    write_consent(documents, blobs, collector.langs)
    small = collector.crowd.small(k) if job.wanted.release else []
    form = papers.RELATIVE if tables.rules.relative else papers.PLAIN
    begun.drop(job.folder)
    made = finish(job, tables, packs, sorted(collector.packs.notes), small, form)
    return msgspec.structs.replace(made, before=before)


def _collector(logs: Logs, job: Job, key: str) -> tuple[Collector, int]:
    """Return a collector with what was settled of this export before, and how many streams that were."""
    found = begun.read(job.folder, key)
    data, wanted = job.folder / "data", job.wanted
    (data / "raw").mkdir(parents=True, exist_ok=True)
    try:
        tables = Tables(data, job.name, wanted, sheets.OF_LOGS, found and found.tables)
        try:
            raw = Raw(data / "raw", relative=tables.rules.relative, release=wanted.release, begun=found and found.raw)
        except (ValueError, OSError):
            tables.close()
            raise
    except (ValueError, FileNotFoundError):
        begun.clear(job.folder, set())
        return _collector(logs, job, key)
    collector = Collector(logs, wanted, tables, raw)
    if found:
        collector.go_on(found)
    return collector, found.done if found else 0


def export_rounds(path: Path, known: Overview, mark: str, notes: Sequence[str], job: Job) -> Made:
    """Write an export of a rounds file into `job.folder`; rounds are read one by one, twice in all. Raises as `export_logs`.

    `known` is what a first look found (see `overview`), `mark` stands for the file's bytes.
    """
    key, data = begun.key_of(mark, job.wanted, job.name), job.folder / "data"
    found = begun.read(job.folder, key)
    (data / "raw").mkdir(parents=True, exist_ok=True)
    try:
        tables = Tables(data, job.name, job.wanted, sheets.OF_ROUNDS, found and found.tables)
    except (ValueError, FileNotFoundError):
        begun.clear(job.folder, set())
        return export_rounds(path, known, mark, notes, job)
    people, before = dict(found.people) if found else {}, found.done if found else 0
    try:
        with path.open("rb") as file:
            for at, each in enumerate(roundsfile.stream(file)[1], 1):
                if at > before:
                    add_round(tables, each, job.wanted.kinds or known.kinds, people)
                    if at % SETTLE == 0:
                        begun.write(job.folder, Begun(key=key, done=at, tables=tables.settle(), people=people))
        add_people(tables, people)
        _some(tables, job.wanted)
        tables.add_packs({})
    finally:
        tables.close()
    whole = not job.wanted.participant and not job.wanted.study
    if whole:
        with path.open("rb") as file:
            compress(file, data / "raw" / "rounds.jsonl.gz")
    begun.drop(job.folder)
    form = papers.ROUNDS if whole else ""
    return msgspec.structs.replace(finish(job, tables, {}, notes, [], form), before=before)


def _some(tables: Tables, wanted: Wanted) -> None:
    if tables.people:
        return
    who = f"no session of {wanted.participant}" if wanted.participant else "no session to export"
    out = "; ".join(f"{count} left out because {why}" for why, count in tables.left_out.items())
    gone = f"; {tables.withdrawn} withdrew" if tables.withdrawn else ""
    raise Unreadable(who + (f": {out}" if out else "") + gone)


def _blob(logs: Logs, digest: Digest) -> bytes | None:
    try:
        return logs.read_blob(digest)
    except LookupError:
        return None
