"""Judging: effects of conditions and what the design cannot support, with margins and planned tests from a preregistration."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from server.report import planned
from server.report.inference.cautions import warnings_for
from server.report.inference.comparison import pairs_of
from server.report.inference.effects import effects
from server.report.page.story import Story


def judge(story: Story, against: Path | None = None) -> None:
    """Set the story's effects and cautions; raises BadPlan, or Missing where the libraries of the report are not installed."""
    margins: dict[str, float] = {}
    confirmatory: set[str] = set()
    reference = ""
    if against is not None:
        tests = planned.read(against).tests
        margins = {test.outcome: test.margin for test in tests if test.margin is not None}
        met = {test.reference for test in tests}
        reference = met.pop() if len(met) == 1 else ""
        pairs = {pair[1:] for pair in pairs_of(story.rounds, reference)}
        confirmatory = {_name(test, pairs) for test in tests if test.family == "confirmatory"}
    story.effects = effects(
        story.rounds, margins=margins, confirmatory=confirmatory, seed=story.bootstrap.seed, reference=reference
    )
    story.cautions = warnings_for(story.rounds)


def _name(test: planned.PlannedTest, pairs: Collection[tuple[str, str]]) -> str:
    """Return the name of the effect that a test planned, or its outcome where its pair of conditions is not compared."""
    if (test.contrast, test.reference) in pairs:
        return f"{test.outcome}: {test.contrast} - {test.reference} (cluster_robust)"
    return test.outcome
