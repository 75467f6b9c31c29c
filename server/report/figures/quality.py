"""F17: data quality by condition: focus lost, time outs, devices, reconnects; what may differ between conditions besides the AI."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from server.report import ink
from server.report.figures.draw import between, count, interval, listing, percent, percent_axis, rows
from server.report.page.story import Arm, Story, resampled
from server.report.plate import Plate, tidy

HOW = (
    "Shares by condition with 95 % intervals (participants drawn anew): rounds in which the page was hidden or the"
    " connection gone, rounds that ran out of time, rounds without a final answer. Conditions that differ here differ"
    " in more than the AI. Devices are of whole sessions. How long messages take stands in F17b."
)
PANELS = (("away", "page hidden or offline"), ("timeout", "ran out of time"), ("unanswered", "no final answer"))


def plate(story: Story) -> Plate:
    """Draw the shares by condition."""
    if not story.arms:
        return Plate(id="F17", topic="Data quality", missing="there is no scored round", note=_devices(story))
    panels = _known(story)
    cells = {name: [_share(story, arm, name) for arm in story.arms] for name, _ in panels}
    with ink.style():
        figure = ink.blank(ink.WIDE, 1.2 + 0.46 * len(story.arms))
        for place, (axes, (name, label)) in enumerate(
            zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True)
        ):
            for at, (arm, (value, low, high, _n)) in enumerate(zip(story.arms, cells[name], strict=True)):
                interval(axes, value, low, high, -at, arm.colour, arm.mark, hollow=arm.hollow)
            rows(axes, [arm.label for arm in story.arms] if place == 0 else [""] * len(story.arms))
            most = max([0.1, *(v for value, _low, high, _n in cells[name] for v in (value, high) if not math.isnan(v))])
            percent_axis(axes.xaxis, 0, min(1.0, most * 1.15))
            axes.grid(axis="x")
            axes.set(xlim=(-0.005, min(1.0, most * 1.15)), ylim=(-len(story.arms) + 0.5, 0.5), title=label)
        drawn = ink.pictures(figure)
    seen, words = panels[0][0], {"away": "with the page hidden or offline", "timeout": "that ran out of time"}
    shares = [f"{percent(cells[seen][at][0], 1)} in {arm.label}" for at, arm in enumerate(story.arms)]
    lacking = [label for panel in PANELS if panel not in panels for label in panel[1:]]
    return Plate(
        id="F17",
        topic="Data quality",
        title=f"Rounds {words.get(seen, 'without a final answer')}: {listing(shares)}.",
        how=HOW,
        alt=_alt(story, cells),
        note=_devices(story) + (f" Imported data do not say: {listing(lacking)}." if lacking else ""),
        pictures=drawn,
        csv=_csv(story, cells),
        wide=True,
    )


def _known(story: Story) -> list[tuple[str, str]]:
    """Return the panels that the data can fill: imported rounds without any absence or time-out do not know of them."""
    scored = [each for arm in story.arms for each in arm.rounds]
    if any(each.source != "imported" for each in scored):
        return list(PANELS)
    told = {"away": any(each.away_ms > 0 for each in scored), "timeout": any(each.timed_out for each in scored)}
    return [panel for panel in PANELS if told.get(panel[0], True)]


Cell = tuple[float, float, float, int]


def _share(story: Story, arm: Arm, name: str) -> Cell:
    over, under = np.zeros(len(arm.people)), np.zeros(len(arm.people))
    for at, theirs in enumerate(arm.people.values()):
        under[at] = len(theirs)
        for each in theirs:
            bad = (
                each.away_ms > 0
                if name == "away"
                else each.timed_out
                if name == "timeout"
                else each.final is None and each.correct is None
            )
            over[at] += bad
    return (float(over.sum() / under.sum()), *resampled(over, under, story.bootstrap), int(under.sum()))


def _devices(story: Story) -> str:
    sessions = [each for each in story.gathered.sessions if not each["why"] and each["rounds_scored"]]
    if not sessions:
        why = "no session has a scored round" if story.gathered.sessions else "they are not in a rounds file"
        return f"Devices and connections are not known: {why}."
    pointers = Counter(str(each["pointer"] or "unknown") for each in sessions)
    back = [each["reconnects"] for each in sessions]
    widths = sorted(each["viewport_w"] for each in sessions if each["viewport_w"])
    size = f" Windows {widths[0]} to {widths[-1]} CSS px wide, median {widths[len(widths) // 2]}." if widths else ""
    told = listing([f"{n} {name}" for name, n in sorted(pointers.items())])
    return (
        f"{count(len(sessions), 'session')}: {told}; {sum(map(bool, back))} lost the connection at least once"
        f" ({sum(back)} times in all).{size}{_by_arm(story, sessions)}"
    )


def _by_arm(story: Story, sessions: Sequence[Mapping[str, Any]]) -> str:
    """Return devices and lost connections by condition, "" with one; people with several conditions count in each."""
    parts: list[str] = []
    for arm in story.arms if len(story.arms) > 1 else ():
        mine = [each for each in sessions if str(each["subject_id"]) in arm.people]
        touch, lost = (sum(each["pointer"] == "touch" for each in mine), sum(bool(each["reconnects"]) for each in mine))
        parts.append(f"{arm.label} {touch} of {len(mine)} by touch, {lost} lost the connection")
    return f" By condition: {'; '.join(parts)}." if parts else ""


def _alt(story: Story, cells: dict[str, list[Cell]]) -> str:
    return " ".join(
        f"{label}: "
        + listing(
            [
                f"{arm.label} {percent(v, 1)} ({between(low, high, 1) or 'no interval'}) of {n} rounds"
                for arm, (v, low, high, n) in zip(story.arms, cells[name], strict=True)
            ]
        )
        + "."
        for name, label in PANELS
        if name in cells
    )


def _csv(story: Story, cells: dict[str, list[Cell]]) -> str:
    lines: list[dict[str, Any]] = [
        {"measure": name, **arm.key, "value": v, "low": low, "high": high, "rounds": n}
        for name in cells
        for arm, (v, low, high, n) in zip(story.arms, cells[name], strict=True)
    ]
    return tidy(lines)
