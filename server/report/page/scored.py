"""Table T9: scores of the questionnaires' scales, with how reliable they are among these people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from game.estimate import Estimate
from game.measures.scales import LEAST, ScaleRow, scale_rows
from game.questionnaire import Questionnaire
from game.registry import questionnaire
from server.report.page.story import Story
from server.report.plate import Table

COLUMNS = (
    "questionnaire", "scale", "phase", "rule", "items", "asked", "scored", "mean", "SD", "lowest", "highest", "alpha",
    "omega", "beware",
)  # fmt: skip
HOW = (
    "One row is one scale of one questionnaire in one phase, scored as its authors say, reversed items turned; over people of"
    " all conditions. Scored: those who answered enough of its items. Alpha (Cronbach) and omega (McDonald, one factor) tell how"
    f" far the items of a scale go together among these people; both need {LEAST} people who answered every item, alpha two"
    " items and omega three. Reliable is not valid."
)


def scored(story: Story) -> Table:
    """T9: a row per phase and scale; the reason where a score or its reliability is not defined."""
    known: dict[str, Questionnaire] = {entry.name: entry.thing for entry in questionnaire}
    phases = dict.fromkeys(each.phase for each in story.gathered.said)
    rows = [row for phase in phases for row in _phase(story, phase, known)]
    return Table(
        id="T9", topic="Scores of questionnaires", columns=COLUMNS, rows=rows, how=HOW, missing=_missing(story),
        note="Answers in words are not in a report, so scales of them have no score here.",
    )  # fmt: skip


def _missing(story: Story) -> str:
    if not story.gathered.sessions:
        return "a rounds file has no questionnaires"
    return (
        "no question of a registered questionnaire was answered"
        if story.gathered.said
        else "no questionnaire was answered"
    )


def _phase(story: Story, phase: str, known: Mapping[str, Questionnaire]) -> Iterator[tuple[Any, ...]]:
    answers: dict[str, dict[str, object]] = {}
    for each in story.gathered.said:
        if each.phase == phase:
            answers.setdefault(each.participant, {})[each.item] = each.number
    met = {item.split(".")[1] for given in answers.values() for item in given if item.count(".") >= 2}
    for name in sorted(met & known.keys()):
        try:
            rows = scale_rows([known[name]], answers)
        except ValueError as error:
            yield (name, None, phase or None, *[None] * (len(COLUMNS) - 4), str(error))
            continue
        yield from (_row(known[name], row, phase) for row in rows)


def _row(of: Questionnaire, row: ScaleRow, phase: str) -> tuple[Any, ...]:
    scale = next(each for each in of.subscale if each.name == row.subscale)
    n = len(scale.items)
    ends = {"mean": (of.least, of.most), "sum": (n * of.least, n * of.most), "percent": (0, 100), "correct": (0, n)}
    told = dict.fromkeys(
        word for word in (row.why_undefined, _lack("alpha", row.alpha), _lack("omega", row.omega)) if word
    )
    return (
        row.questionnaire, row.subscale, phase or None, scale.rule, n, row.people, row.scored, row.mean, row.sd,
        *ends[scale.rule], row.alpha.value, row.omega.value, "; ".join(told) or None,
    )  # fmt: skip


def _lack(name: str, made: Estimate) -> str:
    why = made.why_undefined
    return "" if made.defined else why if why.startswith(name) else f"no {name}: {why}"
