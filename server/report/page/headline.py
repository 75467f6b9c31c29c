"""The numbers of the report's head as a table, so that what its sentences say can be computed again and compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from server.report.figures.forest import verdict
from server.report.page.gap import team_gap
from server.report.page.story import Arm, Story

Row = Mapping[str, Any]
ROWS = ("accuracy", "over_reliance", "delegation_rate", "handover_share")
"""Measures that the head tells by condition."""


def numbers(story: Story) -> list[Row]:
    """Return every number of the head: what, condition, protocol, value, low, high, n."""
    return [*_sample(story), *_measured(story), *_team(story), *_effects(story)]


def _row(what: str, value: float, low: Any = None, high: Any = None, n: Any = None, arm: Arm | None = None) -> Row:
    key = arm.key if arm else {"condition_id": "", "protocol": ""}
    return {"number": what, **key, "value": value, "low": low, "high": high, "n": n}


def _sample(story: Story) -> Iterator[Row]:
    yield _row("people analysed", len({each.participant for arm in story.arms for each in arm.rounds}))
    yield _row("scored rounds", sum(len(arm.rounds) for arm in story.arms))
    if story.gathered.sessions:
        yield _row("opened", len(story.gathered.sessions))
        yield _row("withdrew or asked for deletion", sum(each["why"] != "" for each in story.gathered.sessions))


def _measured(story: Story) -> Iterator[Row]:
    for name in ROWS:
        for at, arm in enumerate(story.arms):
            row = story.row(name, at)
            if row.defined and not (name == "over_reliance" and arm.alone):
                yield _row(name, row.mean, row.mean_low, row.mean_high, row.defined, arm)


def _team(story: Story) -> Iterator[Row]:
    """Yield the team against its better member, and the members' shares on the same specimens."""
    for _, arm in story.assisted:
        side, low, high = team_gap(story, arm)
        if side is None:
            continue
        yield _row("team minus better member", side.team - side.best, low, high, side.items, arm)
        yield _row("AI alone", side.ai, n=side.items, arm=arm)
        yield _row("people alone", side.alone, n=side.items, arm=arm)


def _effects(story: Story) -> Iterator[Row]:
    if story.effects:
        yield _row("comparisons", len(story.effects))
        shown = sum(verdict(each) == "a difference is shown" for each in story.effects)
        yield _row("comparisons that show a difference", shown)
