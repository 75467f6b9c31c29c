"""Which platform's id belongs to which exported session: a file of its own, never part of an export."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection
from pathlib import Path

from server.office import open_office

COLUMNS = ("session_id", "subject_id", "platform", "worker_id", "submission_id", "platform_study_id")
MODE = 0o600


class NotWritten(ValueError):
    """The file cannot be written there; the message says why."""


def write(data: Path, target: Path, streams: Collection[str]) -> int:
    """Write every arrival of the exported sessions that a platform sent, as CSV that only its owner may read; return how many.

    Raises NotWritten where `target` exists, EnvironmentLacks where `data` has no secret, OSError.
    """
    try:
        opened = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE)
    except FileExistsError:
        raise NotWritten(f"{target} exists: name another file, or delete it") from None
    count = 0
    try:
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as file, open_office(data) as office:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for stream, arrivals in office.people.everyone():
                for each in arrivals if stream in streams else ():
                    code = stream.rpartition("/")[2]
                    writer.writerow([stream, code, each.platform, each.worker, each.session, each.study])
                    count += 1
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return count
