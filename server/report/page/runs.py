"""Table T8b: how round codes change over the rounds, and how many people end a block in a run of unengaged acceptances."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from game.estimate import wilson
from game.measures.modes import RUN, Coded, Rule, coded, people_of
from server.report.page.known import MODES, notice
from server.report.page.story import Arm, Story, resampled
from server.report.page.transitions import with_pace
from server.report.plate import Table

LENGTHS = (5, RUN, 12)
"""Rounds that make a run: the rule's own, and one shorter and one longer."""
SCALES = (0.5, 1.0, 2.0)
PARTS = ("first third", "middle third", "last third")
CODE, PEOPLE, ROUNDS = "round code", "people with a run", "rounds in a run"
COLUMNS = (
    "condition",
    "reading",
    "value of",
    "where",
    "value",
    "low",
    "high",
    "thresholds halved",
    "thresholds doubled",
    "people",
    "rounds",
    "beware",
)
HOW = (
    "Round code: the share of decided rounds with an AI that have it, in the first, middle and last third of each person's own"
    " rounds; low and high: 95 %, people drawn anew. People with a run: those who end a block in at least so many acceptances in a"
    " row without engagement (or rounds given to the AI, at least one of them an acceptance), over people who had a block as"
    " long as that (people; rounds are theirs); low and high: Wilson's 95 %. Rounds in a run: those acceptances over all decided"
    f" rounds. {RUN} is the rule; 5 and 12 tell what hangs on it, halved and doubled thresholds what hangs on its times. Such a run"
    " is called unconditional acceptance, no substitution: it can also be fatigue or thrift."
)


def changing(story: Story) -> Table:
    """T8b: a row per condition, code and third; then rows per length of a run."""
    rows = [row for _, arm in story.assisted for row in _arm(arm, story)]
    return Table(
        id="T8b", topic="Who decides, over the rounds", columns=COLUMNS, rows=rows, how=HOW, folded=24, note=notice(story.known),
        missing="there is no condition with an AI in which a decided round has a code",
    )  # fmt: skip


def _arm(arm: Arm, story: Story) -> Iterator[tuple[Any, ...]]:
    rounds = people_of(with_pace(arm, story.rounds))
    plain = _codes([coded(theirs) for theirs in rounds])
    if plain:
        yield from _thirds(arm, plain, story)
        for length in LENGTHS:
            rules = [Rule(run=length, scale=scale) for scale in SCALES]
            yield from _runs(arm, length, [_codes([coded(theirs, rule) for theirs in rounds]) for rule in rules], story)


def _codes(people: Sequence[Sequence[Coded]]) -> list[list[Coded]]:
    """Return each person's rounds that have a code, of those who have any."""
    return [known for theirs in people if (known := [one for one in theirs if one.code])]


def _thirds(arm: Arm, people: Sequence[Sequence[Coded]], story: Story) -> Iterator[tuple[Any, ...]]:
    met = {one.code for theirs in people for one in theirs}
    for code in (mode for mode in MODES if mode in met):
        for at, where in enumerate(PARTS):
            parts = [
                [one.code == code for n, one in enumerate(theirs) if 3 * n // len(theirs) == at] for theirs in people
            ]
            over, under = (np.array([float(of(part)) for part in parts]) for of in (sum, len))
            if under.sum():
                low, high = resampled(over, under, story.bootstrap)
                yield (
                    arm.label, CODE, code.replace("_", " "), where, float(over.sum() / under.sum()), low, high, None, None,
                    int((under > 0).sum()), int(under.sum()), None,
                )  # fmt: skip


def _runs(
    arm: Arm, length: int, scaled: Sequence[Sequence[Sequence[Coded]]], story: Story
) -> Iterator[tuple[Any, ...]]:
    """Yield the shares of people and of rounds in runs of that length; `scaled`: codes with times halved, as they are, doubled."""
    what, counts = f"at least {length}", [_counts(people, length) for people in scaled]
    (could, did, held), all_rounds = counts[1], np.array([float(len(theirs)) for theirs in scaled[1]])
    low, high = wilson(did, could)
    half, double = (each[1] / each[0] if each[0] else math.nan for each in (counts[0], counts[2]))
    why = None if could else f"nobody had a block of {length} decided rounds"
    long = sum(len(theirs) for theirs in scaled[1] if _longest(theirs) >= length)
    yield (
        arm.label, PEOPLE, what, "end of a block", did / could if could else None, low, high, half, double, could, long, why,
    )  # fmt: skip
    low, high = resampled(np.array(held), all_rounds, story.bootstrap) if could else (math.nan, math.nan)
    shares = [sum(each[2]) / all_rounds.sum() if could else None for each in counts]
    yield (
        arm.label, ROUNDS, what, "end of a block", shares[1], low, high, shares[0], shares[2], len(all_rounds),
        int(all_rounds.sum()), why,
    )  # fmt: skip


def _counts(people: Sequence[Sequence[Coded]], length: int) -> tuple[int, int, list[float]]:
    """Return how many people could end a block in such a run, how many did, and each one's rounds in one."""
    held = [float(sum(one.unconditional for one in theirs)) for theirs in people]
    return sum(_longest(theirs) >= length for theirs in people), sum(each > 0 for each in held), held


def _longest(theirs: Sequence[Coded]) -> int:
    return max(Counter((one.round.condition, one.round.phase, one.round.block) for one in theirs).values())
