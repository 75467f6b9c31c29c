"""F02: accuracy of each person by condition, as rainclouds, beside the AI alone and people alone."""

from __future__ import annotations

import math
from typing import Any

from game.measures.team import Side, side_by_side
from server.report import ink
from server.report.figures.draw import (
    between,
    count,
    interval,
    listing,
    percent,
    percent_axis,
    raincloud,
    rows,
    span_of,
    wrapped,
)
from server.report.page.story import Story
from server.report.plate import Plate, tidy

HOW = (
    "One small mark is one person: the share of scored rounds that came out right in this condition. The cloud shows"
    " where people lie, the large mark is their mean, the thick bar its 95 % interval (participants drawn anew with all"
    " their rounds). The dashed line is the AI alone on the same specimens, the dotted one people alone on them. The"
    " pale band to the right of the better of the two is where a team is better than its best member (complementarity)."
)


def plate(story: Story) -> Plate:
    """Draw the rainclouds."""
    base: dict[str, Any] = {"id": "F02", "topic": "Accuracy by condition", "how": HOW}
    told = [(at, arm) for at, arm in enumerate(story.arms) if story.row("accuracy", at).defined]
    if not told:
        return Plate(**base, missing="in no scored round is it known whether the final answer was right")
    side = side_by_side(story.rounds)
    marks = [side.ai, side.alone] if isinstance(side, Side) else []
    everything = [value for at, _ in told for value in story.values("accuracy", at)]
    ends = span_of([*everything, *marks])
    with ink.style():
        figure = ink.blank(ink.HALF, 1.1 + 1.02 * len(told))
        axes = figure.subplots()
        if isinstance(side, Side):
            _lines(axes, side, ends[1])
        for place, (at, arm) in enumerate(told):
            row = story.row("accuracy", at)
            raincloud(axes, story.values("accuracy", at), -place, arm.colour, arm.mark, hollow=arm.hollow, ends=ends)
            interval(axes, row.mean, row.mean_low, row.mean_high, -place, arm.colour, arm.mark, hollow=arm.hollow)
        rows(axes, [f"{wrapped(arm.label)}\nn = {len(story.values('accuracy', at))}" for at, arm in told])
        percent_axis(axes.xaxis, *ends)
        axes.grid(axis="x")
        axes.set(xlim=ends, ylim=(-len(told) + 0.55, 0.85), xlabel="rounds answered correctly, one mark per person")
        drawn = ink.pictures(figure)
    return Plate(
        **base, title=_seen(story), alt=_alt(story, side), note=_note(story, side), pictures=drawn, csv=_csv(story)
    )


def _lines(axes: Any, side: Side, right: float) -> None:
    axes.axvspan(side.best, right, color=ink.OK_WASH, linewidth=0, zorder=0)
    axes.axvline(side.ai, color=ink.AI, linestyle="--", linewidth=1.5)
    axes.axvline(side.alone, color=ink.YOU, linestyle=":", linewidth=1.8)
    first, second = sorted(((side.ai, "AI alone", ink.AI), (side.alone, "people alone", ink.YOU)))
    for (x, text, colour), way in ((first, "right"), (second, "left")):
        axes.text(
            x,
            1.01,
            f" {text} {percent(x)} ",
            color=colour,
            ha=way,
            va="bottom",
            fontsize=9,
            transform=axes.get_xaxis_transform(),
        )


def _seen(story: Story) -> str:
    told = [(at, arm) for at, arm in enumerate(story.arms) if story.row("accuracy", at).defined]
    parts = [f"{arm.label} {percent(story.row('accuracy', at).mean)}" for at, arm in told]
    return f"Share right, mean over people: {listing(parts)}."


def _alt(story: Story, side: Side | str) -> str:
    parts: list[str] = []
    for at, arm in enumerate(story.arms):
        row, values = story.row("accuracy", at), story.values("accuracy", at)
        if len(values):
            ends = (
                ""
                if math.isnan(row.mean_low)
                else ", no spread among people to make an interval of"
                if row.sd == 0
                else f", 95 % interval {between(row.mean_low, row.mean_high)} %"
            )
            parts.append(
                f"{arm.label}: mean {percent(row.mean)}{ends}; single people from {percent(values.min())} to"
                f" {percent(values.max())}, n = {len(values)}."
            )
    if isinstance(side, Side):
        parts.append(
            f"On the {side.items} specimens met both ways the AI alone is right in {percent(side.ai)}, people alone in"
            f" {percent(side.alone)}."
        )
    return " ".join(parts)


def _note(story: Story, side: Side | str) -> str:
    total = sum(row.numerator or 0 for at in range(len(story.arms)) if (row := story.row("accuracy", at)).defined)
    under = sum(int(story.row("accuracy", at).denominator or 0) for at in range(len(story.arms)))
    lines = (
        f"Lines: {count(side.items, 'specimen')}" + (", people alone by their first answers" if side.own else "")
        if isinstance(side, Side)
        else f"No lines: {side}"
    )
    return f"{int(total):,} of {count(under, 'scored round')} right. {lines}."


def _csv(story: Story) -> str:
    lines: list[dict[str, Any]] = []
    for at, arm in enumerate(story.arms):
        row = story.row("accuracy", at)
        lines.append(
            {
                "level": "condition",
                **arm.key,
                "subject_id": "",
                "value": row.mean,
                "low": row.mean_low,
                "high": row.mean_high,
                "n": row.defined,
            }
        )
        lines += [
            {"level": "person", **arm.key, "subject_id": who, "value": value}
            for who, value in story.persons["accuracy"][at].items()
        ]
    return tidy(lines, ("level", "condition_id", "protocol", "subject_id", "value", "low", "high", "n"))
