"""Credit: what a platform is asked to grant from here, once for each session, with a token that no browser sees."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, cast

from server.recruit import Grant, Show, Stay
from server.recruiters.sona import NotGranted, Sona

if TYPE_CHECKING:
    from pathlib import Path

    from server.database import Database
    from server.recruit import Arrival, Exit, Recruiter

TABLE = "CREATE TABLE IF NOT EXISTS credit (stream TEXT PRIMARY KEY, state TEXT NOT NULL, at BIGINT NOT NULL)"
STUCK_S = 60
"""A request that was never answered may be made again after so long; SONA grants a credit once however often it is asked."""

log = logging.getLogger("coplay.credit")


def token_file(folder: Path, number: str) -> Path:
    """Return where the credit token of a SONA study lies: in the data folder, never in the study's."""
    return folder / f"sona-{number}.token"


def granted(database: Database, folder: Path, stream: str, recruiter: Recruiter, arrival: Arrival, way: Exit) -> Exit:
    """Return a way out with its credit granted; any other way as it is.

    Without a token the survey code is shown, so that the researchers can grant it by hand.
    """
    if not isinstance(way, Grant) or not isinstance(recruiter, Sona):
        return way
    platform = cast("Sona", recruiter)
    path = token_file(folder, platform.config.number)
    if not path.is_file():
        return Show(arrival.worker)
    database.sql(TABLE)
    now = int(time.time())
    claimed = database.sql(
        "INSERT INTO credit VALUES (?, 'asking', ?) ON CONFLICT (stream) DO UPDATE SET state = 'asking', at = excluded.at "
        "WHERE credit.state = 'failed' OR (credit.state = 'asking' AND credit.at < ?) RETURNING stream",
        stream, now, now - STUCK_S,
    )  # fmt: skip
    if not claimed:
        (state,) = database.sql("SELECT state FROM credit WHERE stream = ?", stream)[0]
        return Stay("credited" if state == "granted" else "uncredited")
    try:
        platform.grant(path.read_text("utf-8").strip(), arrival)
    except (NotGranted, OSError) as error:
        log.error("%s: %s", stream, error)
        database.sql("UPDATE credit SET state = 'failed' WHERE stream = ?", stream)
        return Stay("uncredited")
    database.sql("UPDATE credit SET state = 'granted' WHERE stream = ?", stream)
    return Stay("credited")
