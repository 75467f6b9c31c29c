"""`coplay measure`: accuracy, reliance, acts and times per participant or condition, with what they were counted from."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import click
import msgspec

from server.blobs import Blobs
from server.commands.report import RESAMPLES
from server.report import export, scales, terminal
from server.report.source import Source, Unreadable, rounds_from, rounds_of_streams
from server.report.tables import Bootstrap, empty_conditions, group_rows, person_rows
from server.report.told import show_effects, show_whole, study_csv, whole_json
from server.report.whole import whole_rows

if TYPE_CHECKING:
    from game.log import Store
    from game.round import Round

SQLITE = b"SQLite format 3\x00"
DATABASE = "coplay.db"
By = Literal["participant", "condition", "study", "scale"]


class Unusable(click.ClickException):
    """A file or database that this machine does not let us use."""

    exit_code = 3


@click.command("measure")
@click.argument("path")
@click.option("--json", "form", flag_value="json", help="One JSON document (format coplay-measures).")
@click.option("--csv", "form", flag_value="csv", help="Tidy CSV, one measure a line.")
@click.option("--by", type=click.Choice(get_args(By)), default="condition", show_default=True)
@click.option("--include-practice", is_flag=True, help="Count rounds that are not scored, too.")
@click.option("--prefix", metavar="NAME", help="Read only sessions of this kind: pilot, preview or simulated.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Seed of the bootstrap.")
@click.option(
    "--resamples", default=2000, show_default=True, type=RESAMPLES, help="Draws of the bootstrap; 0: no intervals."
)
def measure(
    *, path: str, form: str | None, by: By, include_practice: bool, prefix: str | None, seed: int, resamples: int
) -> None:
    """Measure PATH: a *.rounds.jsonl, a *.log.jsonl, a data folder, its database, or a postgresql:// address.

    Groups are study, condition and protocol; they are never pooled. `--by study` gives what needs everybody: measures of whole
    studies with their intervals, and the effects of conditions (CSV: `row` tells which); `--by scale` the scores of
    questionnaires with alpha and omega. Undefined values are printed with their reason, never as 0.
    """
    err = terminal.console(stderr=True)
    with err.status("measuring"):
        source = find(path, prefix)
        if by == "scale":
            show_scales(source, path, form)
            return
        rounds = source.rounds
        if include_practice:
            rounds = [msgspec.structs.replace(each, scored=True) for each in rounds]
        empty = empty_conditions(rounds)
        people = person_rows(rounds)
        bootstrap = Bootstrap(seed, resamples)
        rows = people if by == "participant" else group_rows(people, bootstrap)
    tell(source, empty)
    if not rows:
        raise click.ClickException(f"{path}: no scored round")
    if by == "study":
        show_study(rounds, bootstrap, form, {"path": path, "facts": source.facts, "notes": source.notes})
    elif form == "json":
        facts = {"facts": source.facts, "left_out": source.left_out, "empty_conditions": empty, "notes": source.notes}
        click.echo(export.as_json(rows, by, bootstrap, {"source": {"path": path, **facts}}, people), nl=False)
    elif form == "csv":
        click.echo(export.as_csv(rows), nl=False)
    elif by == "participant":
        terminal.show_people(terminal.console(), people)
    else:
        terminal.show_groups(terminal.console(), cast("Any", rows), bootstrap.confidence)
        click.echo("Each participant's values: --by participant", err=True)


def show_scales(source: Source, path: str, form: str | None) -> None:
    """Print the scores of questionnaires with their reliability; raises a refusal where the source has none."""
    if source.answers is None:
        raise click.ClickException(f"{path}: a rounds file has no questionnaires; give the log or the data folder")
    if not source.answers:
        raise click.ClickException(f"{path}: no questionnaire was answered")
    tell(source, {})
    try:
        rows = scales.rows_of(source.answers)
        if form == "json":
            facts = {"path": path, "left_out": source.left_out, "notes": source.notes}
            click.echo(scales.as_json(source.answers, facts), nl=False)
        elif form == "csv":
            click.echo(scales.as_csv(source.answers), nl=False)
        else:
            scales.show(terminal.console(), rows)
    except ValueError as error:
        raise click.ClickException(f"{path}: {error}") from error


def show_study(rounds: list[Round], bootstrap: Bootstrap, form: str | None, about: dict[str, Any]) -> None:
    """Print measures of whole studies and the effects between conditions; these need the extra `report`."""
    from server.report.inference.cautions import warnings_for  # noqa: PLC0415 - only here
    from server.report.inference.effects import effects  # noqa: PLC0415 - only here
    from server.report.inference.libraries import Missing  # noqa: PLC0415 - only here

    try:
        with terminal.console(stderr=True).status("measuring everybody"):
            found, whole = effects(rounds), whole_rows(rounds, bootstrap)
    except Missing as error:
        raise Unusable(f"effects between conditions and intervals cannot be computed: {error}") from error
    if form == "json":
        click.echo(whole_json(whole, found, warnings_for(rounds), about), nl=False)
    elif form == "csv":
        click.echo(study_csv(found, whole), nl=False)
    else:
        show_whole(terminal.console(), whole)
        show_effects(terminal.console(), found)
        for each in warnings_for(rounds):
            click.echo(f"caution: {each.where}: {each.text}", err=True)


def tell(source: Source, empty: dict[str, int]) -> None:
    """Say on stderr what was read and what was left out."""
    people = len({(each.study, each.participant) for each in source.rounds})
    click.echo(f"{len(source.rounds)} rounds of {people} participants", err=True)
    for name, value in source.facts.items():
        click.echo(f"{name.replace('_', ' ')}: {value}", err=True)
    for why, count in source.left_out.items():
        click.echo(f"sessions left out: {count}, because {why}", err=True)
    for name, count in empty.items():
        click.echo(f"without a scored round: {name} ({count} others; --include-practice counts them)", err=True)
    for note in source.notes:
        click.echo(f"note: {note}", err=True)


def find(path: str, prefix: str | None) -> Source:
    """Read whatever `path` is; raises a refusal with exit code 1 (cannot be read), 2 (not there) or 3 (environment)."""
    if path.startswith(("postgresql://", "postgres://")):
        return of_postgres(path, prefix)
    here = Path(path)
    if not here.exists():
        raise click.UsageError(f"{path} does not exist")
    try:
        if here.is_dir():
            return of_sqlite(here / DATABASE, prefix)
        with here.open("rb") as file:
            stored = file.read(len(SQLITE)) == SQLITE
        return of_sqlite(here, prefix) if stored else rounds_from(here, prefix)
    except Unreadable as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise Unusable(f"{error.filename}: {error.strerror}") from error


def of_sqlite(path: Path, prefix: str | None) -> Source:
    """Read a data folder's database; nothing is written, not even to its write-ahead log."""
    from server.store_sqlite import SqliteStore  # noqa: PLC0415 - rounds files need no store

    if not path.is_file():
        raise Unreadable(f"{path.parent} holds no {path.name}: is it a data folder?")
    try:
        store = SqliteStore(path, read_only=True)
        try:
            return of_store(store, Blobs(path.parent / "blobs"), prefix)
        finally:
            store.close()
    except sqlite3.Error as error:
        raise Unreadable(f"{path}: {error}") from error


def of_postgres(address: str, prefix: str | None) -> Source:
    """Read a PostgreSQL store; catalogues and manifests are in the data folder that COPLAY_DATA names."""
    from server import settings  # noqa: PLC0415 - as above

    try:
        from server.store_postgres import PostgresStore  # noqa: PLC0415 - psycopg is an extra

        store = PostgresStore(address)
    except Exception as error:
        raise Unusable(f"PostgreSQL cannot be used: {error}") from error
    try:
        return of_store(store, Blobs(settings.load().folder / "blobs"), prefix)
    except Unreadable as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.close()


def of_store(store: Store, blobs: Blobs, prefix: str | None) -> Source:
    """Read every session of an open store."""
    return rounds_of_streams(((head.stream, store.read(head.stream)) for head in store.heads()), blobs.get, prefix)
