"""`coplay sessions`: who has played; and one session's log as a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from game.log import Row, is_erased, is_session
from game.logfile import blobs_named, write
from server.session import fold_rows
from server.shelf import NotALog, Shelf, Truncated, open_shelf


class Line(msgspec.Struct, frozen=True):
    """One session in the list."""

    session: str
    stream: str
    study: str
    cell: str
    lang: str
    step: int
    outcome: str
    rows: int
    last: str


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path("coplay-data"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.option("--log", "session", metavar="ID", help="Write the log of this session (with -o).")
@click.option("-o", "output", type=click.Path(dir_okay=False, path_type=Path), help="File to write, e.g. ID.log.jsonl.")
def sessions(path: Path, *, as_json: bool, session: str | None, output: Path | None) -> None:
    """List the sessions in PATH (a data folder, a database file or a *.log.jsonl), or write the log of one."""
    try:
        shelf = open_shelf(path)
    except (NotALog, Truncated) as error:
        raise click.UsageError(str(error)) from error
    if session is not None:
        return export(shelf, session, output)
    lines = [line_of(name, shelf.rows(name)) for name in sorted(shelf.streams) if is_session(name)]
    if as_json:
        for line in lines:
            click.echo(msgspec.json.encode(line).decode())
        return None
    table = Table(*Line.__struct_fields__, box=None, header_style="bold")
    for line in lines:
        table.add_row(*(str(value) for value in msgspec.structs.astuple(line)))
    Console().print(table)
    click.echo(f"{len(lines)} sessions", err=True)
    return None


def export(shelf: Shelf, session: str, output: Path | None) -> None:
    """Write one session as a log file: header, the blobs it names, its rows."""
    found = [name for name in shelf.streams if name == session or name.rpartition("/")[2] == session]
    if len(found) != 1:
        raise click.UsageError(f"{len(found)} sessions are called {session!r}")
    rows = shelf.rows(found[0])
    blobs = {digest: shelf.blob(digest) for digest in blobs_named(rows)}
    target = output or Path(f"{session.rpartition('/')[2]}.log.jsonl")
    with target.open("wb") as file:
        file.writelines(write({found[0]: rows}, blobs))
    click.echo(f"{target}: {len(rows)} rows, {len(blobs)} blobs", err=True)


def line_of(stream: str, rows: Sequence[Row]) -> Line:
    """Return a session's line."""
    last = dt.datetime.fromtimestamp(rows[-1].at / 1e6, dt.UTC).isoformat(" ", "seconds")
    if is_erased(rows):
        return Line(stream.rpartition("/")[2], stream, "", "", "", 0, "erased", len(rows), last)
    state = fold_rows(rows).state
    opened, assigned = state.opened, state.assigned
    return Line(
        opened.session if opened else "", stream, opened.study if opened else "", assigned.cell if assigned else "",
        state.lang, state.step, state.closed or ("waiting" if state.waiting else "open"), len(rows), last,
    )  # fmt: skip
