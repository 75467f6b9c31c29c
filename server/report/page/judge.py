"""Judging: effects of conditions and what the design cannot support, with margins and planned tests from a preregistration."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from server.report import planned
from server.report.inference.cautions import warnings_for
from server.report.inference.clustered import cluster_robust
from server.report.inference.comparison import compare
from server.report.inference.effect import Effect
from server.report.inference.effects import effects
from server.report.inference.equivalence import equivalence
from server.report.inference.families import adjust
from server.report.inference.outcomes import OUTCOMES
from server.report.page.known import notice
from server.report.page.story import Story
from server.report.planned import BadPlan, Planned, PlannedTest


def judge(story: Story, against: Path | None = None) -> None:
    """Set the story's effects and cautions; raises BadPlan, or Missing where the libraries of the report are not installed.

    Every planned test is there: those that the default comparisons have, and the others beside them. One that cannot be computed
    says why, by its name.
    """
    plan = planned.read(against) if against is not None else Planned()
    tests = _known(plan.tests, against)
    margins = {test.outcome: test.margin for test in tests if test.margin is not None and test.declared}
    story.level = round(1 - plan.alpha, 10)
    met = {test.reference for test in tests}
    beside = notice(story.known)
    story.cautions = tuple(
        replace(each, text=beside) if each.code == "modes" else each for each in warnings_for(story.rounds)
    )
    made = effects(
        story.rounds,
        margins=margins,
        confirmatory={_name(test) for test in tests if test.family == "confirmatory"},
        seed=story.bootstrap.seed,
        reference=met.pop() if len(met) == 1 else "",
        level=story.level,
    )
    known = {each.name for each in made}
    more = [_planned(story, test) for test in tests if _name(test) not in known]
    story.effects = tuple(adjust([*made, *more])) if more else made


def _known(tests: tuple[PlannedTest, ...], against: Path | None) -> tuple[PlannedTest, ...]:
    for test in tests:
        if test.outcome not in OUTCOMES:
            told = ", ".join(OUTCOMES)
            raise BadPlan(f"{against} plans a test of {test.outcome!r}, which no report computes: outcomes are {told}")
    return tests


def _name(test: PlannedTest) -> str:
    """Return the name of the effect that a test planned."""
    return f"{test.outcome}: {test.contrast} - {test.reference} (cluster_robust)"


def _planned(story: Story, test: PlannedTest) -> Effect:
    """Return a planned effect that is none of the default comparisons; undefined with the reason where data lack."""
    mine = [each for each in story.rounds if each.scored and each.condition in (test.contrast, test.reference)]
    side = compare(mine, test.outcome, test.contrast, test.reference, study=story.study)
    each = cluster_robust(side, level=story.level)
    each = replace(each, family=test.family, warnings=(*each.warnings, *_warned(story, test.outcome)))
    margin = OUTCOMES[test.outcome].margin if test.margin is None else test.margin
    if margin > 0 and each.scale != "ratio":
        return equivalence(each, margin, declared=test.declared, alpha=round(1 - story.level, 10))
    return each


def _warned(story: Story, outcome: str) -> Iterable[str]:
    return [each.text for each in story.cautions if each.where == story.study and outcome in each.outcomes]
