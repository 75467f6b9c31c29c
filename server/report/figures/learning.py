"""F11: learning: accuracy, and how often the AI is followed or asked, over the rounds; block means, no smoothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from game.measures.reliance import advised
from game.round import Round
from server.report import ink
from server.report.figures.draw import count, percent, percent_axis, span_of
from server.report.page.story import Arm, Story, resampled
from server.report.plate import Plate, tidy

HOW = (
    "The scored rounds of a condition are cut into blocks in the order in which each person met them. A mark is the"
    " mean of a block, its bar the 95 % interval (participants drawn anew). Nothing is smoothed or fitted. A rise may"
    " be practice, a fall fatigue; both are mixed with the specimens unless their order was drawn for each person."
)
BLOCKS = 6
Read = Callable[[Round], float | None]


def _right(each: Round) -> float | None:
    return None if each.correct is None else float(each.correct)


def _followed(each: Round) -> float | None:
    return None if each.followed is None or not advised((each,)) else float(each.followed)


def _asked(each: Round) -> float | None:
    if each.request_offered and each.requested is not None:
        return float(each.requested)
    return float(each.delegated) if each.delegation_offered and each.delegated is not None else None


PANELS: tuple[tuple[str, str, Read], ...] = (
    ("accuracy", "share right", _right),
    ("following", "suggestions followed", _followed),
    ("asking", "AI asked or delegated to", _asked),
)
Point = tuple[int, float, float, float, int]


def plate(story: Story) -> Plate:
    """Draw the panels that have data."""
    base: dict[str, Any] = {"id": "F11", "topic": "Learning over rounds", "how": HOW, "wide": True}
    told = [(name, label, lines) for name, label, read in PANELS if (lines := _lines(story, read))]
    if not told:
        return Plate(
            **base, missing="nobody has two scored rounds of one condition in which anything is known of the answer"
        )
    with ink.style():
        figure = ink.blank(ink.WIDE, 3.5)
        grid = figure.subplots(1, len(told), squeeze=False)[0]
        for axes, (_, label, lines) in zip(grid, told, strict=True):
            for place, (arm, points) in enumerate(lines):
                _line(axes, arm, points, (place - (len(lines) - 1) / 2) * 0.06)
            percent_axis(axes.yaxis, *span_of([v for _, ps in lines for _, *vs, _ in ps for v in vs]))
            axes.set(xlabel="block of rounds", title=label)
            axes.grid(axis="y")
            axes.set_xticks(sorted({at for _, ps in lines for at, *_ in ps}))
        handles, labels = max((axes.get_legend_handles_labels() for axes in grid), key=lambda pair: len(pair[1]))
        figure.legend(handles, labels, loc="outside right center")
        drawn = ink.pictures(figure)
    return Plate(**base, title=_seen(told), alt=_alt(told), note=_note(story), pictures=drawn, csv=_csv(told))


def _lines(story: Story, read: Read) -> list[tuple[Arm, list[Point]]]:
    made = [(arm, _points(story, arm, read)) for arm in story.arms]
    return [(arm, points) for arm, points in made if len(points) > 1]


def _points(story: Story, arm: Arm, read: Read) -> list[Point]:
    longest = max(len(theirs) for theirs in arm.people.values())
    blocks = min(BLOCKS, longest)
    sums, counts = np.zeros((len(arm.people), blocks)), np.zeros((len(arm.people), blocks))
    for row, theirs in enumerate(arm.people.values()):
        ordered = sorted(theirs, key=lambda each: each.round)
        for at, each in enumerate(ordered):
            value = read(each)
            if value is not None:
                sums[row, at * blocks // longest] += value
                counts[row, at * blocks // longest] += 1
    made: list[Point] = []
    for block in range(blocks):
        n = counts[:, block].sum()
        if n:
            low, high = resampled(sums[:, block], counts[:, block], story.bootstrap)
            made.append((block + 1, float(sums[:, block].sum() / n), low, high, int(n)))
    return made


def _line(axes: Any, arm: Arm, points: Sequence[Point], shift: float) -> None:
    x = [at + shift for at, *_ in points]
    axes.plot(
        x,
        [value for _, value, *_ in points],
        color=arm.colour,
        marker=arm.mark,
        markeredgecolor=ink.INK,
        markerfacecolor="none" if arm.hollow else arm.colour,
        linestyle=":" if arm.hollow else "-",
        label=arm.label,
    )
    for where, (_, _, low, high, _) in zip(x, points, strict=True):
        if not math.isnan(low):
            axes.plot([where, where], [low, high], color=arm.colour, linewidth=1.2)


def _seen(told: Sequence[tuple[str, str, list[tuple[Arm, list[Point]]]]]) -> str:
    _, _, lines = told[0]
    parts = [f"{arm.label} {percent(points[0][1])} to {percent(points[-1][1])}" for arm, points in lines]
    return "Share right from the first to the last block: " + ", ".join(parts) + "."


def _alt(told: Sequence[tuple[str, str, list[tuple[Arm, list[Point]]]]]) -> str:
    return " ".join(
        f"{label}, {arm.label}: " + ", ".join(f"block {at} {percent(value)}" for at, value, *_ in points) + "."
        for _, label, lines in told
        for arm, points in lines
    )


def _note(story: Story) -> str:
    parts = [f"{arm.label}: {count(len(arm.people), 'person', 'people')}" for arm in story.arms]
    return "; ".join(parts) + f". Blocks are up to {BLOCKS} equal parts of the longest run of rounds."


def _csv(told: Sequence[tuple[str, str, list[tuple[Arm, list[Point]]]]]) -> str:
    return tidy(
        {"panel": name, **arm.key, "block": at, "value": value, "low": low, "high": high, "rounds": n}
        for name, _, lines in told
        for arm, points in lines
        for at, value, low, high, n in points
    )
