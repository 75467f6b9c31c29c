"""F04: from the first answer over the AI's to the final one, as bands; where people answered before they saw the AI."""

from __future__ import annotations

from typing import Any

import numpy as np

from server.report import ink
from server.report.figures.draw import count, listing, percent, wrapped
from server.report.page.story import Arm, Story
from server.report.plate import Plate, tidy

HOW = (
    "Only rounds with a first answer before the AI's. Left column: was the first answer right; middle: was the AI"
    " right; right: was the final answer. A band's thickness is its number of rounds. Green bands end right, orange"
    " ones wrong. A band from wrong over right to right is help taken; one from right over wrong to wrong is harm done."
)
Flow = dict[tuple[bool, bool, bool], int]
RIGHT, WRONG = "right", "wrong"


def plate(story: Story) -> Plate:
    """Draw one alluvial per condition with first answers."""
    base: dict[str, Any] = {"id": "F04", "topic": "First answer, AI, final answer", "how": HOW}
    told = [(arm, flow) for arm in story.arms if not arm.alone and sum((flow := _flow(arm)).values())]
    if not told:
        return Plate(**base, missing="in no round did people answer both before and after they saw the AI's answer")
    wide = len(told) > 1
    with ink.style():
        figure = ink.blank(ink.WIDE if wide else ink.HALF, 3.6)
        for axes, (arm, flow) in zip(figure.subplots(1, len(told), squeeze=False)[0], told, strict=True):
            _bands(axes, flow)
            axes.set_title(wrapped(arm.label, 40))
        drawn = ink.pictures(figure)
    return Plate(**base, title=_seen(told), alt=_alt(told), note=_note(told), pictures=drawn, csv=_csv(told), wide=wide)


def _flow(arm: Arm) -> Flow:
    found: Flow = {}
    for each in arm.rounds:
        if (
            each.own_correct is not None
            and each.ai_correct is not None
            and each.correct is not None
            and each.protocol == "two_stage"
        ):
            key = each.own_correct, each.ai_correct, each.correct
            found[key] = found.get(key, 0) + 1
    return found


def _bands(axes: Any, flow: Flow) -> None:
    total = sum(flow.values())
    keys = sorted(flow, reverse=True)  # right before wrong, in each column
    tops: list[dict[bool, float]] = []
    for column in range(3):
        share = sum(n for key, n in flow.items() if key[column]) / total
        tops.append({True: 1.06, False: 1.06 - share - 0.06})
        for side, height in ((True, share), (False, 1 - share)):
            if height:
                _pillar(axes, column, tops[column][side], height, side)
    used = [dict(each) for each in tops]
    places: dict[tuple[bool, bool, bool], list[float]] = {key: [0.0] * 3 for key in keys}
    for column in range(3):
        order = sorted(keys, key=lambda key: (not key[column], [not side for side in key]))
        for key in order:
            places[key][column] = used[column][key[column]]
            used[column][key[column]] -= flow[key] / total
    for key in keys:
        colour = ink.OK if key[2] else ink.BAD
        thick = flow[key] / total
        for column in (0, 1):
            _band(
                axes,
                column,
                places[key][column],
                places[key][column + 1],
                thick,
                colour,
                alpha=0.55 if key[0] != key[2] else 0.22,
            )
    axes.set(xlim=(-0.45, 2.45), ylim=(-0.04, 1.1), xticks=(0, 1, 2))
    axes.set_xticklabels(("first answer", "AI", "final answer"))
    axes.set_yticks(())
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _pillar(axes: Any, column: int, top: float, height: float, side: bool) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - an extra

    axes.add_patch(
        Rectangle(
            (column - 0.06, top - height),
            0.12,
            height,
            facecolor=ink.INK if side else ink.PAPER,
            edgecolor=ink.INK,
            linewidth=0.9,
            zorder=3,
        )
    )
    where = (-0.1, "right") if column == 0 else (0.1, "left")
    if column != 1:
        axes.text(
            column + where[0],
            top - height / 2,
            f"{RIGHT if side else WRONG}\n{percent(height)}",
            ha=where[1],
            va="center",
            fontsize=9.5,
            zorder=4,
        )
    elif height > 0.1:
        axes.text(
            column,
            top - height / 2,
            f"{RIGHT if side else WRONG}\n{percent(height)}",
            ha="center",
            va="center",
            fontsize=9,
            zorder=4,
            bbox={"facecolor": ink.PAPER, "edgecolor": "none", "pad": 1.5},
        )


def _band(axes: Any, column: int, left: float, right: float, thick: float, colour: str, *, alpha: float) -> None:
    t = np.linspace(0, 1, 30)
    ease = 3 * t**2 - 2 * t**3
    x = column + 0.06 + 0.88 * t
    top = left + (right - left) * ease
    axes.fill_between(x, top - thick, top, color=colour, alpha=alpha, linewidth=0)


def _rate(flow: Flow, own: bool, ai: bool, final: bool) -> tuple[int, int]:
    return flow.get((own, ai, final), 0), flow.get((own, ai, True), 0) + flow.get((own, ai, False), 0)


def _seen(told: list[tuple[Arm, Flow]]) -> str:
    parts: list[str] = []
    for arm, flow in told:
        helped, harmed = _rate(flow, False, True, True), _rate(flow, True, False, False)
        good = f"{helped[0]} of {helped[1]} wrong first answers put right with a right AI"
        bad = f"{harmed[0]} of {harmed[1]} right ones spoiled by a wrong AI"
        parts.append(
            f"{arm.label}: {good if helped[1] else 'no wrong first answer met a right AI'},"
            f" {bad if harmed[1] else 'no right one met a wrong AI'}"
        )
    return "; ".join(parts) + "."


def _alt(told: list[tuple[Arm, Flow]]) -> str:
    words = {True: RIGHT, False: WRONG}
    return " ".join(
        f"{arm.label}: "
        + listing(
            [
                f"{n} from {words[a]} over AI {words[b]} to {words[c]}"
                for (a, b, c), n in sorted(flow.items(), reverse=True)
            ]
        )
        + "."
        for arm, flow in told
    )


def _note(told: list[tuple[Arm, Flow]]) -> str:
    return (
        "; ".join(
            f"{arm.label}: {count(sum(flow.values()), 'round')} of {len(arm.people)} people" for arm, flow in told
        )
        + "."
    )


def _csv(told: list[tuple[Arm, Flow]]) -> str:
    return tidy(
        {**arm.key, "initial_correct": a, "ai_correct": b, "correct": c, "rounds": n}
        for arm, flow in told
        for (a, b, c), n in sorted(flow.items(), reverse=True)
    )
