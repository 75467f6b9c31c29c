"""`coplay restore BACKUP`: put a backup back; who was erased since stays erased."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import click
from msgspec.structs import replace

from server import backup as backups
from server import settings as environment
from server.commands.backup import refuse_postgres


@click.command()
@click.argument("source", metavar="BACKUP", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="The data folder (COPLAY_DATA).")
@click.option(
    "--lists",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where erasures.jsonl and payments.jsonl lie; without it, beside BACKUP.",
)
@click.option("--check", is_flag=True, help="Only look whether the backup holds.")
def restore(source: Path, data: Path | None, lists: Path | None, *, check: bool) -> None:
    """Put BACKUP into a data folder without a database: bytes, heads and chains are checked before, erasures applied after."""
    settings = environment.load()
    settings = settings if data is None else replace(settings, data=str(data))
    refuse_postgres(settings)
    try:
        if check:
            click.echo(f"{source}: {len(backups.check(source).heads)} streams, sound")
            return
        about, erased = backups.restore(source, settings.folder, lists or source.absolute().parent)
    except (OSError, ValueError, sqlite3.Error, backups.Spoilt) as error:
        raise click.ClickException(f"nothing was restored: {error}") from error
    click.echo(f"{settings.folder}: {len(about.heads)} streams, {len(erased)} sessions erased again", err=True)
    if not settings.secret_path.is_file():
        click.echo("Put the secret back too, with mode 600: without it links die and ids stay unreadable.", err=True)
