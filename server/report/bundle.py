"""The export as one folder: a Psych-DS 1.5 data set and a Frictionless Data Package 2.0 at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from game.canonical import Digest
from game.pack import Manifest
from server.report import codebook, eventschema, frictionless, papers, parquet, psychds, sheets, workbook
from server.report.about import About
from server.report.attached import attach
from server.report.collect import Tables, Wanted
from server.report.columns import Sheet
from server.report.frictionless import Written
from server.report.lines import Lines, instant
from server.report.pack_rows import labels
from server.report.release import Cell
from server.report.source import Unreadable

TOPS = ("data", "parquet", "excel", "materials", "documentation", "analysis", "results")
"""Folders of an export."""
KEPT = ("sessions", "trials")
"""Tables that are written even when they have no row."""


class Made(msgspec.Struct, frozen=True):
    """What was exported, for the person who asked."""

    counts: Mapping[str, int]
    left_out: Mapping[str, int]
    notes: Sequence[str]
    small: Sequence[Cell] = ()
    """Release only: values that few people share."""
    digest: str = ""
    """sha256 of SHA256SUMS: it stands for the whole folder."""
    before: int = 0
    """Sessions, or rounds of a rounds file, that an export that was stopped had written already."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What an export needs beside its source."""

    folder: Path
    wanted: Wanted
    about: About
    name: str
    """Of the study, as files are called."""
    study_folder: Path | None = None
    version: str = "1.0.0"
    records: Mapping[str, str] = {}
    """More documents, name -> text: what the study's folder says of its processing of data."""
    report: Path | None = None
    """A report of the same data, to lie in it."""
    excel: bool = False
    before: str = ""
    """CHANGES.md of the export that this one replaces."""


def finish(
    job: Job, tables: Tables, packs: Mapping[Digest, Manifest], notes: Sequence[str], small: Sequence[Cell], form: str
) -> Made:
    """Write everything beside the tables, which are closed, and check the whole. Raises Unreadable, OSError."""
    names = labels(packs.values())
    kept: list[tuple[Lines, Sheet]] = []
    for lines in tables.open.values():
        if lines.count or lines.sheet.name in KEPT:
            whole = sheets.with_labels(lines.sheet, names) if lines.sheet.name == "trials" else lines.sheet
            kept.append((lines, whole))
        else:
            lines.path.unlink()
    for lines, sheet in kept:
        side = lines.path.with_name(lines.path.name.replace("_data.csv", "_data.json"))
        side.write_text(as_json(psychds.sidecar(sheet.about, sheet.columns)), "utf-8")
    told = _notes(tables, notes)
    if parquet.available():
        (job.folder / "parquet").mkdir()
        for lines, sheet in kept:
            parquet.mirror(lines.path, job.folder / "parquet" / f"{sheet.name}.parquet", sheet)
    else:
        told.append("without Parquet: pip install 'coplay[report]' adds it")
    told += _extras(job, kept)
    counts = _counts(tables, kept)
    _papers(job, tables, kept, counts, told, form)
    _package(job, tables, kept)
    if wrong := psychds.problems(job.folder):
        raise Unreadable("the export would be no valid Psych-DS data set: " + "; ".join(wrong))
    return Made(counts, dict(tables.left_out), told, small, _sums(job.folder))


def _extras(job: Job, kept: Sequence[tuple[Lines, Sheet]]) -> list[str]:
    """Write what was asked for beside the tables: the workbook, the report; return what must be said of it."""
    if job.report is not None:
        (rounds,) = (lines.path for lines, sheet in kept if sheet.name == "trials")
        attach(job.report, job.folder, rounds)
    if not job.excel:
        return []
    (job.folder / "excel").mkdir()
    name = f"{psychds.slug(job.name)}.xlsx"
    cut = workbook.write(job.folder / "excel" / name, [(lines.path, sheet) for lines, sheet in kept])
    return [f"excel/{name}: {cut} texts are longer than a cell of Excel can be, and cut there"] if cut else []


def _notes(tables: Tables, notes: Sequence[str]) -> list[str]:
    told = list(notes)
    if set(tables.kinds) - {"real"}:
        told.insert(0, "kinds of data: " + ", ".join(f"{kind} {n}" for kind, n in sorted(tables.kinds.items())))
    if len(tables.versions) > 1:
        told.append(
            "mixed versions: " + "; ".join(f"{what}: {n} sessions" for what, n in sorted(tables.versions.items()))
        )
    if len(tables.studies) > 1:
        told.append("several studies: " + ", ".join(sorted(tables.studies)))
    return told


def _counts(tables: Tables, kept: Sequence[tuple[Lines, Sheet]]) -> dict[str, int]:
    rows = {sheet.name: lines.count for lines, sheet in kept}
    return rows | {"withdrawn": tables.withdrawn, "left out": sum(tables.left_out.values())}


def title_of(job: Job, tables: Tables) -> tuple[str, str]:
    """Return title and description."""
    study = ", ".join(sorted(tables.studies))
    kinds = "" if set(tables.kinds) == {"real"} else f" ({', '.join(sorted(tables.kinds))} data)"
    title = job.about.title or f"Decisions of people with an AI teammate: {study}{kinds}"
    text = job.about.description or (
        f"Sessions of the study {study}{kinds}: people classify images with an AI teammate in a browser, played and logged with "
        "coplay. Rounds, events, answers on pages, stimuli and explanations."
    )
    return title, text


def _papers(
    job: Job,
    tables: Tables,
    kept: Sequence[tuple[Lines, Sheet]],
    counts: Mapping[str, int],
    told: Sequence[str],
    form: str,
) -> None:
    title, text = title_of(job, tables)
    last = instant(tables.last) if tables.last and not tables.rules.relative else ""
    files = [(f"data/{lines.path.name}", sheet) for lines, sheet in kept]
    documents = job.folder / "documentation"
    documents.mkdir(exist_ok=True)
    form += papers.RESULTS if job.report else ""
    wholes = [(sheet, lines.count) for lines, sheet in kept]
    for path, content in (
        *((documents / name, content) for name, content in job.records.items()),
        (documents / "codebook.md", codebook.codebook(title, wholes)),
        (documents / "event-vocabulary.md", codebook.vocabulary()),
        (documents / eventschema.FILE, eventschema.schema()),
        (
            job.folder / "README.md",
            papers.readme(job.about, title, text, counts, files, form, told),
        ),
        (job.folder / "CHANGES.md", papers.changes(job.version, counts, last or "not told", job.before)),
        (job.folder / "LICENSE.txt", papers.licence(job.about)),
        (job.folder / "CITATION.cff", papers.citation(job.about, title, job.version, last[:10])),
        (job.folder / ".psychds-ignore", psychds.IGNORE),
    ):
        path.write_text(content, "utf-8")
    columns = [column for _, sheet in kept for column in sheet.columns]
    described = psychds.description(job.about, title, text, columns, {"version": job.version})
    (job.folder / "dataset_description.json").write_text(as_json(described), "utf-8")


def _package(job: Job, tables: Tables, kept: Sequence[tuple[Lines, Sheet]]) -> None:
    known = {f"data/{lines.path.name}": (lines, sheet) for lines, sheet in kept}
    files: list[Written] = []
    for top in TOPS:
        for path in sorted((job.folder / top).rglob("*")):
            name = path.relative_to(job.folder).as_posix()
            if name in known:
                lines, sheet = known[name]
                files.append(Written(name, lines.bytes, lines.sha256, sheet, lines.count))
            elif path.is_file() and not name.endswith("_data.json"):
                files.append(Written(name, path.stat().st_size, _sha256(path)))
    title, text = title_of(job, tables)
    more: dict[str, Any] = {"version": job.version}
    if tables.last and not tables.rules.relative:
        more["created"] = instant(tables.last)
    made = frictionless.package(job.about, title, text, f"coplay-{psychds.slug(job.name).lower()}", files, more)
    (job.folder / "datapackage.json").write_text(as_json(made), "utf-8")


def _sums(folder: Path) -> str:
    """Write the digests of all files, as sha256sum reads them, and return the digest of that list."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    text = "".join(f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths)
    (folder / "SHA256SUMS").write_text(text, "utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def as_json(value: Any) -> str:
    """Return JSON as the files of an export have it."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
