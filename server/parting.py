"""Parting: how a session ends for its person: the way back to whoever sent them, and erasure by their own wish.

What outlives an erasure: the way back, shown once, and what is still due, sealed, until it is paid.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from game.commands import Withdraw
from game.consent import wants_erasure
from game.events import Erased
from game.log import Broken, Conflict, Row, is_erased, session_events
from game.points import points_in
from server.credit import granted
from server.dues import LATE, dues_of, spent_minutes
from server.erasure import NotEmptied, erase
from server.people import Owed
from server.recruit import Arrival, Exit, Recruiter, Show, Stay
from server.session import fold_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.house import House
    from server.studies import OpenStudy

OWN, DEBRIEF = "by the person", "at the debrief"
"""Why a session was erased, as the list of erasures says it."""

log = logging.getLogger("coplay.parting")


def outcome_of(closed: str) -> str:
    """Return how recruiters call an outcome."""
    return LATE.get(closed, closed)


def recruiter_of(here: House, study: str, arrival: Arrival) -> Recruiter:
    """Return the recruiter that somebody came by."""
    known = here.recruiters[study]
    return next((one for one in known if one.config.platform == arrival.platform), known[-1])


def way_back(here: House, stream: str, study: str, closed: str) -> Exit:
    """Return where the person of a closed session goes."""
    arrival = here.people.arrival(stream)
    if arrival is None or study not in here.recruiters:
        return Stay()
    recruiter = recruiter_of(here, study, arrival)
    way = recruiter.exit(outcome_of(closed), arrival)
    return granted(here.database, here.settings.folder, stream, recruiter, arrival, way)


def part(here: House, stream: str, why: str = OWN) -> Exit:
    """Erase a session by its person's wish, ending it first; returns the way back. Raises Conflict, OSError, Unavailable."""
    session = here.table.load(stream)
    if session is not None and not session.state.closed:
        session = here.table.submit(stream, "participant", "", Withdraw()).session
    way: Exit = Stay()
    if session is not None and session.state.opened is not None:
        study = session.state.opened.study
        way = way_back(here, stream, study, session.state.closed)
        arrival = here.people.arrival(stream)
        if way == Stay("uncredited") and arrival is not None:
            way = Show(arrival.worker)  # nobody could grant it later without knowing for whom
        _owe(here, stream, here.studies.get(study))
    try:
        erase(here.database, here.people, here.table.assigner, here.erasures, stream, why)
    except NotEmptied as error:
        log.warning("%s: erased; %s", stream, error)
    finally:
        here.table.forget(stream)
    if session is not None:
        here.table.erased(session, Erased(at=session.last.at, by="system", why=why))
    return way


def part_if_wished(here: House, stream: str) -> bool:
    """Erase a closed session whose person said "delete" at the debrief; tells whether it was. Errors are logged."""
    try:
        rows = here.store.read(stream)
        if is_erased(rows) or not wants_erasure(session_events(rows)):
            return False
        part(here, stream, DEBRIEF)
    except (Broken, Conflict, OSError) as error:
        log.error("%s was to be deleted, as its person asked, and was not: %s", stream, error)
        return False
    return True


def _owe(here: House, stream: str, opened: OpenStudy | None) -> None:
    """Keep whom to pay and what, where money is due: afterwards nobody could know."""
    arrival = here.people.arrival(stream)
    if arrival is None or opened is None or opened.study.pay is None or here.settings.prefix:
        return
    rows = here.store.read(stream)
    left = _left(rows, opened, arrival, here)
    if left.dues:
        here.people.owe(stream, left)


def _left(rows: Sequence[Row], opened: OpenStudy, arrival: Arrival, here: House) -> Owed:
    state, pay = fold_rows(rows).state, opened.study.pay
    assert pay is not None
    outcome = outcome_of(state.closed)
    coded = outcome in recruiter_of(here, opened.name, arrival).config.codes
    spent, points = spent_minutes(rows), points_in(state)
    dues = dues_of(rows[0].stream, arrival.platform, outcome, spent, points, pay, pay.minutes, coded=coded)
    return Owed(arrival, outcome, {due.kind: (due.cents, due.way) for due in dues})
