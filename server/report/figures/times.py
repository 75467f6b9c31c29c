"""F10: how long rounds take, by what was on the screen and who decided; on a logarithmic axis."""

from __future__ import annotations

import math
from array import array
from typing import Any

import numpy as np

from server.report import ink
from server.report.figures.draw import count, interval, listing, raincloud, rows
from server.report.page.story import MODE_NAMES, Story, mode_of, resampled
from server.report.plate import Plate, tidy

HOW = (
    "One small mark is one person: the median time of their rounds in this mode, page hidden time removed. The large"
    " mark is the geometric mean over people with its 95 % interval (participants drawn anew). The axis is logarithmic:"
    " equal steps are equal factors. Modes are chosen by people where delegating is offered, so easy and hard cases"
    " differ between modes: a faster mode is not shown to cause the speed."
)


def plate(story: Story) -> Plate:
    """Draw one cloud per mode."""
    base: dict[str, Any] = {"id": "F10", "topic": "Time of a round, by mode", "how": HOW}
    told = _times(story)
    if not told:
        return Plate(**base, missing="no time of a finished round is known")
    logs = np.concatenate([values for _, _, values, _ in told])
    ends = (float(np.floor(logs.min() * 5) / 5 - 0.1), float(np.ceil(logs.max() * 5) / 5 + 0.1))
    with ink.style():
        figure = ink.blank(ink.HALF, 1.1 + 0.92 * len(told))
        axes = figure.subplots()
        for place, (name, mean, values, (low, high)) in enumerate(told):
            colour = ink.MODES[name][1]
            raincloud(axes, values, -place, colour, "o", hollow=False, ends=ends)
            interval(axes, mean, low, high, -place, colour, "o")
        rows(
            axes, [f"{ink.MODES[name][0]}  {name.replace('_', ' ')}\nn = {len(values)}" for name, _, values, _ in told]
        )
        seconds = [
            s
            for s in (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600)
            if ends[0] <= np.log10(s * 1000) <= ends[1]
        ]
        axes.set_xticks([float(np.log10(s * 1000)) for s in seconds], [f"{s:g} s" for s in seconds])
        axes.grid(axis="x")
        axes.set(xlim=ends, ylim=(-len(told) + 0.55, 0.7), xlabel="median time of a person's rounds")
        drawn = ink.pictures(figure)
    return Plate(**base, title=_seen(told), alt=_alt(told), note=_note(story), pictures=drawn, csv=_csv(told))


Told = list[tuple[str, float, Any, tuple[float, float]]]


def _seen(told: Told) -> str:
    parts = [f"{name.replace('_', ' ')} {10**mean / 1000:.1f} s" for name, mean, _, _ in told]
    return f"A round takes {listing(parts)}."


def _alt(told: Told) -> str:
    parts: list[str] = []
    for name, mean, values, (low, high) in told:
        ends = "" if math.isnan(low) else f" ({10**low / 1000:.1f} to {10**high / 1000:.1f})"
        parts.append(
            f"{name.replace('_', ' ')} {10**mean / 1000:.1f} s{ends}, {count(len(values), 'person', 'people')}"
        )
    return f"Geometric means of people's medians: {listing(parts)}."


def _csv(told: Told) -> str:
    return tidy({"mode": name, "median_total_ms": float(10**value)} for name, _, values, _ in told for value in values)


def _times(story: Story) -> list[tuple[str, float, Any, tuple[float, float]]]:
    found: dict[str, dict[str, array[int]]] = {name: {} for name in MODE_NAMES}
    for arm in story.arms:
        for each in arm.rounds:
            if each.total_ms and not each.timed_out:
                found[mode_of(each)].setdefault(each.participant, array("q")).append(each.total_ms)
    made: list[tuple[str, float, Any, tuple[float, float]]] = []
    for name, people in found.items():
        values = np.log10(np.array([float(np.median(times)) for _, times in sorted(people.items())]))
        if len(values):
            made.append((name, float(values.mean()), values, resampled(values, np.ones(len(values)), story.bootstrap)))
    return made


def _note(story: Story) -> str:
    scored = [each for arm in story.arms for each in arm.rounds]
    lacking = sum(not each.total_ms or each.timed_out for each in scored)
    return (
        f"{count(len(scored) - lacking, 'round')} with a time; {lacking:,} left out (no time known, or time ran out)."
    )
