"""`coplay report`: one page that a reviewer can read, with its figures, tables, data and scripts, from a study's logs or rounds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from rich.console import Console
from rich.progress import Progress

from game import pack, roundsfile
from game.logfile import Truncated
from server.commands.export import Unusable, open_logs
from server.report.draft import Taken, draft
from server.report.logindex import Logs
from server.report.source import Unreadable
from server.report.visit import KINDS

if TYPE_CHECKING:
    from server.report.against import Change
    from server.report.page.story import Story
    from server.report.page.write import Written

KIND = click.Choice([*KINDS, "imported"])
LEAST_DRAWS = 20
"""Draws below which percentiles are no interval."""


class Resamples(click.IntRange):
    """A number of draws: 0 for none, or enough for an interval."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it; refuses a number of draws that is too small for an interval."""
        made = int(super().convert(value, param, ctx))
        if 0 < made < LEAST_DRAWS:
            self.fail(
                f"{made} draws are too few for an interval: {LEAST_DRAWS} or more, or 0 for no intervals", param, ctx
            )
        return made


RESAMPLES = Resamples(0, 100_000)


def _origin(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """Refuse what is no address: links of a page that lies on a disk lead nowhere from it."""
    if value and not value.startswith(("http://", "https://")):
        raise click.BadParameter(f"{value!r} is no address: write it whole, e.g. https://study.example.org")
    return value


@click.command("report")
@click.argument("source")
@click.option(
    "-o", "--output", "target", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to make."
)
@click.option("--study", default="", metavar="NAME", help="Only this study; needed where the source holds several.")
@click.option(
    "--prefix",
    "kinds",
    multiple=True,
    type=KIND,
    help="Kind of data. Without it: real data, or simulated data where there are no others.",
)
@click.option(
    "--lab",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Results folder of `coplay compare`: joins scores of maps and people.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, path_type=Path),
    help="Preregistration of `coplay prereg`: what was planned, and what changed.",
)
@click.option(
    "--known-groups",
    "known",
    type=click.Path(exists=True, path_type=Path),
    help="Log of the study template known_groups: holds inferred modes against what people were told to do.",
)
@click.option(
    "--pack",
    "pack_folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="The pack's folder: adds pictures and maps.",
)
@click.option(
    "--desk",
    default="",
    metavar="ORIGIN",
    callback=_origin,
    help="Address of the server, e.g. https://study.example.org: adds links into the replay.",
)
@click.option(
    "--unblinded",
    type=click.DateTime(("%Y-%m-%d",)),
    metavar="YYYY-MM-DD",
    help="When you first saw results by condition: no log tells, so the report says what you state.",
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Seed of all draws.")
@click.option(
    "--resamples", default=2000, show_default=True, type=RESAMPLES, help="Draws of the bootstrap; 0: no intervals."
)
@click.option("--bayes", is_flag=True, help="Add table T17, a Bayesian mixed model (extra `bayes`; minutes).")
@click.option("--release", is_flag=True, help="Only who agreed to share, as `coplay export --release` has it.")
@click.option("--force", is_flag=True, help="Replace an earlier report.")
def report(
    *, source: str, target: Path, study: str, kinds: tuple[str, ...], lab: Path | None, against: Path | None,
    known: Path | None, pack_folder: Path | None, desk: str, unblinded: datetime | None, seed: int, resamples: int,
    bayes: bool, release: bool, force: bool,
) -> None:  # fmt: skip
    """Report SOURCE: a data folder, its database, a postgresql:// address, a *.log.jsonl or a *.rounds.jsonl.

    Writes report.html (opens from disk, asks for nothing), figures/, tables/, data/ and analysis/. What data cannot show is said
    in words.
    """
    from server.report.inference.bayes import installed  # noqa: PLC0415 - only to report
    from server.report.inference.libraries import Missing  # noqa: PLC0415 - the same
    from server.report.planned import BadPlan  # noqa: PLC0415 - the same

    try:
        if bayes:
            installed()
        with draft(target, force=force, mark="report.html", what="report") as folder:
            told = _told(source, Whose(kinds, study, release), Draws(seed, resamples), Beside(lab, against, known))
            told[0].pictures = _pictures(pack_folder) if pack_folder else None
            told[0].desk = desk
            told[0].bayes = bayes
            told[0].unblinded = unblinded.date() if unblinded else None
            made = _write(folder, *told)
    except (Unreadable, Truncated, roundsfile.BadFile, Taken, BadPlan) as error:
        raise click.ClickException(str(error)) from error
    except Missing as error:
        raise Unusable(str(error)) from error
    except sqlite3.Error as error:
        raise click.ClickException(f"{source}: {error}") from error
    except OSError as error:
        raise Unusable(f"{error.filename or source}: {error.strerror or error}") from error
    for name, why in made.missing.items():
        click.echo(f"{name} not drawn: {why}", err=True)
    click.echo(f"{target / made.page.name}: {made.drawn} figures", err=True)


class Draws(NamedTuple):
    """Seed and number of the bootstrap's draws."""

    seed: int
    resamples: int


class Beside(NamedTuple):
    """What is read beside the study's data, each where it was given."""

    lab: Path | None
    against: Path | None
    known: Path | None


class Whose(NamedTuple):
    """Whose rounds are reported, as `Asked` has it."""

    kinds: tuple[str, ...]
    study: str
    release: bool


def _told(source: str, whose: Whose, draws: Draws, beside: Beside) -> tuple[Story, Sequence[Change] | None]:
    """Read and judge; return the story and the lines of the comparison with a preregistration, where one was given."""
    from server.report.against import compare  # noqa: PLC0415 - pandas, matplotlib and the rest are an extra
    from server.report.page import known as groups  # noqa: PLC0415 - the same
    from server.report.page import lab as labs  # noqa: PLC0415 - the same
    from server.report.page import mapped  # noqa: PLC0415 - the same
    from server.report.page.gather import Asked, gather  # noqa: PLC0415 - the same
    from server.report.page.judge import judge  # noqa: PLC0415 - the same
    from server.report.page.story import story  # noqa: PLC0415 - the same
    from server.report.tables import Bootstrap  # noqa: PLC0415 - the same

    talk = Console(stderr=True)
    found = labs.read(beside.lab) if beside.lab else None
    with open_logs(source) as logs, Progress(console=talk, transient=True, disable=not talk.is_terminal) as progress:
        reading = progress.add_task("reading", total=len(logs.lengths) if isinstance(logs, Logs) else None)
        gathered = gather(logs, Asked(*whose), lambda: progress.advance(reading))
    if found:
        gathered.rounds = mapped.joined(gathered.rounds, found)
    told = story(gathered, Bootstrap(*draws))
    told.lab = found
    if beside.known:
        with open_logs(str(beside.known)) as logs:
            told.known = groups.check(gather(logs, Asked(release=whose.release)).rounds, beside.known)
    judge(told, beside.against)
    return told, compare(beside.against, gathered.source, told.effects) if beside.against else None


def _write(folder: Path, told: Story, lines: Sequence[Change] | None) -> Written:
    from server.report.page.write import FIGURES, write  # noqa: PLC0415 - as above

    talk = Console(stderr=True)
    with Progress(console=talk, transient=True, disable=not talk.is_terminal) as progress:
        drawing = progress.add_task("drawing", total=len(FIGURES))
        return write(told, folder, lines, lambda: progress.advance(drawing))


def _pictures(folder: Path) -> Callable[[str], bytes]:
    """Return a reader of a pack's blobs by digest; raises Unreadable where the folder is no pack."""
    try:
        manifest = pack.decode((folder / "manifest.json").read_bytes())
    except (OSError, ValueError) as error:
        raise Unreadable(f"--pack {folder} is no pack: {error}") from error

    def read(digest: str) -> bytes:
        blob = manifest.blobs[digest]
        return (folder / "blobs" / digest[:2] / f"{digest}{pack.MEDIA[blob.media]}").read_bytes()

    return read
