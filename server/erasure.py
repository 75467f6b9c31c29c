"""Erasure: a participant's data are deleted by law. What remains proves only that rows were there and in which order.

First the lasting list (so that a crash or a restore cannot undo it), then the tombstone on the chain (so that a server that holds
the session in memory cannot go on with it), then who the person was, then bodies and salts.
"""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import msgspec

from game.events import Erased
from game.log import Conflict, is_erased, is_session
from server import pen
from server.assign import Assigner, stream_of
from server.database import Database
from server.lasting import ERASURES, PAYMENTS, Lasting
from server.people import People

TRIES = 20
PERSONAL = ("ticket", "participant", "person")
"""Side tables with rows of people; what is still owed to one is kept apart until it is paid (see `server.parting`)."""
LOOKED_IN = (".jsonl", ".json", ".csv", ".tsv", ".txt", ".md", ".html", ".gz")
PACKED, EXPORT = (".parquet", ".xlsx"), "datapackage.json"
"""Files that are not looked in, and the one that marks the folder of an export."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What erasing one session deletes."""

    stream: str
    rows: int
    """Rows whose data and salt go; 0 where they are gone already."""
    links: int
    """Rows that lead from a person to the session: links, sealed ids, hashes."""
    erased: bool


class NotEmptied(RuntimeError):
    """SQLite's write-ahead log still holds old pages because somebody reads them; the erasure itself is done."""


def streams_of(database: Database, people: People, who: str) -> list[str]:
    """Return the sessions that `who` means: a session code, a stream, or a platform's id of a person or submission."""
    sessions = [head.stream for head in database.heads() if is_session(head.stream)]
    by_code = [name for name in sessions if who in (name, name.rpartition("/")[2])]
    by_id = [stream for stream, known in people.everyone() if any(who in (one.worker, one.session) for one in known)]
    return sorted({*by_code, *by_id})


def plan_of(database: Database, stream: str) -> Plan:
    """Return what is there to erase; changes nothing."""
    rows = database.read(stream)
    links = sum(
        int(database.sql(f"SELECT COUNT(*) FROM {table} WHERE stream = ?", stream)[0][0])  # noqa: S608 - constants
        for table in PERSONAL
    )
    return Plan(stream=stream, rows=sum(row.data is not None for row in rows), links=links, erased=is_erased(rows))


def erase(database: Database, people: People, assigner: Assigner, listed: Lasting, stream: str, why: str) -> None:
    """Erase a session for good, however far an earlier attempt came. Raises Conflict, NotEmptied, OSError."""
    if stream not in {entry["stream"] for entry in listed.entries()}:
        listed.add([{"stream": stream, "at": int(time.time()), "why": why}])
    _entomb(database, stream, why)
    people.forget(stream)
    database.erase(stream)
    where, _, session = stream.rpartition("/")
    prefix, _, study = where.rpartition("/")
    assigner.release(stream_of(study, prefix), session, "erased")
    empty(database)


def reapply(database: Database, people: People, assigner: Assigner, listed: Lasting) -> list[str]:
    """Erase again what the list names and a restored database still has; returns those streams."""
    known = {head.stream for head in database.heads()}
    again = [str(entry["stream"]) for entry in listed.entries()]
    left = [s for s in dict.fromkeys(again) if s in known and ((p := plan_of(database, s)).rows or p.links)]
    for stream in left:
        erase(database, people, assigner, listed, stream, "restored")
    return left


def mentions(places: Iterable[Path], streams: Sequence[str]) -> Iterator[Path]:
    """Yield the files below `places` that name one of the sessions: exports to delete or make anew.

    Tables of an export that cannot be read as text hold whoever its other files name, so they come with those.
    """
    codes = [stream.rpartition("/")[2].encode() for stream in streams]
    exports: set[Path] = set()
    for place in places:
        files = [place] if place.is_file() else sorted(place.rglob("*")) if place.is_dir() else []
        for path in files:
            if (
                path.suffix in LOOKED_IN
                and path.is_file()
                and path.name not in (ERASURES, PAYMENTS)
                and _names(path, codes)
            ):
                exports |= {folder for folder in path.parents if (folder / EXPORT).is_file()}
                yield path
    for folder in sorted(exports):
        yield from (path for path in sorted(folder.rglob("*")) if path.suffix in PACKED)


def _names(path: Path, codes: Sequence[bytes]) -> bool:
    try:
        with (
            path.open("rb") as file,
            gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else nullcontext(file) as lines,
        ):
            return any(code in line for line in lines for code in codes)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return False


def _entomb(database: Database, stream: str, why: str) -> None:
    """Append the tombstone, once; whoever writes to the stream at the same time comes second."""
    for _ in range(TRIES):
        rows = database.read(stream)
        if not rows or rows[-1].kind == "erased" or is_erased(rows):
            return
        at = max(rows[-1].at, time.time_ns() // 1000)
        try:
            pen.write(database, rows[-1], stream, [Erased(at=at, by="system", why=why)])
        except Conflict:
            continue
        return
    raise Conflict(f"{stream}: {TRIES} attempts came second")


def empty(database: Database) -> None:
    """Leave nothing of it in SQLite's write-ahead log or PostgreSQL's dead rows, also of the side tables."""
    if database.cooperative:
        database.sql(f"VACUUM {', '.join((*PERSONAL, 'owed'))}")
        return
    for _ in range(TRIES):
        if int(database.sql("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]) == 0:
            return
        time.sleep(0.1)
    raise NotEmptied("the database is being read; run the same command again in a moment")
