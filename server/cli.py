"""The command `coplay`: a group whose subcommands are entry points, each loaded only when it is called.

Shell completion: `eval "$(_COPLAY_COMPLETE=bash_source coplay)"` (or `zsh_source`, `fish_source`) in the shell's start file.
Exit codes: 0 fine, 1 a problem was found, 2 wrong usage, 3 the environment lacks something.
"""

from __future__ import annotations

import functools
import tomllib
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import click

GROUP = "coplay.commands"
PROBLEM, USAGE, ENVIRONMENT = 1, 2, 3


class EnvironmentLacks(click.ClickException):
    """Something that the machine must have is missing; the message says what to do."""

    exit_code = ENVIRONMENT


@functools.cache
def commands() -> dict[str, str]:
    """Return command name -> "module:object", from the installed package or from the checkout's pyproject.toml."""
    listed = {point.name: point.value for point in entry_points(group=GROUP)}
    project = Path(__file__).resolve().parent.parent / "pyproject.toml"
    if not listed and project.is_file():
        listed = tomllib.loads(project.read_text("utf-8"))["project"]["entry-points"][GROUP]
    return listed


class Lazy(click.Group):
    """A group that knows its commands by name and loads one when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click declares it
        """Return the names of all commands."""
        return sorted(commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """Load a command; None when there is none of that name."""
        where = commands().get(cmd_name)
        if where is None:
            return None
        try:
            loaded: Any = EntryPoint(cmd_name, where, GROUP).load()
        except ImportError as error:
            if error.name and error.name.split(".")[0] in ("server", "ai", "game"):
                raise
            raise EnvironmentLacks(f"coplay {cmd_name} needs the package {error.name}: {hint(error.name)}") from error
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their first lines; one that cannot be loaded here says so."""
        rows: list[tuple[str, str]] = []
        for name in self.list_commands(ctx):
            try:
                command = self.get_command(ctx, name)
                rows.append((name, command.get_short_help_str(90) if command else ""))
            except (ImportError, AttributeError, click.ClickException):
                rows.append((name, "(cannot be loaded here; call it to see why)"))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def hint(package: str | None) -> str:
    """Return the line that installs what is missing."""
    extras = {"torch": "ai", "captum": "ai", "psycopg": "postgres", "redis": "redis"}
    extra = extras.get((package or "").split(".")[0])
    return f"pip install 'coplay[{extra}]'" if extra else "pip install coplay"


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="coplay", prog_name="coplay", message="%(prog)s %(version)s")
def main() -> None:
    """A two-player game of image recognition: a person and an AI teammate that explains itself."""


if __name__ == "__main__":
    main()
