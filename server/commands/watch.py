"""`coplay watch`: how recruitment goes, in the terminal; pause and resume it."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
import msgspec
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from game.study import Invalid
from server import recruit
from server.commands.pay import expected_minutes
from server.dues import earnings
from server.keys import pressed
from server.office import Office, data_option, open_office
from server.studies import OpenStudy, open_study
from server.watch import Look, Watcher

BY = "researcher:terminal"
HELP = "p pause recruitment, r resume it, q leave"


@click.command()
@click.argument("study", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@data_option
@click.option("--every", default=5.0, show_default=True, type=click.FloatRange(0.2), help="Seconds between looks.")
@click.option("--once", is_flag=True, help="Look once.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON for each look.")
@click.option("--pause", metavar="WHY", help="Take nobody more; who plays goes on.")
@click.option("--resume", metavar="WHY", help="Take people again.")
def watch(
    study: Path | None,
    data: Path | None,
    every: float,
    pause: str | None,
    resume: str | None,
    *,
    once: bool,
    as_json: bool,
) -> None:
    """Show places by cell, outcomes, who fell silent, errors, and with the folder STUDY also the real wage.

    Without STUDY all studies of the installation are shown; pausing needs STUDY, or an installation with one study.
    """
    with open_office(data) as office:
        watcher = Watcher(office.database)
        opened = _open(study) if study else None
        names = [opened.name] if opened else watcher.studies()
        if (pause or resume) and len(names) != 1:
            raise click.UsageError(f"name the study's folder: there are {len(names)} studies")
        if pause:
            watcher.pause(names[0], pause, BY)
        if resume:
            watcher.resume(names[0], resume, BY)
        wages = _Wages(office, opened)

        def looks() -> list[Look]:
            return [watcher.look(name, time.time_ns() // 1000, wages()) for name in names]

        if once or as_json or pause or resume or not sys.stdin.isatty():
            _print(looks, every, once=once or bool(pause or resume), as_json=as_json)
        else:
            _live(watcher, names, looks, every)


class _Wages:
    """The real wage, reckoned anew only when somebody more is done."""

    def __init__(self, office: Office, opened: OpenStudy | None) -> None:
        self._office, self._opened, self._at, self._told = office, opened, -1, ""
        self._minutes = 0.0

    def __call__(self) -> str:
        rule = self._opened.study.pay if self._opened else None
        if self._opened is None or rule is None:
            return ""
        heads = self._office.database.heads(f"{self._opened.name}/")
        self._minutes = self._minutes or expected_minutes(self._opened, rule)
        done = sum(head.kind in ("closed", "left", "erased") for head in heads)
        if done != self._at:
            self._at = done
            configs = recruit.read(self._opened.folder)
            earned, _ = earnings(
                self._office.database, self._office.people, self._opened.name, rule, self._minutes, configs
            )
            wages = [
                one.cents / 100 / (one.minutes / 60) for one in earned if one.outcome == "completed" and one.minutes
            ]
            below = sum(wage < rule.floor_per_hour for wage in wages)
            median = f"{statistics.median(wages):.2f}" if wages else "-"
            self._told = f"{median} {rule.currency} per hour, {below} of {len(wages)} below {rule.floor_per_hour:g}"
        return self._told


def _print(looks: Callable[[], list[Look]], every: float, *, once: bool, as_json: bool) -> None:
    while True:
        for look in looks():
            if as_json:
                click.echo(msgspec.json.encode(look).decode())
            else:
                Console().print(*_drawn(look), sep="\n")
        if once:
            return
        time.sleep(every)


def _live(watcher: Watcher, names: list[str], looks: Callable[[], list[Look]], every: float) -> None:
    with pressed() as key, Live(auto_refresh=False, screen=True) as live:
        while True:
            live.update(Group(*(part for look in looks() for part in _drawn(look)), HELP), refresh=True)
            match key(every):
                case "q":
                    return
                case "p" if len(names) == 1:
                    watcher.pause(names[0], "paused in the terminal", BY)
                case "r" if len(names) == 1:
                    watcher.resume(names[0], "resumed in the terminal", BY)
                case _:
                    pass


def _drawn(look: Look) -> Iterator[Table | str]:
    state = "[green]open[/]" if look.open else "[bold red]paused[/]"
    places = f"{look.held} of {look.places} places" if look.places else f"{look.held} places"
    yield f"[bold]{look.study}[/] {state} · {places} held · {_counts(look.statuses)}"
    names = sorted({name for by in look.cells.values() for name in by})
    table = Table("cell", *names, box=None, header_style="bold")
    for cell, by in look.cells.items():
        table.add_row(cell, *(str(by.get(name, "-")) for name in names))
    yield table
    yield f"outcomes: {_counts(look.outcomes) or 'none yet'}; {look.erased} erased"
    if look.wage:
        yield f"real wage: {look.wage}"
    for session, place, minutes in look.quiet:
        yield f"[yellow]silent[/] {session} at {place} for {minutes} minutes"
    for session, reasons in look.flagged:
        yield f"[yellow]look twice[/] {session}: {'; '.join(reasons)}"
    for error in look.errors:
        yield f"[red]error[/] {error}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(counts.items()))


def _open(folder: Path) -> OpenStudy:
    try:
        return open_study(folder)
    except Invalid as invalid:
        raise click.ClickException("\n".join(str(problem) for problem in invalid.problems)) from invalid
