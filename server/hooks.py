"""Hooks: what Prolific tells of submissions by itself. Believed only when signed and fresh, and carried out once."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import msgspec
from flask import Blueprint, Response, abort, request

from game.commands import Close
from server.pages import house
from server.prolific import is_genuine

if TYPE_CHECKING:
    from server.house import House

SECRET = "prolific-webhook.secret"  # noqa: S105 - the name of a file
TABLES = (
    "CREATE TABLE IF NOT EXISTS hook (event TEXT PRIMARY KEY, at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS submission (id TEXT PRIMARY KEY, status TEXT NOT NULL, stamp DOUBLE PRECISION NOT NULL)",
)
ENDS = {"TIMED-OUT": "expired", "TIMED_OUT": "expired", "RETURNED": "withdrawn"}
"""Status of a submission -> how its session ends, if it still goes on: its place is free then."""
EVENT_MAX, KEPT_S = 128, 7 * 24 * 3600
"""Event ids are kept for longer than Prolific tries again (48 hours)."""

hooks = Blueprint("hooks", __name__)
log = logging.getLogger("coplay.hooks")


class Told(msgspec.Struct, frozen=True):
    """The body of a webhook; for submissions `resource_id` is that of the submission."""

    event_type: str
    resource_id: str = ""
    participant_id: str = ""
    status: str = ""


@hooks.post("/hooks/prolific")
def prolific() -> Response:
    """Take a webhook: 200 once it is done or was before, 403 where nobody can say that Prolific sent it."""
    here, body = house(), request.get_data(cache=False)
    path = here.settings.folder / SECRET
    if not path.is_file():
        abort(404)
    if not is_genuine(path.read_text("utf-8").strip(), dict(request.headers), body, time.time()):
        return _said("not signed by Prolific, or too old", 403)
    event = request.headers.get("X-Event-ID", "")[:EVENT_MAX]
    try:
        told = msgspec.json.decode(body, type=Told)
    except msgspec.MsgspecError:
        return _said("not a webhook's body", 400)
    if event and not _first(here, event):
        return _said("done before")
    try:
        return _said(_carry_out(here, told, _stamp()))
    except Exception:
        here.database.sql("DELETE FROM hook WHERE event = ?", event)  # it is sent again, and done then
        raise


def prepare(here: House) -> None:
    """Make the tables."""
    for table in TABLES:
        here.database.sql(table)


def _first(here: House, event: str) -> bool:
    """Claim an event; False where it was claimed before."""
    now = int(time.time())
    here.database.sql("DELETE FROM hook WHERE at < ?", now - KEPT_S)
    made = here.database.sql("INSERT INTO hook VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING event", event, now)
    return bool(made)


def _stamp() -> float:
    """Return when the event happened; events may come in another order."""
    for name in ("X-Timestamp", "X-Prolific-Request-Timestamp"):
        try:
            return float(request.headers.get(name, ""))
        except ValueError:
            continue
    return time.time()


def _carry_out(here: House, told: Told, stamp: float) -> str:
    if told.event_type != "submission.status.change" or not told.resource_id:
        log.info("%s: nothing to do here", told.event_type)
        return "nothing to do"
    newest = here.database.sql(
        "INSERT INTO submission VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET status = excluded.status, stamp = excluded.stamp "
        "WHERE submission.stamp <= excluded.stamp RETURNING status",
        told.resource_id, told.status, stamp,
    )  # fmt: skip
    outcome = ENDS.get(told.status.upper().replace(" ", "-"))
    if not newest or outcome is None:
        return "noted" if newest else "older than what is known"
    for stream, known in here.people.everyone():
        last = known[-1]
        mine = (last.platform, last.session) == ("prolific", told.resource_id)
        if mine and told.participant_id in ("", last.worker) and here.table.outcome(stream) == "":
            here.table.submit(stream, "system", "", Close(outcome=outcome))
    return "noted"


def _said(text: str, status: int = 200) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
