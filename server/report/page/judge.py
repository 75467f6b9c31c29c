"""Judging: effects of conditions and what the design cannot support, with margins and planned tests from a preregistration."""

from __future__ import annotations

from pathlib import Path

from server.report import planned
from server.report.inference.cautions import warnings_for
from server.report.inference.effects import effects
from server.report.page.story import Story


def judge(story: Story, against: Path | None = None) -> None:
    """Set the story's effects and cautions; raises BadPlan, or Missing where the libraries of the report are not installed."""
    margins: dict[str, float] = {}
    confirmatory: list[str] = []
    if against is not None:
        plan = planned.read(against)
        margins = {test.outcome: test.margin for test in plan.tests if test.margin is not None}
        confirmatory = list(dict.fromkeys(test.outcome for test in plan.tests if test.family == "confirmatory"))
    story.effects = effects(story.rounds, margins=margins, confirmatory=confirmatory, seed=story.bootstrap.seed)
    story.cautions = warnings_for(story.rounds)
