"""`coplay pay STUDY`: what everybody earned, what is due, files for each platform, or Prolific itself; nothing twice."""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from game.pastime import minutes_of, sessions_of
from game.pay import Pay
from game.study import Invalid
from server import prolific, recruit
from server.cli import PROBLEM
from server.dues import Due, Earning, Tally, earnings, floor_of, hundredths
from server.erasure import NotEmptied, empty
from server.ledger import SENDING, Ledger
from server.office import Office, data_option, open_office
from server.payout import Sent, contested, paid_up, rewrite, send, write_files, write_ledger
from server.studies import OpenStudy, open_study

SIMULATED = 4
"""Simulated participants behind the expected time, where the study does not say it."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What `--json` prints. Amounts in hundredths of `currency`; wages per hour of the time that was really spent."""

    study: str
    currency: str
    minutes: float
    floor_per_hour: float
    outcomes: dict[str, int]
    earned: int
    due: int
    paid: int
    unsure: int
    wage_median: float | None
    wage_least: float | None
    below_floor: int
    playing: int
    erased: int
    unknown: int


@click.command()
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@data_option
@click.option("--preview", is_flag=True, help="Only say what the planned number of people will cost.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write files of what is due; it is then paid."
)
@click.option("--batch", help="Write the files of an earlier batch again (with --out).")
@click.option("--send", "sending", is_flag=True, help="Approve and pay on Prolific (with --token-file).")
@click.option(
    "--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Prolific's API token."
)
@click.option("--api", default=prolific.BASE, show_default=True, help="Where Prolific's API is.")
@click.option("--settle", nargs=3, help="SESSION KIND paid|unpaid: decide what nobody could know.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def pay(
    study: Path, data: Path | None, out: Path | None, batch: str | None, token_file: Path | None, api: str,
    settle: tuple[str, str, str] | None, *, preview: bool, sending: bool, as_json: bool,
) -> None:  # fmt: skip
    """Say what is due for STUDY by the log and [pay]; without --out or --send nothing is changed.

    Each session is paid once for each kind (base, bonus, partial), however often this is run.
    """
    opened, rule = _open(study)
    minutes = expected_minutes(opened, rule)
    if preview:
        return _preview(opened, rule, minutes)
    if sending and token_file is None:
        raise click.UsageError("--send needs --token-file, a file with Prolific's API token")
    configs = recruit.read(study)
    with open_office(data) as office:
        ledger = Ledger(office.database, office.payments)
        if settle:
            _settle(ledger, opened.name, *settle)
            return _forget(office, ledger, opened.name, by_hand=False)
        earned, tally = earnings(office.database, office.people, opened.name, rule, minutes, configs)
        came = {stream: known[-1] for stream, known in office.people.everyone()}
        again = {stream for stream, arrival in came.items() if office.people.was_paid(arrival)}
        arrivals = {stream: arrival for stream, arrival in came.items() if stream not in again}
        due = ledger.unpaid(due for earning in earned for due in earning.dues)
        if sending and token_file is not None:
            client = prolific.Client(token_file.read_text("utf-8").strip(), api)
            _send(ledger, due, rule, arrivals, client, configs)
        if out is not None:
            ours = due if not sending else ledger.unpaid(due)
            made = batch or write_files(ledger, [d for d in ours if _by_file(d)], rule.currency, arrivals, out)
            for path in rewrite(ledger, made, arrivals, out) if made else ():
                click.echo(str(path))
            write_ledger(out / "ledger.csv", ledger.payments(opened.name)) if out.is_dir() else None
            click.echo(f"batch {made}" if made else "nothing is due", err=True)
        _doubts(ledger, opened.name, arrivals)
        for stream in sorted(again):
            click.echo(f"{stream}: not paid, its submission was paid for a session that was erased", err=True)
        if out is not None or sending:
            _forget(office, ledger, opened.name, by_hand=not sending)
        _tell(_summary(opened.name, rule, minutes, earned, tally, ledger), earned, as_json=as_json)
    return None


def _doubts(ledger: Ledger, study: str, arrivals: dict[str, recruit.Arrival]) -> None:
    """Name what a person has to decide."""
    for payment in ledger.payments(study):
        if payment.state == SENDING:
            what = f"{payment.stream} {payment.kind}"
            click.echo(f"{what}: look on Prolific whether it was paid, then --settle {what} paid (or unpaid)", err=True)
    for stream in sorted(contested(arrivals)):
        if stream.startswith(f"{study}/"):
            click.echo(
                f"{stream}: not paid, another session names the same submission; coplay erase the wrong one", err=True
            )


def _open(folder: Path) -> tuple[OpenStudy, Pay]:
    try:
        opened = open_study(folder)
    except Invalid as invalid:
        for problem in invalid.problems:
            click.echo(str(problem), err=True)
        sys.exit(PROBLEM)
    if opened.study.pay is None:
        raise click.UsageError(f"{folder} has no [pay]: give currency, base, minutes and floor_per_hour")
    return opened, opened.study.pay


def _by_file(due: Due) -> bool:
    """Bases on a platform are paid by approving: they are in a file too. Only what a platform pays alone is left out."""
    return not (due.kind == "partial" and due.way == "platform")


def _send(
    ledger: Ledger, due: Sequence[Due], rule: Pay, arrivals: dict[str, recruit.Arrival], client: prolific.Client,
    configs: Sequence[recruit.Config],
) -> None:  # fmt: skip
    number = next((c.number for c in configs if c.platform == "prolific" and c.number), "")
    numbers = {number} if number else {a.study for a in arrivals.values() if a.platform == "prolific" and a.study}
    if len(numbers) != 1:
        raise click.ClickException('say which study it is on Prolific: number = "..." in recruit.toml')
    try:
        done = send(ledger, due, rule.currency, arrivals, client, numbers.pop())
    except prolific.Refused as error:
        raise click.ClickException(f"nothing was paid: {error}") from error
    _tell_sent(done)


def _tell_sent(done: Sent) -> None:
    click.echo(f"{len(done.paid)} paid, {len(done.waiting)} not payable there now", err=True)
    for refusal in done.refused:
        click.echo(refusal, err=True)
    for stream, kind in done.unsure:
        click.echo(
            f"{stream} {kind}: look on Prolific whether it was paid, then --settle {stream} {kind} paid", err=True
        )


def expected_minutes(opened: OpenStudy, rule: Pay) -> float:
    """Return how long the study should take: as [pay] says, else as simulated participants take."""
    return rule.minutes or minutes_of(sessions_of(opened.study, opened.pack.manifest, opened.texts, SIMULATED))


def _forget(office: Office, ledger: Ledger, study: str, *, by_hand: bool) -> None:
    """Forget who the erased are that were paid just now."""
    done = paid_up(office.people, ledger, study, by_hand=by_hand)
    for stream in done:
        office.people.settle(stream, paid=True)
    if not done:
        return
    click.echo(f"{len(done)} erased and paid: who they are is forgotten", err=True)
    try:
        empty(office.database)
    except NotEmptied as error:
        click.echo(f"old pages may lie in the file coplay.db-wal: {error}", err=True)


def _settle(ledger: Ledger, study: str, session: str, kind: str, how: str) -> None:
    found = [p for p in ledger.payments(study) if session in (p.stream, p.stream.rpartition("/")[2]) and p.kind == kind]
    if not found or how not in ("paid", "unpaid"):
        raise click.UsageError("--settle takes a session and kind that the ledger has, and `paid` or `unpaid`")
    (ledger.settle if how == "paid" else ledger.void)([(payment.stream, payment.kind) for payment in found])
    click.echo(f"{found[0].stream} {kind}: {how}", err=True)


def _summary(study: str, rule: Pay, minutes: float, earned: Sequence[Earning], tally: Tally, ledger: Ledger) -> Summary:
    rows = ledger.payments(study)
    wages = [one.cents / 100 / (one.minutes / 60) for one in earned if one.outcome == "completed" and one.minutes > 0]
    return Summary(
        study=study, currency=rule.currency, minutes=round(minutes, 1), floor_per_hour=rule.floor_per_hour,
        outcomes=dict(Counter(one.outcome for one in earned)),
        earned=sum(one.cents for one in earned),
        due=sum(d.cents for d in ledger.unpaid(d for one in earned for d in one.dues)),
        paid=sum(p.cents for p in rows if p.state != SENDING), unsure=sum(p.cents for p in rows if p.state == SENDING),
        wage_median=round(statistics.median(wages), 2) if wages else None,
        wage_least=round(min(wages), 2) if wages else None,
        below_floor=sum(wage < rule.floor_per_hour for wage in wages),
        playing=tally.playing, erased=tally.erased, unknown=tally.unknown,
    )  # fmt: skip


def _tell(summary: Summary, earned: Sequence[Earning], *, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(summary).decode())
        return
    table = Table("outcome", "people", "median minutes", "base", "bonus", "partial", box=None, header_style="bold")
    for outcome in sorted(summary.outcomes):
        group = [one for one in earned if one.outcome == outcome]
        sums = [
            sum(d.cents for one in group for d in one.dues if d.kind == kind) for kind in ("base", "bonus", "partial")
        ]
        middle = statistics.median(one.minutes for one in group)
        table.add_row(outcome, str(len(group)), f"{middle:.1f}", *(f"{cents / 100:.2f}" for cents in sums))
    Console().print(table)
    money = f"earned {summary.earned / 100:.2f}, due {summary.due / 100:.2f}, paid {summary.paid / 100:.2f}"
    click.echo(f"{money}, unsure {summary.unsure / 100:.2f} {summary.currency}")
    if summary.wage_median is not None:
        below = f"{summary.below_floor} below {summary.floor_per_hour:g}"
        click.echo(f"real wage per hour: median {summary.wage_median}, least {summary.wage_least}, {below}")
    click.echo(
        f"{summary.playing} still playing, {summary.erased} erased, {summary.unknown} without anybody known", err=True
    )


def _preview(opened: OpenStudy, rule: Pay, minutes: float) -> None:
    """Say what one person and all planned people cost at least and at most; a platform's fees come on top."""
    n = opened.study.n or opened.study.rule.places
    floor = hundredths(floor_of(rule, minutes))
    least = max(hundredths(rule.base) + hundredths(rule.bonus_least), floor)
    most = max(hundredths(rule.base) + hundredths(rule.bonus_most or rule.bonus_least), floor)
    click.echo(f"one person: {least / 100:.2f} to {most / 100:.2f} {rule.currency} for {minutes:.0f} minutes")
    per_hour = " to ".join(f"{cents / 100 * 60 / minutes:.2f}" for cents in (least, most))
    click.echo(f"per hour of the expected time: {per_hour} {rule.currency}")
    if n:
        click.echo(f"{n} people: {n * least / 100:.2f} to {n * most / 100:.2f} {rule.currency}")
    click.echo("Platform fees and people who do not finish come on top.", err=True)
