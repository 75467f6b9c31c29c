"""F14: specimens: how often people are right alone and with the AI, with those that change most named."""

from __future__ import annotations

import math
from typing import Any

from server.report import ink
from server.report.figures.draw import count, percent, percent_axis
from server.report.figures.items import Item, Met, alone, with_ai
from server.report.page.story import Story
from server.report.plate import Plate, tidy

HOW = (
    "One mark is one specimen under one model. Across: the share of people who are right alone; up: with the AI. On the"
    " diagonal the AI changes nothing, above it people gain, below it they lose. Circles: the AI is right on it;"
    " crosses: the AI is wrong. Named are the specimens that change most. With few rounds a specimen's share moves by"
    " chance, and the extreme ones fall back when they are played again."
)
LEAST = 3
NAMED = 5


def plate(story: Story) -> Plate:
    """Draw the scatter."""
    base: dict[str, Any] = {"id": "F14", "topic": "Specimens, alone and with the AI", "how": HOW}
    solo = alone(story)
    told = [
        (item, solo[item.specimen])
        for item in with_ai(story, by_method=False)
        if item.specimen in solo and min(item.met.n, solo[item.specimen].n) >= LEAST
    ]
    if not told:
        return Plate(
            **base, missing=f"no specimen was decided at least {LEAST} times alone and {LEAST} times with the AI"
        )
    with ink.style():
        figure = ink.blank(ink.HALF, 4.9)
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=ink.EDGE, linestyle="--", linewidth=1)
        _marks(axes, told)
        for item, one in _apart(_changed(told)):
            up = item.met.accuracy > one.accuracy
            axes.annotate(
                item.specimen,
                (one.accuracy, item.met.accuracy),
                (0, 8 if up else -8),
                textcoords="offset points",
                ha="center",
                va="bottom" if up else "top",
                fontsize=8,
            )
        percent_axis(axes.xaxis)
        percent_axis(axes.yaxis)
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel="right alone", ylabel="right with the AI")
        axes.grid()
        figure.legend(loc="outside lower center", ncols=2)
        drawn = ink.pictures(figure)
    return Plate(**base, title=_seen(told), alt=_alt(told), note=_note(told, solo), pictures=drawn, csv=_csv(told))


Told = list[tuple[Item, Met]]


def _apart(told: Told) -> Told:
    """Return those whose names do not stand on one another; the CSV has all."""
    kept: Told = []
    for item, one in told:
        near = [
            other
            for other, solo in kept
            if abs(solo.accuracy - one.accuracy) < 0.13 and abs(other.met.accuracy - item.met.accuracy) < 0.06
        ]
        if not near:
            kept.append((item, one))
    return kept


def _marks(axes: Any, told: Told) -> None:
    for right, mark, colour, name in (
        (True, "o", ink.OK, "the AI is right"),
        (False, "X", ink.BAD, "the AI is wrong"),
        (None, "s", ink.EDGE, "unknown"),
    ):
        mine = [(one.accuracy, item.met.accuracy) for item, one in told if item.ai_correct is right]
        if mine:
            axes.scatter(
                [x for x, _ in mine],
                [y for _, y in mine],
                s=34,
                marker=mark,
                c=colour,
                edgecolors=ink.INK,
                linewidths=0.4,
                alpha=0.75,
                label=name,
                rasterized=len(mine) > 2000,
            )


def _changed(told: Told) -> Told:
    return sorted(told, key=lambda pair: (-abs(pair[0].met.accuracy - pair[1].accuracy), pair[0].specimen))[:NAMED]


def _seen(told: Told) -> str:
    parts: list[str] = []
    for right, words in ((True, "where the AI is right"), (False, "where it is wrong")):
        gains = [item.met.accuracy - one.accuracy for item, one in told if item.ai_correct is right]
        if gains:
            mean = math.fsum(gains) / len(gains)
            parts.append(f"{abs(100 * mean):.0f} points {'gained' if mean >= 0 else 'lost'} {words}")
    return f"Per specimen, {' and '.join(parts)}." if parts else "Changes per specimen."


def _alt(told: Told) -> str:
    parts = [
        f"{item.specimen} {percent(one.accuracy)} alone, {percent(item.met.accuracy)} with the AI"
        for item, one in _changed(told)
    ]
    return f"{count(len(told), 'specimen')}. Those that change most: {'; '.join(parts)}."


def _note(told: Told, solo: dict[str, Met]) -> str:
    rounds = sum(item.met.n for item, _ in told)
    return (
        f"{count(len(told), 'specimen')} with at least {LEAST} rounds either way; {count(rounds, 'round')} with the AI."
        f" {len(solo)} specimens have rounds alone."
    )


def _csv(told: Told) -> str:
    return tidy(
        {
            "stimulus_id": item.specimen,
            "model": item.model,
            "ai_correct": item.ai_correct,
            "accuracy_alone": one.accuracy,
            "rounds_alone": one.n,
            "accuracy": item.met.accuracy,
            "rounds": item.met.n,
        }
        for item, one in told
    )
