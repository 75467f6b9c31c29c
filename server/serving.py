"""Serving: from a command line to gunicorn. The command checks everything, then becomes the server."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import click
from msgspec.structs import replace

from game.study import Invalid
from server import settings as environment
from server.cli import PROBLEM, EnvironmentLacks
from server.settings import Settings

TRIES = 50


def become_server(settings: Settings, *folders: Path, exact: bool) -> None:
    """Check the studies, take a port (the next free one unless `exact`) and replace this process by gunicorn."""
    from server.office import opened  # noqa: PLC0415 - --help should not wait for it

    for folder in folders:
        check_study(folder, settings)
    with opened(settings):
        pass  # what is wrong is one sentence here, and a traceback in the server
    listener = take_port(settings.host, settings.port, exact=exact)
    port = listener.getsockname()[1]
    if settings.port not in (0, port):
        click.echo(f"Port {settings.port} is taken; using {port}.", err=True)
    os.set_inheritable(listener.fileno(), True)
    studies = os.pathsep.join(str(folder.resolve()) for folder in folders)
    chosen = replace(settings, port=port, fd=listener.fileno(), studies=studies, data=str(settings.folder.resolve()))
    variables = environment.child_environment(chosen)
    here = str(Path(__file__).resolve().parent.parent)
    variables["PYTHONPATH"] = os.pathsep.join(part for part in (here, variables.get("PYTHONPATH", "")) if part)
    sys.stdout.flush()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:server.gunicorn_conf"]
    os.execve(sys.executable, command, variables)  # noqa: S606 - our own interpreter, no shell


def check_study(folder: Path, settings: Settings) -> None:
    """Open the study once; with mistakes, print all of them and leave with exit code 1."""
    from server.opening import NotReady, require_ready  # noqa: PLC0415 - the same
    from server.studies import open_study  # noqa: PLC0415 - --help should not wait for it

    try:
        opened = open_study(folder)
    except Invalid as invalid:
        for problem in invalid.problems:
            click.echo(f"{folder}: {problem}", err=True)
        click.echo(f"{len(invalid.problems)} problem(s): the study is not served.", err=True)
        sys.exit(PROBLEM)
    try:
        require_ready(opened, settings)
    except NotReady as refused:
        click.echo(str(refused), err=True)
        sys.exit(PROBLEM)
    for problem in () if opened.study.demo else opened.problems:  # what a demo cannot support nobody claims of it
        click.echo(f"{folder}: warning: {problem}", err=True)


def take_port(host: str, port: int, *, exact: bool) -> socket.socket:
    """Return a bound socket on `port` (0: any free one) or, unless `exact`, on the next free one."""
    for candidate in range(port, port + 1 if exact or port == 0 else min(port + TRIES, 65536)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError as error:
            listener.close()
            if isinstance(error, PermissionError | socket.gaierror):
                raise EnvironmentLacks(f"cannot listen on {host}:{candidate}: {error.strerror}") from error
            continue
        return listener
    raise EnvironmentLacks(f"port {port} on {host} is taken: choose another with --port")
