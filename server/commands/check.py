"""`coplay check STUDY`: every mistake at once, then the design on one page."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from game.canonical import encode
from game.strict import Problem
from game.study import Invalid
from server.studies import OpenStudy, open_study

talk = Console(stderr=True)


class Arm(msgspec.Struct, frozen=True):
    """One condition as one participant meets it: rounds, and how many the AI gets right and wrong (None without AI)."""

    condition: str
    workflow: str
    rounds: int
    ai_right: int | None
    ai_wrong: int | None


class Design(msgspec.Struct, frozen=True):
    """The design on one page."""

    study: str
    languages: tuple[str, ...]
    cells: tuple[str, ...]
    scored_rounds: int
    arms: tuple[Arm, ...]
    plan_bytes: int


@click.command()
@click.argument("study", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print problems and design as one JSON object.")
@click.pass_context
def check(context: click.Context, study: Path, as_json: bool) -> None:
    """Check a STUDY folder: all problems with line and hint, then its design. Exit 1 if it cannot be played."""
    problems: tuple[Problem, ...]
    design: Design | None = None
    try:
        opened = open_study(study)
        problems, design = opened.problems, design_of(opened)
    except Invalid as invalid:
        problems = tuple(invalid.problems)
    if as_json:
        click.echo(encode({"problems": problems, "design": design}))
    else:
        _tell(problems, design)
    context.exit(0 if design else 1)


def design_of(opened: OpenStudy) -> Design:
    """Return the design of a study as its first cell meets it; the cells differ in order and item sets only."""
    script = opened.plan(opened.cells[0], "check")
    truth = {s.id: s for s in opened.pack.manifest.specimens}
    arms: list[Arm] = []
    for condition in opened.study.condition:
        cards = [step.card for step in script.steps if step.card and step.condition == condition.name]
        right = None
        if condition.advice != "none":
            right = sum(truth[card.specimen].advice[condition.model].label == card.truth for card in cards)
        wrong = None if right is None else len(cards) - right
        arms.append(Arm(condition.name, condition.workflow, len(cards), right, wrong))
    scored = sum(step.scored for step in script.steps)
    study = opened.study
    return Design(study.name, study.languages, opened.cells, scored, tuple(arms), len(encode(script)))


def _tell(problems: tuple[Problem, ...], design: Design | None) -> None:
    for problem in problems:
        talk.print(f"[yellow]warning[/] {problem}" if problem.warning else f"[red]problem[/] {problem}", soft_wrap=True)
    if design is None:
        talk.print(f"{sum(not p.warning for p in problems)} problems: the study cannot be played.")
        return
    out = Console()
    out.print(f"[bold]{design.study}[/]: {len(design.cells)} cells, {design.scored_rounds} scored rounds each")
    out.print(f"languages {', '.join(design.languages)} · plan {design.plan_bytes / 1000:.1f} kB")
    table = Table("condition", "workflow", "rounds", "AI right", "AI wrong")
    for arm in design.arms:
        counts = ("-" if n is None else str(n) for n in (arm.ai_right, arm.ai_wrong))
        table.add_row(arm.condition, arm.workflow, str(arm.rounds), *counts)
    out.print(table)
