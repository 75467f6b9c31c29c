"""`coplay invite STUDY`: personal links, as a table and as QR codes."""

from __future__ import annotations

import csv
import os
import re
import urllib.parse
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import click

from game.study import Invalid, parse
from server import recruit
from server import settings as environment
from server.cli import EnvironmentLacks
from server.office import data_option, key_of
from server.recruiters.personal import Personal
from server.settings import Settings

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@click.command()
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("names", required=False, type=click.File("r", encoding="utf-8"))
@data_option
@click.option(
    "-n", "count", type=click.IntRange(1, 100_000), help="Make so many names, p001 and so on, in place of NAMES."
)
@click.option("--origin", help="Public address, e.g. https://study.example.org. [COPLAY_ORIGIN]")
@click.option(
    "-o", "output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="CSV to write: name,link."
)
@click.option(
    "--qr", type=click.Path(file_okay=False, path_type=Path), help="Also write a QR code for each, NAME.svg, here."
)
def invite(
    study: Path, names: TextIO | None, data: Path | None, count: int | None, origin: str | None,
    output: Path, qr: Path | None,
) -> None:  # fmt: skip
    """Make a link for each person in NAMES (a text file, a pseudonym a line; - reads from the pipe).

    Each link is one person's: it begins one session and continues it. The same names give the same links.
    """
    settings = environment.load()
    settings = Settings(data=str(data), secret_file=settings.secret_file, origin=settings.origin) if data else settings
    base = (origin or settings.origin).rstrip("/")
    if urllib.parse.urlsplit(base).scheme not in ("http", "https"):
        raise click.UsageError("say where people find the study: --origin https://study.example.org")
    if (names is None) == (count is None):
        raise click.UsageError("give NAMES or -n, not both")
    people = _people(names, count or 0)
    recruiter = _recruiter(study, settings)
    lines = _links(study, base, recruiter, people)
    _write(output, lines)
    if qr is not None:
        _draw(qr, lines)
    click.echo(f"{output}: {len(lines)} links", err=True)


def _people(names: TextIO | None, count: int) -> list[str]:
    if names is None:
        return [f"p{number:03d}" for number in range(1, count + 1)]
    return [line.strip() for line in names if line.strip()]


def _recruiter(study: Path, settings: Settings) -> Personal:
    """Return the study's recruiter of personal links, with the installation's key."""
    try:
        configs = [config for config in recruit.read(study) if config.platform == "personal"]
    except Invalid as invalid:
        raise click.ClickException("\n".join(str(problem) for problem in invalid.problems)) from invalid
    if not configs:
        raise click.ClickException(
            f'{study / recruit.FILE} lets in no personal links: add [[recruit]] platform = "personal"'
        )
    secret = settings.secret_path
    if not secret.is_file():
        raise EnvironmentLacks(f"{secret} is missing: links are made with it. Serve the study once, or name its --data")
    made = recruit.make(configs[:1], key_of(settings))[0]
    assert isinstance(made, Personal)
    return made


def _links(study: Path, base: str, recruiter: Personal, people: Sequence[str]) -> list[tuple[str, str]]:
    bad = [name for name in people if not NAME.fullmatch(name)]
    if bad:
        raise click.ClickException(
            f"{bad[0]!r} cannot be a name in a link: use pseudonyms of letters, digits, . _ - (no e-mail addresses)"
        )
    if twice := next((name for name in people if people.count(name) > 1), ""):
        raise click.ClickException(f"{twice!r} stands there twice: each person needs a name of their own")
    name = parse((study / "study.toml").read_text("utf-8")).name
    return [(who, f"{base}/s/{name}?invite={who}.{recruiter.code(who)}") for who in people]


def _write(path: Path, lines: Sequence[tuple[str, str]]) -> None:
    """Write the table for its owner only: whoever has a link is that person."""
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", newline="", encoding="utf-8"
    ) as file:
        csv.writer(file, lineterminator="\n").writerows([("name", "link"), *lines])


def _draw(folder: Path, lines: Sequence[tuple[str, str]]) -> None:
    import segno  # noqa: PLC0415 - only who wants QR codes waits for it

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, link in lines:
        segno.make_qr(link, error="m").save(str(folder / f"{name}.svg"), scale=6, border=4, title=name)
