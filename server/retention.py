"""Retention: what a study promised to keep for so many days and no longer. First looked at, then carried out."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from server.erasure import empty, erase, plan_of
from server.office import Office
from server.privacy import Privacy

DAY_US = 86_400_000_000
PREFIXES = ("", "pilot/", "preview/")


class Overdue(msgspec.Struct, frozen=True, kw_only=True):
    """One session that is past a period. `what`: "ids" (links and platform ids) or "data" (all of it)."""

    stream: str
    what: str
    days: int
    """Since its last sign of life."""
    unpaid: bool = False


def overdue(office: Office, study: str, kept: Privacy, now: int, unpaid: Collection[str]) -> list[Overdue]:
    """Return what has to go at `now` (microseconds UTC); a period of 0 is none. `unpaid`: sessions that are due money."""
    found: list[Overdue] = []
    owed = office.people.owed()
    for head in (head for prefix in PREFIXES for head in office.database.heads(f"{prefix}{study}/")):
        days = (now - head.at) // DAY_US
        plan = plan_of(office.database, head.stream)
        old_data = bool(kept.data_days and days >= kept.data_days and (plan.rows or plan.links))
        old_ids = bool(kept.ids_days and days >= kept.ids_days and (plan.links or head.stream in owed))
        if old_data or old_ids:
            what = "data" if old_data else "ids"
            found.append(Overdue(stream=head.stream, what=what, days=int(days), unpaid=head.stream in unpaid))
    return found


def carry_out(office: Office, gone: Overdue) -> None:
    """Delete what is overdue; raises as `server.erasure.erase` does."""
    if gone.what == "data":
        erase(office.database, office.people, office.assigner, office.erasures, gone.stream, "retention")
    else:
        office.people.forget(gone.stream)
        office.people.settle(gone.stream)
        empty(office.database)
