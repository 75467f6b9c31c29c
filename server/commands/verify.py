"""`coplay verify`: is a log what it was when it was written?"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import track
from rich.table import Table

from game.log import is_session, verify_chain
from game.verify import Rung, Verdict
from game.verify import verify as judge
from server.cli import PROBLEM
from server.shelf import NotALog, Shelf, Truncated, open_shelf

STYLES = {"sound": "green", "broken": "bold red", "not checkable": "yellow", "erased": "dim"}
RUNGS = ("chain", "rules", "screens")


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path("coplay-data"))
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON lines.")
def verify(path: Path, *, as_json: bool) -> None:
    """Check every session in PATH: a data folder, a database file or a *.log.jsonl.

    Three rungs: the chain of hashes, the rules decided again, the screens drawn again. Names the first thing wrong.
    Exit code 0: sound; 1: broken.
    """
    try:
        shelf = open_shelf(path)
    except NotALog as error:
        raise click.UsageError(str(error)) from error
    except Truncated as error:
        click.echo(f"{path}: {error}", err=True)
        sys.exit(PROBLEM)
    talk = Console(stderr=True)
    streams = track(sorted(shelf.streams), "verifying", console=talk, transient=True, disable=not talk.is_terminal)
    verdicts = [verdict_of(shelf, stream) for stream in streams]
    if as_json:
        for verdict in verdicts:
            click.echo(msgspec.json.encode(verdict).decode())
    else:
        Console().print(table_of(verdicts))
    broken = [verdict for verdict in verdicts if not verdict.sound]
    for verdict in broken:
        first = verdict.first
        assert first is not None
        click.echo(f"{verdict.stream} row {first.seq}: {first.name}: {first.why}", err=True)
    click.echo(f"{len(verdicts)} streams, {len(broken)} broken", err=True)
    sys.exit(PROBLEM if broken else 0)


def verdict_of(shelf: Shelf, stream: str) -> Verdict:
    """Return the verdict of one stream; of a study's own stream only the chain is checked."""
    rows = shelf.rows(stream)
    if is_session(stream):
        return judge(rows, shelf.blob)
    from game.log import Broken  # noqa: PLC0415 - --help should not wait for it

    try:
        verify_chain(rows)
        rung = Rung("chain", "sound", len(rows))
    except Broken as broken:
        rung = Rung("chain", "broken", broken.seq, broken.seq, broken.why)
    return Verdict(stream, len(rows), rows[-1].hash if rows else "", (rung,))


def table_of(verdicts: list[Verdict]) -> Table:
    """Return the verdicts as a table."""
    table = Table("stream", "rows", *RUNGS, "head", box=None, header_style="bold")
    for verdict in verdicts:
        rungs = {rung.name: rung for rung in verdict.rungs}
        cells = [f"[{STYLES[rungs[n].outcome]}]{rungs[n].outcome}[/]" if n in rungs else "" for n in RUNGS]
        table.add_row(verdict.stream, str(verdict.rows), *cells, verdict.head[:12])
    return table
