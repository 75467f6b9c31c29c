"""`coplay doctor`: what this machine lacks, and the line that mends it."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sqlite3
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from server import assets
from server import settings as environment
from server.cli import ENVIRONMENT

NEEDED = (
    "argon2",
    "brotli",
    "click",
    "cryptography",
    "flask",
    "flask_socketio",
    "gevent",
    "gunicorn",
    "itsdangerous",
    "msgspec",
    "numpy",
    "PIL",
    "rich",
)
EXTRAS = {"torch": "ai", "psycopg": "postgres", "redis": "redis"}
LIBRARIES = ("node_modules/lit-html/lit-html.js",)
FREE_BYTES = 500_000_000
SQLITE = (3, 37)
KEYS = ("secret", "*/secret", "*.secret", "*.token")
"""Files of the data folder that only their owner may read."""
SYNCED = ("/run/systemd/timesync/synchronized", "/run/chrony", "/run/chronyd.pid", "/run/ntpd.pid")
"""What stands on a machine whose clock is kept right."""
AHEAD_S, LOCK_S = 2, 5


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `state` is ok, warn or bad."""

    what: str
    state: str
    found: str
    mend: str = ""


@click.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="The data folder to look at.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def doctor(data: Path | None, *, as_json: bool) -> None:
    """Look at Python, packages, browser libraries, SQLite, disk, write access, keys, database, clock and port."""
    settings = environment.load()
    folder = data or settings.folder
    findings = [
        *programs(),
        *storage(folder),
        *keys(folder, settings.secret_file),
        *_database(settings, data),
        clock(folder),
        port(settings.host, settings.port),
    ]
    if as_json:
        for finding in findings:
            click.echo(msgspec.json.encode(finding).decode())
    else:
        table = Table("", "what", "found", "what to do", box=None, header_style="bold")
        marks = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "bad": "[bold red]bad[/]"}
        for finding in findings:
            table.add_row(marks[finding.state], finding.what, escape(finding.found), escape(finding.mend))
        Console().print(table)
    if any(finding.state == "bad" for finding in findings):
        sys.exit(ENVIRONMENT)


def programs() -> Iterator[Finding]:
    """Look at Python, packages, browser libraries and SQLite."""
    found = ".".join(map(str, sys.version_info[:3]))
    yield Finding(
        "Python",
        "ok" if sys.version_info >= (3, 11) else "bad",
        found,
        "" if sys.version_info >= (3, 11) else "install 3.11 or newer",
    )
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    yield Finding(
        "packages",
        "bad" if missing else "ok",
        f"missing: {', '.join(missing)}" if missing else "all",
        "pip install coplay" if missing else "",
    )
    for name, extra in EXTRAS.items():
        here = importlib.util.find_spec(name) is not None
        yield Finding(
            f"extra {extra}",
            "ok" if here else "warn",
            "installed" if here else "not installed",
            "" if here else f"pip install 'coplay[{extra}]'",
        )
    lacking = [name for name in LIBRARIES if assets.find(name) is None]
    yield Finding(
        "browser libraries",
        "bad" if lacking else "ok",
        ", ".join(lacking) or "all",
        "make play fetches them" if lacking else "",
    )
    fine = sqlite3.sqlite_version_info >= SQLITE
    yield Finding("SQLite", "ok" if fine else "bad", sqlite3.sqlite_version, "" if fine else "3.37 or newer is needed")


def storage(folder: Path) -> Iterator[Finding]:
    """Look at disk space and write access."""
    there = folder if folder.exists() else next(parent for parent in folder.resolve().parents if parent.exists())
    free = shutil.disk_usage(there).free
    yield Finding("disk", "ok" if free > FREE_BYTES else "warn", f"{free / 1e9:.1f} GB free at {there}")
    probe = there / f".coplay-{id(there):x}"
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
        yield Finding("write access", "ok", str(there))
    except OSError as error:
        yield Finding("write access", "bad", f"{there}: {error.strerror}", "choose another folder with --data")


def keys(folder: Path, elsewhere: str = "") -> Iterator[Finding]:
    """Look whether keys and tokens are their owner's alone; `elsewhere`: a secret that lies outside the folder."""
    found = [path for pattern in KEYS for path in sorted(folder.glob(pattern))]
    for path in (*([Path(elsewhere)] if elsewhere else []), *found):
        if path.is_file():
            mode = stat.S_IMODE(path.stat().st_mode)
            fine = mode & 0o077 == 0
            what = "secret" if path.name == "secret" or str(path) == elsewhere else "key"
            mend = "" if fine else f"chmod 600 {path}"
            yield Finding(what, "ok" if fine else "bad", f"{path} has mode {mode:o}", mend)


def _database(settings: environment.Settings, data: Path | None) -> Iterator[Finding]:
    if settings.store and data is None:
        yield postgres(settings.store)
        return
    folder = data or settings.folder
    files = [path for path in (folder / "coplay.db", *sorted(folder.glob("*/coplay.db"))) if path.is_file()]
    yield from map(sqlite, files)
    if not files:
        yield Finding("database", "ok", f"none in {folder} yet: made at the first start")


def sqlite(path: Path) -> Finding:
    """Look whether a database can be written, by taking the right to write and giving it back: nothing is changed."""
    try:
        with closing(sqlite3.connect(path, timeout=LOCK_S, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("SELECT COUNT(*) FROM sqlite_master")
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        mend = "check owner and mode of the file and its folder, or `coplay restore` a backup"
        return Finding("database", "bad", f"{path}: {error}", mend)
    return Finding("database", "ok", f"{path} can be written")


def postgres(address: str) -> Finding:
    """Look whether PostgreSQL answers and takes rows. The address may hold a password: it is not shown."""
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        return Finding("database", "bad", "psycopg is not installed", "pip install 'coplay[postgres]'")
    try:
        with psycopg.connect(address, connect_timeout=LOCK_S) as connection:
            row = connection.execute("SHOW transaction_read_only").fetchone()
    except psycopg.Error as error:
        return Finding("database", "bad", f"PostgreSQL: {type(error).__name__}", "check COPLAY_STORE and that it runs")
    fine = row == ("off",)
    mend = "" if fine else "COPLAY_STORE names a server that only reads"
    return Finding(
        "database", "ok" if fine else "bad", "PostgreSQL can be written" if fine else "PostgreSQL is read-only", mend
    )


def clock(folder: Path) -> Finding:
    """Look whether the clock runs behind what was written here already, and whether anything keeps it right."""
    written = [path.stat().st_mtime for path in (*folder.glob("coplay.db*"), *folder.glob("*/coplay.db*"))]
    ahead = max(written, default=0) - time.time()
    mend = "timedatectl set-ntp true"
    if ahead > AHEAD_S:
        return Finding("clock", "bad", f"{ahead:.0f} seconds behind the newest file of {folder}", mend)
    if not any(Path(path).exists() for path in SYNCED):
        return Finding("clock", "warn", "nothing here says that it is synchronised", mend)
    return Finding("clock", "ok", "synchronised")


def port(host: str, number: int) -> Finding:
    """Look whether the port is free."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            return Finding("port", "warn", f"{host}:{number}: {error.strerror}", "coplay demo takes the next free one")
    return Finding("port", "ok", f"{host}:{number} is free")
