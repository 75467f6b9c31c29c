"""`coplay erase WHO`: delete a participant's data for good; shows first what that means."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from server.cli import PROBLEM
from server.erasure import NotEmptied, Plan, mentions, plan_of, reapply, streams_of
from server.erasure import erase as carry_out
from server.office import Office, data_option, open_office


@click.command()
@click.argument("who", required=False)
@data_option
@click.option("--yes", is_flag=True, help="Erase; without it nothing is changed and you see what would be.")
@click.option("--look", multiple=True, type=click.Path(exists=True, path_type=Path), help="Also look for exports here.")
@click.option("--drop-exports", is_flag=True, help="Also delete the exports that name the session; make them anew.")
@click.option("--again", is_flag=True, help="Erase whatever the list of erasures names and is still there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def erase(
    who: str | None,
    data: Path | None,
    look: tuple[Path, ...],
    *,
    yes: bool,
    drop_exports: bool,
    again: bool,
    as_json: bool,
) -> None:
    """Erase WHO: a session code, or a platform's id of a person or submission.

    Answers and salts, links, sealed ids and hashes are deleted; kinds, times and hashes of rows stay, so that `coplay verify`
    can prove the order. May be run while the server runs.
    """
    if (who is None) != again:
        raise click.UsageError("say whom to erase, or --again")
    with open_office(data) as office:
        if who is None:
            for stream in reapply(office.database, office.people, office.assigner, office.erasures):
                click.echo(f"{stream}: erased again")
            return
        streams = streams_of(office.database, office.people, who)
        if not streams:
            click.echo("nobody is known by this code or id; nothing was changed", err=True)
            sys.exit(PROBLEM)
        _tell([plan_of(office.database, stream) for stream in streams], as_json=as_json)
        named = list(mentions((office.settings.folder, *look), streams))
        for path in named:
            click.echo(f"{path} names the session: delete it, or make it anew after the erasure", err=True)
        if not yes:
            click.echo(
                "Nothing was changed; add --yes to erase. What is due should be paid before (coplay pay).", err=True
            )
            return
        _erase(office, streams)
        for path in named if drop_exports else ():
            path.unlink()
            click.echo(f"{path}: deleted", err=True)


def _erase(office: Office, streams: list[str]) -> None:
    for stream in streams:
        try:
            office.people.settle(stream)
            carry_out(office.database, office.people, office.assigner, office.erasures, stream, "on request")
        except NotEmptied as error:
            click.echo(f"{stream}: erased, but old pages may lie in the file coplay.db-wal: {error}", err=True)
            sys.exit(PROBLEM)
        click.echo(f"{stream}: erased", err=True)
    click.echo(
        f"Listed in {office.erasures.path}, which restoring applies again. Backups hold the data until they are deleted.",
        err=True,
    )


def _tell(plans: list[Plan], *, as_json: bool) -> None:
    for plan in plans:
        if as_json:
            click.echo(msgspec.json.encode(plan).decode())
        else:
            state = "erased already" if plan.erased else f"{plan.rows} rows with data and salt"
            click.echo(f"{plan.stream}: {state}, {plan.links} rows that lead to a person")
