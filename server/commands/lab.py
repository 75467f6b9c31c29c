"""`coplay lab`: write the report of a results folder of `coplay compare` again, e.g. after it was copied from another machine."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click
from rich.console import Console

NEEDS = ("matplotlib", "scipy")
talk = Console(stderr=True)


class Lacking(click.ClickException):
    """Something has to be installed first."""

    exit_code = 3


@click.command("lab")
@click.argument("results", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--light", is_flag=True, help="Write a small page: slim figures, maps of few specimens, links to PNG, PDF and CSV."
)
def lab(results: Path, *, light: bool) -> None:
    """Write report.html, figures, tables and summary.json into RESULTS, a folder that `coplay compare` wrote.

    Equal results give equal bytes. Studies use the same folder: see [lab] in the reference of the study file.
    """
    if missing := [name for name in NEEDS if importlib.util.find_spec(name) is None]:
        raise Lacking(f"{', '.join(missing)} missing: pip install 'coplay[report]'")
    from server.report.lab.page import write  # noqa: PLC0415 - other commands start without numpy and matplotlib
    from server.report.lab.results import Unreadable  # noqa: PLC0415 - the same

    try:
        with talk.status("reading") as status:
            page = write(results, say=status.update, light=light)
    except Unreadable as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise Lacking(f"{error.filename}: {error.strerror}") from error
    click.echo(page)
