"""F07: how long people go on deciding themselves: Kaplan-Meier of the first hand-over."""

from __future__ import annotations

import math
from typing import Any

from game.measures.handing_over import Survived, survival
from server.report import ink
from server.report.figures.draw import count, listing, percent, percent_axis
from server.report.page.story import Arm, Story
from server.report.plate import Plate, tidy

HOW = (
    "The curve is the share of people who have not handed over yet, after so many rounds that offered it. It falls"
    " where somebody hands over for the first time. Small ticks are people whose rounds ended before they did"
    " (censored). The pale band is the 95 % interval (Greenwood, log-log)."
)


def plate(story: Story) -> Plate:
    """Draw one curve per condition that offered handing over."""
    base: dict[str, Any] = {"id": "F07", "topic": "Still deciding themselves", "how": HOW}
    told = [(arm, curve) for arm in story.arms if (curve := survival(arm.rounds))]
    if not told:
        return Plate(**base, missing="handing over was never offered")
    with ink.style():
        figure = ink.blank(ink.HALF, 3.4)
        axes = figure.subplots()
        for place, (arm, curve) in enumerate(told):
            _curve(axes, arm, curve, ink.DASHES[place % 4])
        percent_axis(axes.yaxis)
        axes.set(
            ylim=(0, 1.03), xlim=(0, None), xlabel="rounds that offered handing over", ylabel="have not handed over"
        )
        axes.grid(axis="y")
        axes.legend(loc="lower left")
        drawn = ink.pictures(figure)
    title = (
        "Never handed over, by the end:"
        f" {listing([f'{percent(curve[-1].survival)} in {arm.label}' for arm, curve in told])}."
    )
    return Plate(**base, title=title, alt=_alt(told), note=_note(told), pictures=drawn, csv=_csv(told))


Told = list[tuple[Arm, list[Survived]]]


def _curve(axes: Any, arm: Arm, curve: list[Survived], dash: str) -> None:
    x = [0, *(each.round for each in curve)]
    y = [1.0, *(each.survival for each in curve)]
    axes.step(x, y, where="post", color=arm.colour, linestyle=dash, label=arm.label)
    low, high = [each.low for each in curve], [each.high for each in curve]
    axes.fill_between(x[1:], low, high, step="post", color=arm.colour, alpha=0.18, linewidth=0)
    after = [*(each.at_risk for each in curve[1:]), 0]
    gone = [each for each, left in zip(curve, after, strict=True) if each.at_risk - each.handed > left]
    where, heights = [each.round for each in gone], [each.survival for each in gone]
    axes.plot(where, heights, linestyle="none", marker="|", color=ink.INK, markersize=7)


def _alt(told: Told) -> str:
    ends: list[str] = []
    for arm, curve in told:
        last = curve[-1]
        known = "" if math.isnan(last.low) else f" ({percent(last.low)} to {percent(last.high)})"
        ends.append(f"{arm.label} {percent(last.survival)} after {last.round} rounds{known}")
    return f"Survival curves: {listing(ends)}."


def _note(told: Told) -> str:
    parts = [
        f"{arm.label}: {sum(each.handed for each in curve)} of {count(curve[0].at_risk, 'person', 'people')} handed"
        " over"
        for arm, curve in told
    ]
    return "; ".join(parts) + "."


def _csv(told: Told) -> str:
    return tidy(
        {
            **arm.key,
            "round": c.round,
            "at_risk": c.at_risk,
            "handed_over": c.handed,
            "survival": c.survival,
            "low": c.low,
            "high": c.high,
        }
        for arm, curve in told
        for c in curve
    )
