"""Payout: from dues to files for each platform, or to Prolific itself. Each due is claimed in the ledger first."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from server.dues import Due
from server.ledger import LISTED, SENDING, Ledger, Payment
from server.people import People
from server.prolific import Client, Refused
from server.recruit import Arrival

GIVEN = {"base": ("APPROVED", "PARTIALLY APPROVED"), "partial": ("SCREENED OUT", "APPROVED", "PARTIALLY APPROVED")}
"""Statuses in which Prolific has paid a kind by itself."""
WAITING = "AWAITING REVIEW"
NOTHING_MOVED = "POST /submissions/bonus-payments/: 4"
"""How a refusal begins that surely paid nobody."""

Key = tuple[str, str]


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a payout; every list holds (stream, kind)."""

    paid: tuple[Key, ...] = ()
    waiting: tuple[Key, ...] = ()
    """Not payable yet, or no more, by the status it has there."""
    unsure: tuple[Key, ...] = ()
    """Nobody can know whether it was paid: look there, then `coplay pay --settle`."""
    refused: tuple[str, ...] = ()
    """What Prolific answered."""


def contested(arrivals: Mapping[str, Arrival]) -> set[str]:
    """Return the sessions that name a submission which another session names too.

    Where links are not signed, one person can come by many made-up ids with the one submission that they have. Nobody of them is
    paid until a person has looked; erasing the wrong ones makes the right one payable.
    """
    by_submission: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for stream, arrival in arrivals.items():
        if arrival.session:
            by_submission[arrival.platform, arrival.session].add(stream)
    return {stream for streams in by_submission.values() if len(streams) > 1 for stream in streams}


def write_files(
    ledger: Ledger, dues: Sequence[Due], currency: str, arrivals: Mapping[str, Arrival], folder: Path
) -> str:
    """Claim dues as one batch and write a file for each platform and kind; returns the batch, "" where nothing was due."""
    batch = ledger.next_batch()
    doubtful = contested(arrivals)
    payable = [due for due in dues if due.stream not in doubtful and _known(arrivals.get(due.stream))]
    claimed = ledger.claim(payable, currency, LISTED, batch)
    if not claimed:
        return ""
    rewrite(ledger, batch, arrivals, folder)
    return batch


def paid_up(people: People, ledger: Ledger, study: str, *, by_hand: bool) -> list[str]:
    """Return the erased sessions of a study that nothing is due for any more: who they were can be forgotten.

    `by_hand`: nobody asks the platform, so what it pays by itself counts as paid.
    """
    done = {(payment.stream, payment.kind) for payment in ledger.payments(study) if payment.state != SENDING}
    left = {stream: owed.dues for stream, owed in people.owed().items() if stream.startswith(f"{study}/")}
    return [
        stream
        for stream, dues in left.items()
        if all(
            (stream, kind) in done or (by_hand and (kind, way) == ("partial", "platform"))
            for kind, (_, way) in dues.items()
        )
    ]


def rewrite(ledger: Ledger, batch: str, arrivals: Mapping[str, Arrival], folder: Path) -> list[Path]:
    """Write the files of a batch, as often as wanted. They hold ids and amounts, never a session's code.

    Where somebody of the batch is forgotten since, a file that is still there is the whole one: it is left as it is.
    """
    by_file: dict[str, list[tuple[Arrival, Payment]]] = defaultdict(list)
    ours = [payment for payment in ledger.payments() if payment.batch == batch]
    whole = all(payment.stream in arrivals for payment in ours)
    for payment in ours:
        if (arrival := arrivals.get(payment.stream)) is not None:
            what = "approve" if payment.kind == "base" and arrival.platform == "prolific" else payment.kind
            by_file[f"{batch}-{arrival.platform}-{what}.csv"].append((arrival, payment))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made: list[Path] = []
    for name, entries in sorted(by_file.items()):
        if whole or not (folder / name).exists():
            _write(folder / name, _lines(name, sorted(entries, key=lambda entry: entry[0].worker)))
        made.append(folder / name)
    return made


def _lines(name: str, entries: Iterable[tuple[Arrival, Payment]]) -> list[list[str]]:
    """Return a file's lines: for Prolific what its bulk fields take (no header), else who and how much."""
    if "-prolific-" in name:
        if name.endswith("-approve.csv"):
            return [[arrival.session] for arrival, _ in entries]
        return [[arrival.session, f"{payment.cents / 100:.2f}"] for arrival, payment in entries]
    head = ["worker", "submission", "amount", "currency"]
    return [head, *([_cell(a.worker), _cell(a.session), f"{p.cents / 100:.2f}", p.currency] for a, p in entries)]


def _known(arrival: Arrival | None) -> bool:
    """Tell whether somebody can be paid by name; Prolific's fields take submission ids only, so nothing else goes there."""
    return arrival is not None and (arrival.platform != "prolific" or arrival.session.isalnum())


def _cell(text: str) -> str:
    """Return an id that no spreadsheet takes for a formula: ids come from links, where anybody can write anything."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") and text else text


def write_ledger(path: Path, payments: Sequence[Payment]) -> None:
    """Write the ledger: session codes and amounts, no platform id."""
    head = list(Payment.__struct_fields__)
    _write(path, [head, *([str(value) for value in msgspec.structs.astuple(p)] for p in payments)])


def send(
    ledger: Ledger, dues: Sequence[Due], currency: str, arrivals: Mapping[str, Arrival], client: Client, number: str
) -> Sent:
    """Approve and pay on Prolific what is due in its study `number`; raises Refused only while nothing has moved yet."""
    doubtful = contested(arrivals)
    prolific = {
        stream: one for stream, one in arrivals.items() if one.platform == "prolific" and stream not in doubtful
    }
    mine = [due for due in dues if due.stream in prolific]
    status: dict[tuple[str, str], str] = {}
    for one in client.submissions(number):
        status[str(one["id"]), str(one.get("participant_id", ""))] = str(one.get("status", ""))
    paid: list[Key] = []
    waiting: list[Key] = []
    refused: list[str] = []
    bonuses: list[Due] = []
    for due in mine:
        key, submission = (due.stream, due.kind), arrivals[due.stream].session
        now = status.get((submission, arrivals[due.stream].worker)) or status.get((submission, ""), "")
        if now in GIVEN.get(due.kind, ()):
            if ledger.claim([due], currency, SENDING, "platform"):
                ledger.settle([key])
                paid.append(key)
        elif due.kind == "base":
            done = _approve(ledger, due, currency, client, submission, refused) if now == WAITING else False
            (paid if done else waiting).append(key)
        elif now in ("", "ACTIVE", "RESERVED"):
            waiting.append(key)
        else:
            bonuses.append(due)
    settled, unsure = _bonuses(ledger, bonuses, currency, arrivals, client, number, refused)
    return Sent(paid=(*paid, *settled), waiting=tuple(waiting), unsure=unsure, refused=tuple(refused))


def _approve(ledger: Ledger, due: Due, currency: str, client: Client, submission: str, refused: list[str]) -> bool:
    """Approve a submission; approving twice pays once there, so a failure may be tried again."""
    key = (due.stream, due.kind)
    if not ledger.claim([due], currency, SENDING, "approve"):
        return False
    try:
        client.transition(submission, "APPROVE")
    except Refused as error:
        ledger.void([key])
        refused.append(str(error))
        return False
    ledger.settle([key])
    return True


def _bonuses(
    ledger: Ledger, dues: Sequence[Due], currency: str, arrivals: Mapping[str, Any], client: Client, number: str,
    refused: list[str],
) -> tuple[tuple[Key, ...], tuple[Key, ...]]:  # fmt: skip
    """Pay all bonuses in one go; returns who is paid, and for whom nobody knows."""
    claimed = ledger.claim(dues, currency, SENDING, "bonus")
    keys = tuple((due.stream, due.kind) for due in claimed)
    if not claimed:
        return (), ()
    cents: defaultdict[str, int] = defaultdict(int)
    for due in claimed:
        cents[arrivals[due.stream].session] += due.cents
    try:
        payment = client.bonus(number, {submission: amount / 100 for submission, amount in cents.items()})
    except Refused as error:
        refused.append(str(error))
        if str(error).startswith(NOTHING_MOVED):
            ledger.void(keys)
            return (), ()
        return (), keys
    ledger.settle(keys, payment)
    return keys, ()


def _write(path: Path, lines: Sequence[Sequence[str]]) -> None:
    """Write a file that only its owner may read."""
    part = path.with_name(f".{path.name}")
    with os.fdopen(
        os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", newline="", encoding="utf-8"
    ) as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    part.replace(path)
