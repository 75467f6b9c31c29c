"""`coplay doctor`: what this machine lacks, and the line that mends it."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Iterator
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
    """Look at Python, packages, browser libraries, disk, SQLite, port, write access and the secret."""
    settings = environment.load()
    folder = data or settings.folder
    findings = [*programs(), *storage(folder), port(settings.host, settings.port)]
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
    """Look at disk space, write access and the secret."""
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
    for secret in [folder / "secret", *sorted(folder.glob("*/secret"))]:
        if secret.is_file():
            mode = stat.S_IMODE(secret.stat().st_mode)
            yield Finding(
                "secret",
                "ok" if mode & 0o077 == 0 else "bad",
                f"{secret} has mode {mode:o}",
                "" if mode & 0o077 == 0 else f"chmod 600 {secret}",
            )


def port(host: str, number: int) -> Finding:
    """Look whether the port is free."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, number))
        except OSError as error:
            return Finding("port", "warn", f"{host}:{number}: {error.strerror}", "coplay demo takes the next free one")
    return Finding("port", "ok", f"{host}:{number} is free")
