"""The house: what one process serves with, opened once and eagerly."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from server import assets, recruit
from server import settings as environment
from server.assign import Assigner
from server.auth import Doorkeeper
from server.blobs import Blobs
from server.database import NotOpened
from server.lasting import ERASURES, Lasting
from server.parting import part_if_wished
from server.people import People
from server.recruit import Recruiter
from server.settings import Settings
from server.studies import OpenStudy
from server.sweeper import Sweeper
from server.table import Table
from server.writer import Writer

if TYPE_CHECKING:
    from server.database import Database


class House(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a request may need; `app.extensions["coplay"]`."""

    settings: Settings
    database: Database
    """The store itself with its side tables."""
    store: Writer
    """The same store behind the one writer of this process; a `game.log.Store`."""
    blobs: Blobs
    studies: Mapping[str, OpenStudy]
    table: Table
    people: People
    doors: Doorkeeper
    sweeper: Sweeper
    recruiters: Mapping[str, tuple[Recruiter, ...]]
    """Study name -> who sends its participants."""
    erasures: Lasting
    """The list of erased sessions, beside the database."""

    def close(self) -> None:
        """Store what waits to be stored and close the files."""
        self.sweeper.stop()
        self.table.close()
        self.store.close()
        self.database.close()


def open_database(settings: Settings) -> Database:
    """Open the store that the settings name; it is connected when this returns. Raises NotOpened, ImportError of the extra."""
    return _open_postgres(settings.store) if settings.store else _open_sqlite(settings)


def _open_postgres(address: str) -> Database:
    import psycopg  # noqa: PLC0415 - an extra

    from server.store_postgres import PostgresStore  # noqa: PLC0415 - needs it

    try:
        return PostgresStore(address)
    except psycopg.Error as error:  # its words may repeat the address, and that may hold a password
        why = f"PostgreSQL does not open ({type(error).__name__})"
        raise NotOpened(f'{why}: check COPLAY_STORE and that it runs; psql "$COPLAY_STORE" says more') from error


def _open_sqlite(settings: Settings) -> Database:
    from server.store_sqlite import SqliteStore  # noqa: PLC0415 - only one of the two is needed

    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return SqliteStore(settings.database)
    except sqlite3.Error as error:
        what = "name another folder with --data, or `coplay restore` a backup"
        raise NotOpened(f"{settings.database} does not open ({error}): {what}") from error


def open_house(settings: Settings, studies: Sequence[OpenStudy]) -> House:
    """Open everything: secret, store, blobs, studies. What is wrong is raised here, not at the first participant.

    Raises NotOpened, WrongSecret where the database belongs to another secret, Invalid for a frozen study that changed.
    """
    key = environment.secret(settings)
    database = open_database(settings)
    people = People(database, key)
    people.prove()
    store = Writer(database, limit=settings.queue_rows)
    blobs = Blobs(settings.folder / "blobs")
    assigner = Assigner(store)
    opened = {study.name: study.publish(blobs, assigner, settings.prefix) for study in studies}
    table = Table(
        store, blobs, opened, assigner,
        prefix=settings.prefix, renderer=assets.digest(), cached=settings.sessions_cached,
    )  # fmt: skip
    sweeper = Sweeper(
        store, assigner, table.outcome,
        lease_minutes=settings.lease_minutes, forget=table.forget, resting=table.resting,
        expire_minutes=settings.expire_minutes,
    )  # fmt: skip
    house = House(
        settings=settings,
        database=database,
        store=store,
        blobs=blobs,
        studies=opened,
        table=table,
        people=people,
        doors=Doorkeeper(database, key),
        sweeper=sweeper,
        recruiters={study.name: recruit.make(recruit.read(study.folder), key) for study in studies},
        erasures=Lasting(settings.folder / ERASURES),
    )
    sweeper.expire, sweeper.heard = table.expire, table.heard
    sweeper.start(tuple(opened), settings.prefix, lambda: time.time_ns() // 1000, lambda s: part_if_wished(house, s))
    return house
