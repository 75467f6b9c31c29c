"""The office: what commands open of an installation that may be serving at the same time. Nothing here serves."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from msgspec.structs import replace

from server import settings as environment
from server.assign import Assigner
from server.cli import EnvironmentLacks, hint
from server.database import Database, NotOpened
from server.house import open_database
from server.lasting import ERASURES, PAYMENTS, Lasting
from server.people import People, WrongSecret
from server.settings import Settings


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """Database, people, places, and the two lists that outlive the database."""

    settings: Settings
    database: Database
    people: People
    assigner: Assigner
    erasures: Lasting
    payments: Lasting


@contextmanager
def open_office(data: Path | None) -> Generator[Office]:
    """Open the data folder `data` (None: that of the settings), or PostgreSQL where COPLAY_STORE names one.

    Never makes a database or a secret: raises EnvironmentLacks where there is none, or where they do not belong together.
    """
    settings = settings_for(data)
    secret = settings.secret_path
    if not secret.is_file():
        raise EnvironmentLacks(
            f"{secret} is missing: without it platform ids cannot be read. Put back the copy kept apart from the backups"
        )
    with opened(settings) as (database, people):
        yield Office(
            settings=settings,
            database=database,
            people=people,
            assigner=Assigner(database),
            erasures=Lasting(settings.folder / ERASURES),
            payments=Lasting(settings.folder / PAYMENTS),
        )


@contextmanager
def opened(settings: Settings) -> Generator[tuple[Database, People]]:
    """Open database and people; what is not there yet is made. Raises EnvironmentLacks where they do not belong together."""
    key = key_of(settings)
    try:
        database = open_database(settings)
    except NotOpened as error:
        raise EnvironmentLacks(str(error)) from error
    except ImportError as error:
        raise EnvironmentLacks(f"COPLAY_STORE needs the package {error.name}: {hint(error.name)}") from error
    try:
        people = People(database, key)
        people.prove()
        yield database, people
    except WrongSecret as error:
        raise EnvironmentLacks(f"{settings.secret_path}: {error}") from error
    finally:
        database.close()


def key_of(settings: Settings) -> bytes:
    """Return the secret, made at first use; raises EnvironmentLacks where it cannot be made or read."""
    try:
        return environment.secret(settings)
    except OSError as error:
        raise EnvironmentLacks(f"cannot read or make {settings.secret_path}: {error.strerror}") from error
    except ValueError as error:
        raise EnvironmentLacks(str(error)) from error


def settings_for(data: Path | None) -> Settings:
    """Return the settings with the data folder that is meant: the one named, or the only one with a database below it."""
    loaded = environment.load()
    settings = loaded if data is None else replace(loaded, data=str(data))
    if settings.store or settings.database.is_file():
        return settings
    found = sorted(settings.folder.glob("*/coplay.db"))
    if len(found) == 1:
        return replace(settings, data=str(found[0].parent))
    which = f"several: {', '.join(str(path.parent) for path in found)}" if found else "none"
    raise EnvironmentLacks(f"{settings.folder} holds no coplay.db (below it {which}): name the data folder with --data")


data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder; without it, COPLAY_DATA or coplay-data.",
)
