"""`coplay hooks STUDY`: have Prolific tell this installation of returned and timed-out submissions by itself."""

from __future__ import annotations

import os
import urllib.parse
from pathlib import Path
from typing import TextIO

import click
from msgspec.structs import replace

from game.study import Invalid
from server import prolific, recruit
from server import settings as environment
from server.cli import EnvironmentLacks
from server.hooks import SECRET
from server.office import data_option

EVENT, PATH = "submission.status.change", "/hooks/prolific"


@click.command()
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@data_option
@click.option(
    "--subscribe",
    "site",
    required=True,
    metavar="URL",
    help="This site as Prolific reaches it: https://study.example.org.",
)
@click.option("--workspace", required=True, metavar="ID", help="The workspace on Prolific that the study is in.")
@click.option(
    "--token-file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Prolific's API token.",
)
@click.option(
    "--secret-file",
    type=click.File("r", encoding="utf-8"),
    help="The secret that Prolific signs with (- reads from the pipe); asked for where there is none yet.",
)
@click.option("--api", default=prolific.BASE, show_default=True, help="Where Prolific's API is.")
def hooks(
    study: Path, data: Path | None, site: str, workspace: str, token_file: Path, secret_file: TextIO | None, api: str
) -> None:  # fmt: skip
    """Subscribe URL to what becomes of submissions, and keep the secret by which those messages are believed.

    The secret is kept first, so that the first message is believed; it is never printed.
    """
    address = _address(site)
    _require_prolific(study)
    loaded = environment.load()
    settings = loaded if data is None else replace(loaded, data=str(data))
    if not settings.folder.is_dir():
        raise EnvironmentLacks(
            f"{settings.folder} is missing: serve the study once, or name its data folder with --data"
        )
    path = settings.folder / SECRET
    given = secret_file.read() if secret_file else ""
    if not secret_file and not path.is_file():
        given = click.prompt("The secret that Prolific signs with", hide_input=True, err=True)
    if given or secret_file:
        _keep(path, given.strip())
    path.chmod(0o600)
    try:
        made = prolific.Client(token_file.read_text("utf-8").strip(), api).subscribe(workspace, EVENT, address)
    except prolific.Refused as error:
        raise click.ClickException(f"not subscribed: {error}") from error
    click.echo(f"subscription {made}: {EVENT} to {address}; {path} has the secret", err=True)


def _address(site: str) -> str:
    """Return the webhook's address on a site; Prolific takes https only."""
    parts = urllib.parse.urlsplit(site)
    if parts.scheme != "https" or not parts.hostname or parts.path.rstrip("/") not in ("", PATH):
        raise click.UsageError(f"--subscribe {site}: give the site's own address, https://study.example.org")
    return f"https://{parts.netloc}{PATH}"


def _require_prolific(study: Path) -> None:
    try:
        configs = recruit.read(study)
    except Invalid as invalid:
        raise click.ClickException("\n".join(str(problem) for problem in invalid.problems)) from invalid
    if not any(config.platform == "prolific" for config in configs):
        raise click.ClickException(
            f'{study / recruit.FILE} recruits nobody on Prolific: add [[recruit]] platform = "prolific"'
        )


def _keep(path: Path, secret: str) -> None:
    """Write the secret for its owner only, whole or not at all."""
    if not secret or any(character.isspace() for character in secret):
        raise click.UsageError("the secret is one word, as Prolific gave it: nothing was changed")
    part = path.with_name(f".{path.name}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(secret + "\n")
    part.replace(path)
