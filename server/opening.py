"""Opening: whether strangers may be recruited by what is served. A server that asks people in says first what it does with them."""

from __future__ import annotations

from pathlib import Path

from game.strict import Problem
from game.study import Invalid
from server import recruit
from server.publish import publish_problems
from server.settings import Settings
from server.studies import OpenStudy

STRANGERS = ("prolific", "connect", "mturk", "sona")
"""Platforms on which a study stands open for people whom nobody here knows."""


class NotReady(Exception):
    """A study that must not be opened yet; `problems` says why."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(f"{folder}: {problem}" for problem in problems)
        hint = "`coplay check STUDY --publish` lists them; COPLAY_PREFIX=pilot serves it to yourselves, apart from the data"
        super().__init__(f"{lines}\n{len(problems)} problem(s): recruitment is not opened. {hint}.")


def require_ready(opened: OpenStudy, settings: Settings) -> None:
    """Raise NotReady where strangers would be recruited by a study that is not ready for them; pilots may be."""
    if settings.prefix:
        return
    try:
        platforms = {config.platform for config in recruit.read(opened.folder)}
    except Invalid as invalid:
        raise NotReady(opened.folder, invalid.problems) from invalid
    problems = (
        [problem for problem in publish_problems(opened) if not problem.warning] if platforms & {*STRANGERS} else []
    )
    if problems:
        raise NotReady(opened.folder, problems)
