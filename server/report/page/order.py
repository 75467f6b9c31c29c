"""Table T12: the effects by how the study was built: first answers asked by a draw, what asking does, first blocks, and order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from server.report.inference.asking import ASKED, NOT_ASKED, asking, split_by_draw
from server.report.inference.clustered import cluster_robust
from server.report.inference.comparison import compare, drawn
from server.report.inference.effect import Effect
from server.report.inference.order import by_order, first_only
from server.report.page.checks import CHECKED
from server.report.page.held import changed
from server.report.page.story import Story
from server.report.plate import Table

APART, REACTS, FIRST, ORDER = (
    "where asked first", "asking first (reactivity)", "first condition only", "condition x order",
)  # fmt: skip
COLUMNS = (
    "question", "outcome", "condition", "against", "rounds of", "estimate", "low", "high", "scale", "p", "people", "specimens",
    "rounds", "beware",
)  # fmt: skip
HOW = (
    "Where asked first: the effects of table T3 once more, in the rounds in which a draw asked people for their own answer before"
    " the AI's; T3 has the others. Asking first: what that question itself changes, asked rounds minus the others of the same"
    " conditions; chance drew them, so it is causal. First condition only: the effect in the rounds that people had before they met"
    " the other condition, so nothing can carry over; a difference between people then. Condition x order: the effect among"
    " people who met the condition first minus among those who met it second; away from 0 it says that the effect hangs on the"
    " order, by practice, tiring or carry-over, and that the first condition should be read. Intervals are as in T3, errors"
    " clustered by participant and specimen; p is not corrected for several tests here."
)
MISSING = "no first answer was asked by a draw, and nobody met two conditions with an AI"


def ordered(story: Story) -> Table:
    """T12: a row per question and outcome; the reason where there is no number."""
    rows = [_row(what, of, each) for what, of, each in (*_asked(story), *_orders(story))]
    return Table(
        id="T12", topic="Asking, order and first blocks", columns=COLUMNS, rows=_once(rows), how=HOW, missing=MISSING,
        folded=16, note="Counts are of the people, specimens and rounds in which the outcome is known.",
    )  # fmt: skip


def _pairs(story: Story) -> list[tuple[str, str]]:
    """Return the compared pairs of conditions that both have an AI."""
    alone = {arm.group.condition for arm in story.arms if arm.alone}
    pairs = dict.fromkeys((each.contrast, each.reference) for each in story.effects)
    return [pair for pair in pairs if not alone & set(pair)]


def _asked(story: Story) -> Iterator[tuple[str, str, Effect]]:
    split = split_by_draw(story.rounds)
    if not split:
        return
    for contrast, reference in _pairs(story):
        if contrast in split and reference in split:
            for outcome in CHECKED:
                side = compare(story.rounds, outcome, contrast, reference, study=story.study, asked=True)
                yield APART, "", cluster_robust(side, level=story.level)
    relabelled = changed(story.rounds, condition=lambda each: ASKED if drawn(each) else NOT_ASKED)
    for names, each in asking(story.rounds, relabelled, level=story.level):
        yield REACTS, names, each


def _orders(story: Story) -> Iterator[tuple[str, str, Effect]]:
    for contrast, reference in _pairs(story):
        people: dict[str, set[str]] = {}
        for each in story.rounds:
            if each.scored and each.condition in (contrast, reference):
                people.setdefault(each.participant, set()).add(each.condition)
        if not any(len(met) > 1 for met in people.values()):
            continue
        for outcome in CHECKED:
            yield FIRST, "", first_only(story.rounds, outcome, contrast, reference, level=story.level)
        for outcome in CHECKED:
            yield ORDER, "", by_order(story.rounds, outcome, contrast, reference, level=story.level)


def _row(what: str, of: str, each: Effect) -> tuple[Any, ...]:
    known = each.defined
    said = [word for word in each.warnings if "stand apart" not in word and what != REACTS]
    told = "; ".join(dict.fromkeys(word for word in (each.undefined_because, *said) if word))
    counts = (each.clusters.participants, each.clusters.items, each.n) if known else (None, None, None)
    return (
        what, each.outcome.replace("_", " "), each.contrast, each.reference, of or None, each.estimate, each.low, each.high,
        each.scale if known else None, each.p, *counts, told or None,
    )  # fmt: skip


def _once(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the rows, those of one comparison that lack a number for one reason as one."""
    found: dict[Any, list[Any]] = {}
    for at, row in enumerate(rows):
        lacking = row[8] is None
        key = (row[0], *row[2:5], row[-1]) if lacking else at
        if key in found:
            found[key][1] += f", {row[1]}"
        else:
            found[key] = list(row)
    return [tuple(row) for row in found.values()]
