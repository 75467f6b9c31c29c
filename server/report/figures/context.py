"""F15: what people know beside the picture: where the context that only they were told speaks for or against the AI's answer."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from game.measures.reliance import advised
from game.pack import Manifest
from game.round import Round
from server.report import ink
from server.report.figures.draw import count, interval, percent, percent_axis, rows
from server.report.page.story import Arm, Story, resampled
from server.report.plate import Plate, tidy

HOW = (
    "Rounds in which the person was told something beside the picture and then saw a suggestion. The context is for the"
    " AI's answer where that class is the likeliest by the context alone, and against it otherwise. People who use what"
    " they know follow less, and stay right more often, where it speaks against the AI. Bars are 95 % intervals"
    " (participants drawn anew)."
)
SIDES = ((True, "context for the AI"), (False, "context against the AI"))
Cell = tuple[float, float, float, int]


def plate(story: Story) -> Plate:
    """Draw accuracy and following by what the context says."""
    base: dict[str, Any] = {"id": "F15", "topic": "Knowing what the AI does not", "how": HOW, "wide": True}
    priors = _priors(story.gathered.packs.values())
    if not any(each.context_shown for each in story.rounds):
        return Plate(**base, missing="nobody was told anything beside the picture")
    if not priors:
        return Plate(
            **base, missing="the pack's context variables are not known here, so it cannot be told what they speak for"
        )
    told = [(arm, cells) for arm in story.arms if not arm.alone and (cells := _cells(story, arm, priors))]
    if not told:
        return Plate(**base, missing="in no round were both a context and a suggestion seen")
    with ink.style():
        figure = ink.blank(ink.WIDE, 1.3 + 0.62 * 2 * len(told))
        grid = figure.subplots(1, 2)
        names = [f"{arm.label}: {name}" for arm, _ in told for _, name in SIDES]
        for axes, panel, label in zip(
            grid, ("accuracy", "followed"), ("share right", "suggestions followed"), strict=True
        ):
            for place, (arm, cells) in enumerate(told):
                for at, (side, _) in enumerate(SIDES):
                    if (panel, side) in cells:
                        mean, low, high, _n = cells[panel, side]
                        interval(axes, mean, low, high, -(2 * place + at), arm.colour, arm.mark, hollow=not side)
            rows(axes, names if panel == "accuracy" else [""] * len(names), 9.5)
            percent_axis(axes.xaxis)
            axes.grid(axis="x")
            axes.set(xlim=(0, 1), ylim=(-len(names) + 0.5, 0.5), title=label)
        drawn = ink.pictures(figure)
    return Plate(**base, title=_seen(told), alt=_alt(told), note=_note(told), pictures=drawn, csv=_csv(told))


def _priors(packs: Any) -> dict[tuple[str, str], str]:
    """Return (variable, value) -> the class it speaks for most."""
    found: dict[tuple[str, str], str] = {}
    manifest: Manifest
    for manifest in packs:
        for variable in manifest.contexts:
            for value in variable.values:
                if value.prior:
                    found[variable.key, value.key] = manifest.classes[value.prior.index(max(value.prior))].key
    return found


def speaks_for(each: Round, priors: Mapping[tuple[str, str], str]) -> bool | None:
    """Tell whether all that a person was told speaks for the AI's answer; None where it is unknown or mixed."""
    said = {priors[pair] == each.ai for pair in each.context_shown.items() if pair in priors}
    return next(iter(said)) if len(said) == 1 and each.ai else None


def _cells(story: Story, arm: Arm, priors: Mapping[tuple[str, str], str]) -> dict[tuple[str, bool], Cell]:
    sums: defaultdict[tuple[str, bool], defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in advised(arm.rounds):
        side = speaks_for(each, priors)
        for panel, value in (("accuracy", each.correct), ("followed", each.followed)):
            if side is not None and value is not None:
                sums[panel, side][each.participant].append(float(value))
    made: dict[tuple[str, bool], Cell] = {}
    for key, people in sums.items():
        over, under = (
            np.array([math.fsum(v) for _, v in sorted(people.items())]),
            np.array([float(len(v)) for _, v in sorted(people.items())]),
        )
        made[key] = (float(over.sum() / under.sum()), *resampled(over, under, story.bootstrap), int(under.sum()))
    return made


Told = list[tuple[Arm, dict[tuple[str, bool], Cell]]]


def _share(cells: dict[tuple[str, bool], Cell], panel: str, side: bool) -> str:
    return percent(cells[panel, side][0]) if (panel, side) in cells else "no round"


def _seen(told: Told) -> str:
    parts = [
        f"{arm.label} {_share(cells, 'followed', True)} for, {_share(cells, 'followed', False)} against"
        for arm, cells in told
    ]
    return "Suggestions followed where the context is for and against them: " + "; ".join(parts) + "."


def _alt(told: Told) -> str:
    return " ".join(
        f"{arm.label}, {name}: right {_share(cells, 'accuracy', side)}, followed {_share(cells, 'followed', side)}."
        for arm, cells in told
        for side, name in SIDES
    )


def _note(told: Told) -> str:
    return (
        "; ".join(
            f"{arm.label}: {count(cells.get(('followed', True), (0, 0, 0, 0))[3], 'round')} for,"
            f" {cells.get(('followed', False), (0, 0, 0, 0))[3]:,} against"
            for arm, cells in told
        )
        + "."
    )


def _csv(told: Told) -> str:
    return tidy(
        {**arm.key, "outcome": panel, "context_for_ai": side, "value": mean, "low": low, "high": high, "rounds": n}
        for arm, cells in told
        for (panel, side), (mean, low, high, n) in sorted(cells.items())
    )
