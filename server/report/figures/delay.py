"""F17b: how long messages take, by condition: the way there and back as the log tells it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from server.report import ink
from server.report.figures.draw import count, interval, listing, raincloud, rows, wrapped
from server.report.page.exchange import LEAST
from server.report.page.story import Arm, Story, resampled
from server.report.plate import Plate, tidy

HOW = (
    "One small mark is one person: the median time from the server's taking an answer to the painting of the next screen, without"
    " the decoding of pictures. It is the way there and back and the drawing. The large mark is the mean over people with its"
    " 95 % interval (participants drawn anew). Both ends are times of the server, and the browser tells a length only, so no"
    " clocks have to agree. A condition whose messages take longer is a slower one in more than the AI."
)
Told = list[tuple[Arm, dict[str, float], tuple[float, float]]]


def plate(story: Story) -> Plate:
    """Draw one cloud per condition."""
    base: dict[str, Any] = {"id": "F17b", "topic": "Delay of messages", "how": HOW}
    if not story.gathered.sessions:
        return Plate(**base, missing="a rounds file does not say when messages came")
    told = [each for arm in story.arms if (each := _arm(story, arm))[1]]
    if not told:
        return Plate(**base, missing=f"no session has {LEAST} screens whose painting was reported")
    everything = [value for _, people, _ in told for value in people.values()]
    ends = (0.0, max(100.0, 1.1 * max(everything)))
    with ink.style():
        figure = ink.blank(ink.HALF, 1.1 + 0.92 * len(told))
        axes = figure.subplots()
        for place, (arm, people, (low, high)) in enumerate(told):
            values = np.array(list(people.values()))
            raincloud(axes, values, -place, arm.colour, arm.mark, hollow=arm.hollow, ends=ends)
            interval(axes, float(values.mean()), low, high, -place, arm.colour, arm.mark, hollow=arm.hollow)
        rows(axes, [f"{wrapped(arm.label)}\nn = {len(people)}" for arm, people, _ in told])
        axes.grid(axis="x")
        axes.set(xlim=ends, ylim=(-len(told) + 0.55, 0.7), xlabel="median delay of a person's screens, ms")
        drawn = ink.pictures(figure)
    simulated = " Simulated people have the delay that the simulator gives them." if story.simulated else ""
    return Plate(
        **base, title=f"A message takes {_listed(told)}.", alt=_alt(told), note=_note(story, told) + simulated, pictures=drawn,
        csv=_csv(told),
    )  # fmt: skip


def _arm(story: Story, arm: Arm) -> tuple[Arm, dict[str, float], tuple[float, float]]:
    known = {
        str(each["subject_id"]): float(each["exchange_ms"])
        for each in story.gathered.sessions
        if each.get("exchange_ms") is not None and not each["why"]
    }
    people = {who: known[who] for who in arm.people if who in known}
    values = np.array(list(people.values()))
    return arm, people, resampled(values, np.ones(len(values)), story.bootstrap) if people else (math.nan, math.nan)


def _mean(people: dict[str, float]) -> float:
    return math.fsum(people.values()) / len(people)


def _listed(told: Told) -> str:
    return listing([f"{_mean(people):.0f} ms in {arm.label}" for arm, people, _ in told])


def _alt(told: Told) -> str:
    parts: list[str] = []
    for arm, people, (low, high) in told:
        ends = "" if math.isnan(low) else f" ({low:.0f} to {high:.0f})"
        span = f"single people from {min(people.values()):.0f} to {max(people.values()):.0f}"
        parts.append(f"{arm.label}: mean {_mean(people):.0f} ms{ends}, {span}, n = {len(people)}.")
    return " ".join(parts)


def _note(story: Story, told: Told) -> str:
    people = {who for arm in story.arms for who in arm.people}
    known = {who for _, theirs, _ in told for who in theirs}
    lacking = len(people - known)
    return f"{count(len(known), 'person', 'people')}; {lacking} without {LEAST} screens whose painting was reported."


def _csv(told: Told) -> str:
    return tidy(
        {**arm.key, "subject_id": who, "median_delay_ms": value}
        for arm, people, _ in told
        for who, value in people.items()
    )
