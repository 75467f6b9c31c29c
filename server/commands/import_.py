"""`coplay import`: other people's data as a rounds file, ready for `coplay measure`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

import click

from game import roundsfile
from game.registry import Unknown, importer
from server.report.imported import BadData, Imported


@click.command("import", epilog=f"Known NAMEs: {', '.join(importer.names())}.")
@click.argument("name")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The *.rounds.jsonl to write.",
)
@click.option("--all", "keep", is_flag=True, help="Keep participants whom the authors excluded.")
def import_(name: str, folder: Path, output: Path, keep: bool) -> None:
    """Read the data set NAME from FOLDER and write its rounds.

    Importers make rounds, never logs: what was not recorded stays empty. Participants whom the authors excluded are left out and
    counted.
    """
    try:
        entry = importer[name]
    except Unknown as error:
        raise click.UsageError(str(error)) from error
    try:
        made: Imported = entry.thing(folder, keep)
    except BadData as error:
        raise click.ClickException(str(error)) from error
    except FileNotFoundError as error:
        wanted = ", ".join(entry.info["files"])
        raise click.ClickException(f"{error.filename} is not there; {name} reads {wanted}") from error
    except OSError as error:
        raise Unusable(error) from error
    header = roundsfile.Header(
        source="imported",
        importer=name,
        cite=entry.info["cite"],
        licence=entry.info["licence"],
        excluded_participants=made.excluded_participants,
        excluded_rounds=made.excluded_rounds,
        notes=made.notes,
    )
    try:
        write(output, roundsfile.encode(header, made.rounds))
    except OSError as error:
        raise Unusable(error) from error
    tell(entry.info, made, output)


def write(path: Path, lines: Iterable[bytes]) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with part.open("xb") as file:
            file.writelines(lines)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def tell(info: dict[str, str], made: Imported, output: Path) -> None:
    """Say on stderr what was read, under which licence, and what to know about it."""
    people = len({(each.study, each.participant) for each in made.rounds})
    click.echo(f"{info['title']}\n{info['cite']}, licence of the data {info['licence']}", err=True)
    click.echo(f"{output}: {len(made.rounds)} rounds of {people} participants", err=True)
    if made.excluded_participants:
        out = f"{made.excluded_participants} participants ({made.excluded_rounds} rounds)"
        click.echo(f"left out, as by their authors: {out}; --all keeps them", err=True)
    for note in made.notes:
        click.echo(f"note: {note}", err=True)


class Unusable(click.ClickException):
    """A file that this machine does not let us use."""

    exit_code = 3

    def __init__(self, error: OSError) -> None:
        super().__init__(f"{error.filename}: {error.strerror}")
