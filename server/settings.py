"""Settings: what a person who runs coplay can choose. The only module that reads the environment."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

PREFIX = "COPLAY_"
HEARTBEAT_S = 20
"""How often an open connection is looked at."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One field per variable: `data` is read from COPLAY_DATA, and so on. Secrets have no default."""

    data: str = "coplay-data"
    """Folder of everything that must be kept: database, blobs, secret."""
    store: str = ""
    """PostgreSQL address, e.g. `postgresql://user@host/name`; empty: SQLite in the data folder."""
    redis: str = ""
    """Redis address, e.g. `redis://127.0.0.1/0`; needed only when several processes serve one study."""
    studies: str = ""
    """Study folders, separated by the system's path separator; empty: the packaged demo."""
    prefix: str = ""
    """"pilot" or "preview": new sessions are marked with it and never mix with data."""
    host: str = "127.0.0.1"
    port: int = 8000
    origin: str = ""
    """Public address, e.g. `https://study.example.org`; empty: the address that the browser asked for."""
    secret_file: str = ""
    """File with the secret; empty: `secret` in the data folder, made at first start with mode 600."""
    lease_minutes: float = 120
    """A place in a cell is free again when its session was silent for so long."""
    expire_minutes: float = 24 * 60
    """A session that was silent for so long is over as timed out, unless it waits for its next visit; 0: never."""
    idle_seconds: float = 180
    """Who does nothing for so long is asked whether they are still there; any answer is a sign of life. 0: never."""
    messages_per_second: float = 20
    """Messages that one connection may send; twice as many at once."""
    message_bytes: int = 65536
    """Longest message that is read; longer ones close the connection unread."""
    queue_rows: int = 50_000
    """Rows that may wait to be stored; beyond that commands are refused as `unavailable`."""
    sessions_cached: int = 5_000
    """Sessions kept in memory; others are read from the store when needed."""
    connections: int = 4_000
    """Connections that one process holds."""
    fd: int = -1
    """A listening socket that was inherited, in place of host and port (set by `coplay demo`)."""
    announce: str = ""
    """"text" or "json": print the links when the server is ready (set by `coplay demo` and `coplay serve`)."""
    open_browser: bool = False
    """Open the participant's link when the server is ready."""

    @property
    def folder(self) -> Path:
        """The data folder."""
        return Path(self.data)

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "coplay.db"

    @property
    def secret_path(self) -> Path:
        """The file with the secret, made at first use or not yet."""
        return Path(self.secret_file) if self.secret_file else self.folder / "secret"

    @property
    def study_folders(self) -> tuple[Path, ...]:
        """The study folders to serve."""
        return tuple(Path(part) for part in self.studies.split(os.pathsep) if part)

    def environment(self) -> dict[str, str]:
        """Return the variables that make these settings, for a process to be started."""
        builtin = Settings()
        fields: dict[str, object] = msgspec.structs.asdict(self)
        return {
            PREFIX + name.upper(): str(int(value) if isinstance(value, bool) else value)
            for name, value in fields.items()
            if value != getattr(builtin, name)
        }


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment; raises msgspec.ValidationError naming the wrong variable."""
    source = os.environ if environ is None else environ
    given = {
        name: source[PREFIX + name.upper()] for name in Settings.__struct_fields__ if PREFIX + name.upper() in source
    }
    settings = msgspec.convert(given, Settings, strict=False)
    if wrong := unfit(settings):
        raise msgspec.ValidationError(wrong)
    return settings


def unfit(settings: Settings) -> str:
    """Return which times contradict each other, "" where none do: people have to be asked before their place is gone."""
    idle, lease, expire = settings.idle_seconds, settings.lease_minutes * 60, settings.expire_minutes * 60
    if idle and idle <= 2 * HEARTBEAT_S:
        return f"COPLAY_IDLE_SECONDS is {idle:g}: give more than {2 * HEARTBEAT_S}, twice the heartbeat, or 0"
    if idle and idle > lease / 2:
        return f"COPLAY_IDLE_SECONDS is {idle:g}: give at most half of COPLAY_LEASE_MINUTES ({lease:g} seconds), or 0"
    if expire and expire < lease:
        return f"COPLAY_EXPIRE_MINUTES is {expire / 60:g}: give at least COPLAY_LEASE_MINUTES ({lease / 60:g}), or 0"
    return ""


def child_environment(settings: Settings) -> dict[str, str]:
    """Return this process's environment with `settings` in place of any other."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**others, **settings.environment()}


def secret(settings: Settings) -> bytes:
    """Return the secret that keys tokens and encrypted ids; made at first use, readable by its owner only.

    Raises OSError, and ValueError for a file that holds something else.
    """
    path = settings.secret_path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        part = path.with_name(f".secret.{secrets.token_hex(4)}")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(part, path)  # whole or not at all; of processes that start together one wins
        part.unlink()
    try:
        return bytes.fromhex(path.read_text("ascii").strip())
    except ValueError as error:
        raise ValueError(f"{path} holds no secret (64 hexadecimal digits): put back the copy of it") from error
