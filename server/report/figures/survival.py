"""F07: how long people go on deciding themselves: Kaplan-Meier of the first hand-over."""

from __future__ import annotations

import math
from typing import Any

from game.measures.handing_over import survival
from server.report import ink
from server.report.figures.draw import count, listing, percent, percent_axis
from server.report.page.story import Story
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
            x = [0, *(each.round for each in curve)]
            y = [1.0, *(each.survival for each in curve)]
            axes.step(x, y, where="post", color=arm.colour, linestyle=ink.DASHES[place % 4], label=arm.label)
            axes.fill_between(
                x[1:],
                [each.low for each in curve],
                [each.high for each in curve],
                step="post",
                color=arm.colour,
                alpha=0.18,
                linewidth=0,
            )
            gone = [
                (each.round, each.survival)
                for at, each in enumerate(curve)
                if each.at_risk - each.handed > (curve[at + 1].at_risk if at + 1 < len(curve) else 0)
            ]
            axes.plot(
                [at for at, _ in gone],
                [value for _, value in gone],
                linestyle="none",
                marker="|",
                color=ink.INK,
                markersize=7,
            )
        percent_axis(axes.yaxis)
        axes.set(
            ylim=(0, 1.03), xlim=(0, None), xlabel="rounds that offered handing over", ylabel="have not handed over"
        )
        axes.grid(axis="y")
        axes.legend(loc="lower left")
        drawn = ink.pictures(figure)
    parts = [f"{percent(curve[-1].survival)} in {arm.label}" for arm, curve in told]
    ends = [
        f"{arm.label} {percent(c.survival)} after {c.round} rounds"
        + ("" if math.isnan(c.low) else f" ({percent(c.low)} to {percent(c.high)})")
        for arm, curve in told
        for c in curve[-1:]
    ]
    note = "; ".join(
        f"{arm.label}: {sum(c.handed for c in curve)} of {count(curve[0].at_risk, 'person', 'people')} handed over"
        for arm, curve in told
    )
    lines = [
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
    ]
    return Plate(
        **base,
        title=f"Never handed over, by the end: {listing(parts)}.",
        alt=f"Survival curves: {listing(ends)}.",
        note=note + ".",
        pictures=drawn,
        csv=tidy(lines),
    )
