"""`coplay export`: one folder that is a Psych-DS data set and a Frictionless Data Package, ready to be shared or kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import Progress

from game import roundsfile
from game.log import is_session
from game.logfile import Truncated
from game.study import Invalid
from server.report import workbook
from server.report.about import About, BadAbout, read
from server.report.bundle import Job, Made
from server.report.collect import Wanted, overview
from server.report.draft import Taken, draft
from server.report.harvest import export_logs, export_rounds
from server.report.logindex import Logs, index, mark_of
from server.report.release import K
from server.report.source import Unreadable
from server.report.visit import KINDS

SQLITE = b"SQLite format 3\x00"
SHOWN = 20
"""So many small cells are named on the screen."""


class Unusable(click.ClickException):
    """A file or database that this machine does not let us use."""

    exit_code = 3


@click.command("export")
@click.argument("source")
@click.option(
    "-o", "--output", "target", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to make."
)
@click.option("--about", type=click.Path(dir_okay=False, exists=True, path_type=Path), help="TOML: title, authors, ...")
@click.option(
    "--study-folder", type=click.Path(file_okay=False, exists=True, path_type=Path), help="Adds the study's own files."
)
@click.option("--study", default="", metavar="NAME", help="Only this study.")
@click.option(
    "--prefix", "kinds", multiple=True, type=click.Choice(KINDS),
    help="Kind of data; given several times, kinds are mixed (and marked). Without it: real data only.",
)  # fmt: skip
@click.option("--participant", default="", metavar="CODE", help="One person's data, all of it: for an access request.")
@click.option("--relative-times", "relative", is_flag=True, help="No date or time of day.")
@click.option(
    "--release", is_flag=True, help="For everybody: no words of people's own, no times, only who agreed to it."
)
@click.option("-k", default=K, show_default=True, type=click.IntRange(1), help="Cells with fewer people are named.")
@click.option("--include-withdrawn", "withdrawn", is_flag=True, help="Keep people who withdrew in the tables.")
@click.option(
    "--report", "report_folder", type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="A report of the same data: into results/ and analysis/.",
)  # fmt: skip
@click.option("--excel", is_flag=True, help="Adds the tables as one Excel workbook.")
@click.option(
    "--include-recruit-ids", "ids", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="Writes the platform's ids of the exported people into FILE, which only you can read. Never publish it.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace an earlier export.")
def export(
    *, source: str, target: Path, about: Path | None, study_folder: Path | None, study: str, kinds: tuple[str, ...],
    participant: str, relative: bool, release: bool, k: int, withdrawn: bool, report_folder: Path | None,
    excel: bool, ids: Path | None, force: bool,
) -> None:  # fmt: skip
    """Export SOURCE: a data folder, its database, a postgresql:// address, a *.log.jsonl or a *.rounds.jsonl.

    The folder appears when it is whole. Pilot, preview and simulated data are left out and counted, and so is who withdrew or asked
    for deletion.
    """
    if participant and (release or kinds or withdrawn or relative):
        raise click.UsageError("--participant gives one person everything: it goes with no other choice of data")
    if release and withdrawn:
        raise click.UsageError("--release never has data of people who withdrew")
    if ids is not None:
        _may_tell(source, ids, target, release=release)
    if excel and not workbook.available():
        raise Unusable("--excel needs XlsxWriter: pip install 'coplay[report]'")
    wanted = Wanted(
        kinds=kinds, study=study, participant=participant, relative=relative, release=release, withdrawn=withdrawn
    )
    try:
        known = read(about) if about else About()
        made = _export(source, target, Job(
            folder=target, wanted=wanted, about=known, name=study or "study", study_folder=study_folder,
            report=report_folder, excel=excel, records=_records(study_folder) if study_folder and not release else {},
        ), k, force=force)  # fmt: skip
    except (Unreadable, Truncated, roundsfile.BadFile, BadAbout, Taken) as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.Error as error:
        raise click.ClickException(f"{source}: {error}") from error
    except OSError as error:
        raise Unusable(f"{error.filename or source}: {error.strerror or error}") from error
    tell(made, target, k, release=release)
    if ids is not None:
        _ids(source, ids, target)


def _may_tell(source: str, ids: Path, target: Path, *, release: bool) -> None:
    """Refuse to write platform ids where they do not belong, before anything else is done."""
    if release:
        raise click.UsageError("--include-recruit-ids says who people are: it never goes with --release")
    if not Path(source).is_dir():
        raise click.UsageError(
            "--include-recruit-ids needs the data folder as SOURCE: only there ids are kept, encrypted"
        )
    if ids.exists():
        raise click.UsageError(f"--include-recruit-ids {ids} exists: name another file, or delete it")
    if ids.resolve().is_relative_to(target.resolve()):
        raise click.UsageError(
            f"--include-recruit-ids {ids}: not into the export; keep it apart, where nobody else reads it"
        )


def _ids(source: str, ids: Path, target: Path) -> None:
    from server.recruit_ids import NotWritten, write  # noqa: PLC0415 - cryptography, for one option

    heads: dict[str, dict[str, str]] = json.loads((target / "data" / "raw" / "heads.json").read_text("utf-8"))
    try:
        count = write(Path(source), ids, {name for name, head in heads.items() if head["state"] == "whole"})
    except NotWritten as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise Unusable(f"{error.filename or ids}: {error.strerror or error}") from error
    click.echo(
        f"WARNING: {ids} names people by their platform's ids ({count}). Keep it apart from the export, encrypted, and delete it "
        "when the pay is settled: who has both knows whose data these are",
        err=True,
    )


def _export(source: str, target: Path, job: Job, k: int, *, force: bool) -> Made:
    from msgspec.structs import replace  # noqa: PLC0415 - a name for two lines

    with contextlib.ExitStack() as stack:
        logs = stack.enter_context(open_logs(source))
        folder = stack.enter_context(draft(target, force=force, keep=True))
        before, version = _before(target)
        job = replace(job, folder=folder, before=before, version=version)
        if not isinstance(logs, Logs):
            return _rounds(logs, job)
        job = replace(job, name=_name(logs, job))
        talk = Console(stderr=True)
        with Progress(console=talk, transient=True, disable=not talk.is_terminal) as progress:
            task = progress.add_task("exporting", total=len(logs.lengths))
            return export_logs(logs, job, k, lambda: progress.advance(task))


def _records(study: Path) -> dict[str, str]:
    """Return the record of processing that the study's folder gives."""
    from server import privacy, recruit  # noqa: PLC0415 - only with a study's folder
    from server.record import record_of  # noqa: PLC0415 - the same
    from server.studies import open_study  # noqa: PLC0415 - the same

    try:
        return {"gdpr-record.md": record_of(open_study(study), privacy.read(study), recruit.read(study))}
    except Invalid as invalid:
        raise click.ClickException(f"--study-folder {study}: " + "; ".join(map(str, invalid.problems))) from invalid


def _rounds(path: Path, job: Job) -> Made:
    from msgspec.structs import replace  # noqa: PLC0415 - as above

    if job.wanted.release or job.wanted.relative:
        raise Unreadable("--release and --relative-times need a log: a rounds file does not say who agreed to what")
    seen = hashlib.sha256()
    with path.open("rb") as file:
        header, rounds = roundsfile.stream(_hashed(file, seen.update))
        known = overview(rounds)
    name = job.wanted.study or (next(iter(known.studies)) if len(known.studies) == 1 else header.importer or "several")
    notes = [*header.notes, *([f"{header.cite}, licence of the data {header.licence}"] if header.cite else [])]
    return export_rounds(path, known, seen.hexdigest(), notes, replace(job, name=name))


def _hashed(file: BinaryIO, update: Callable[[bytes], None]) -> Iterator[bytes]:
    for line in file:
        update(line)
        yield line


def _name(logs: Logs, job: Job) -> str:
    """Return what the files are called by: the study, or "several"."""
    names = [re.split("[/:]", name) for name in logs.lengths if is_session(name)]
    studies = {parts[-2] for parts in names if len(parts) > 1}
    return job.wanted.study or (studies.pop() if len(studies) == 1 else "several" if studies else "study")


def _before(target: Path) -> tuple[str, str]:
    """Return CHANGES.md of the export that is replaced, and the version of the next one."""
    path = target / "CHANGES.md"
    before = path.read_text("utf-8") if path.is_file() else ""
    last = re.search(r"^## (\d+)\.(\d+)\.\d+$", before, re.MULTILINE)
    return before, f"{last[1]}.{int(last[2]) + 1}.0" if last else "1.0.0"


@contextlib.contextmanager
def open_logs(source: str) -> Generator[Logs | Path]:
    """Open what `source` is: logs, or the path of a rounds file. Nothing is written, not even to a write-ahead log."""
    if source.startswith(("postgresql://", "postgres://")):
        with _postgres(source) as logs:
            yield logs
        return
    path = Path(source)
    if not path.exists():
        raise click.UsageError(f"{source} does not exist")
    if path.is_dir():
        path /= "coplay.db"
        if not path.is_file():
            raise Unreadable(f"{path.parent} holds no {path.name}: is it a data folder?")
    with path.open("rb") as file:
        first = file.read(len(SQLITE))
        file.seek(0)
        if first == SQLITE:
            with _sqlite(path) as logs:
                yield logs
        elif b'"coplay-rounds"' in file.readline(1 << 16):
            yield path
        else:
            try:
                yield index(file)
            except Truncated as error:
                raise Truncated(f"{source}: {error}") from error


@contextlib.contextmanager
def _sqlite(path: Path) -> Generator[Logs]:
    from server.blobs import Blobs  # noqa: PLC0415 - files need no store
    from server.store_sqlite import SqliteStore  # noqa: PLC0415 - the same

    store = SqliteStore(path, read_only=True)
    try:
        heads = store.heads()
        lengths = {head.stream: head.seq + 1 for head in heads}
        yield Logs(lengths, store.read, Blobs(path.parent / "blobs").get, mark_of(heads))
    finally:
        store.close()


@contextlib.contextmanager
def _postgres(address: str) -> Generator[Logs]:
    from server import settings  # noqa: PLC0415 - as above
    from server.blobs import Blobs  # noqa: PLC0415 - the same

    try:
        from server.store_postgres import PostgresStore  # noqa: PLC0415 - psycopg is an extra

        store = PostgresStore(address)
    except Exception as error:
        raise Unusable(f"PostgreSQL cannot be used: {error}") from error
    try:
        heads = store.heads()
        lengths = {head.stream: head.seq + 1 for head in heads}
        yield Logs(lengths, store.read, Blobs(settings.load().folder / "blobs").get, mark_of(heads))
    finally:
        store.close()


def tell(made: Made, target: Path, k: int, *, release: bool) -> None:
    """Say on stderr what was exported, what was left out, and what to look at before it is shared."""
    if made.before:
        click.echo(f"taken up where an export was stopped: {made.before} were written already", err=True)
    click.echo(", ".join(f"{count} {name}" for name, count in made.counts.items()), err=True)
    for why, count in made.left_out.items():
        click.echo(f"sessions left out: {count}, because {why}", err=True)
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    if release:
        what = (
            f"{len(made.small)} cells with fewer than {k} people"
            if made.small
            else f"no cell with fewer than {k} people"
        )
        click.echo(f"{'WARNING: ' if made.small else ''}{what}", err=True)
        for cell in made.small[:SHOWN]:
            click.echo(f"  {cell}", err=True)
        if len(made.small) > SHOWN:
            click.echo(f"  and {len(made.small) - SHOWN} more", err=True)
    click.echo(f"{target}: sha256 of SHA256SUMS {made.digest}", err=True)
