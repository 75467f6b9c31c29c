"""`coplay validate`: is an export whole, unchanged and valid?"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import click

from server.cli import PROBLEM
from server.report.validity import check

SHOWN = 20


@click.command("validate")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def validate(folder: Path) -> None:
    """Check FOLDER, an export: checksums, the rules of Psych-DS 1.5 that must hold, and types, keys and limits of every table.

    Exit code 0: whole and valid; 1: not, with what is wrong on stderr.
    """
    try:
        found = check(folder)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{folder}: {error}") from error
    for line in found.problems[:SHOWN]:
        click.echo(line, err=True)
    if len(found.problems) > SHOWN:
        click.echo(f"and {len(found.problems) - SHOWN} more", err=True)
    if found.problems:
        sys.exit(PROBLEM)
    click.echo(f"{folder}: whole and valid: {found.files} files, {found.tables} tables, {found.rows} rows", err=True)
