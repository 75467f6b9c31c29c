"""F05: appropriate reliance: RAIR by RSR of each person, and accuracy by adherence with what is possible at all."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from game.measures.reliance import advised
from server.report import ink
from server.report.figures.draw import POINTS, count, listing, percent, percent_axis
from server.report.page.story import Arm, Story
from server.report.plate import Plate, tidy

HOW = (
    "Left (first answers before the AI): how often a wrong first answer came right when the AI was right (RAIR, up),"
    " and how often a right first answer was kept when the AI was wrong (RSR, to the right). The corner at the top"
    " right is appropriate reliance. Right: how often a person follows (adherence) against how often they are right;"
    " the grey area is all that is possible with this AI accuracy and two answers, its lower corner following only"
    " wrong suggestions, its upper one following only right ones. More following moves along the area, not up: accuracy"
    " can rise without better judgement. Small marks are people, large ones means, ellipses 95 % regions of the mean"
    " (Hotelling, from 5 people on). The crosses are people without judgement: the follower (F) takes every suggestion, the"
    " ignorer (I) answers as people do alone and never looks. Only what lies off the line between the two is discernment."
)
ENOUGH = 5
"""People from whom on the mean has a region; with fewer it is most of the plane."""


def plate(story: Story) -> Plate:
    """Draw both planes; the left one stays away without first answers."""
    base: dict[str, Any] = {"id": "F05", "topic": "Appropriate reliance", "how": HOW}
    two = [(arm, pairs) for at, arm in story.assisted if len(pairs := _pairs(story, at, "rsr", "rair"))]
    adherence = [(arm, pairs) for arm in story.arms if not arm.alone and len(pairs := _adherence(arm))]
    if not two and not adherence:
        return Plate(**base, missing="in no round was a suggestion seen and then answered by the person")
    with ink.style():
        figure = ink.blank(ink.WIDE if two else ink.HALF, 4.4)
        grid = figure.subplots(1, 2 if two else 1, squeeze=False)[0]
        right = grid[-1]
        if two:
            _plane(
                grid[0],
                two,
                "right first answer kept when the AI is wrong (RSR)",
                "wrong first answer put right (RAIR)",
            )
            grid[0].plot([1], [1], marker="*", markersize=13, color=ink.OK, clip_on=False)
            _reference(grid[0], {"I": (1.0, 0.0), "F": (0.0, 1.0)})
        _possible(right, adherence)
        _plane(right, adherence, "share of suggestions followed (adherence)", "share right")
        _reference(right, known := references(story, [arm for arm, _ in adherence]))
        right.legend(*_marks(adherence or two), loc="lower left", handletextpad=0.2)
        drawn = ink.pictures(figure)
    return Plate(
        **base,
        title=_seen(two, adherence),
        alt=_alt(two, adherence),
        note=_note(two) + _told(known),
        pictures=drawn,
        csv=_csv(two, adherence),
        wide=bool(two),
    )


Pairs = Any
"""(people, 2) float: x, y."""


def _pairs(story: Story, at: int, x: str, y: str) -> Pairs:
    over, under = story.persons[x][at], story.persons[y][at]
    return np.array([(over[who], under[who]) for who in over if not math.isnan(over[who] + under[who])]).reshape(-1, 2)


def _adherence(arm: Arm) -> Pairs:
    found: list[tuple[float, float]] = []
    for theirs in arm.people.values():
        mine = [
            e for e in advised(theirs) if e.followed is not None and e.correct is not None and e.ai_correct is not None
        ]
        if mine:
            found.append(
                (sum(bool(e.followed) for e in mine) / len(mine), sum(bool(e.correct) for e in mine) / len(mine))
            )
    return np.array(found).reshape(-1, 2)


def references(story: Story, arms: Sequence[Arm]) -> dict[str, tuple[float, float]]:
    """Return (adherence, accuracy) of the follower "F" and, where somebody answered the same specimens alone, the ignorer "I"."""
    seen = [e for arm in arms for e in advised(arm.rounds) if e.ai_correct is not None and e.ai is not None]
    if not seen:
        return {}
    found = {"F": (1.0, sum(bool(e.ai_correct) for e in seen) / len(seen))}
    alone: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in story.rounds:
        if each.scored and each.protocol == "alone" and each.final is not None:
            alone[each.specimen][each.final] += 1
    shared = [(alone[e.specimen], e) for e in seen if e.specimen in alone]
    if shared:
        took = math.fsum(said[e.ai or ""] / said.total() for said, e in shared) / len(shared)
        found["I"] = took, math.fsum(said[e.truth] / said.total() for said, e in shared) / len(shared)
    return found


def _reference(axes: Any, known: Mapping[str, tuple[float, float]]) -> None:
    for name, (x, y) in known.items():
        axes.plot([x], [y], marker="X", markersize=9, color=ink.INK_2, markeredgecolor=ink.INK, clip_on=False, zorder=6)
        axes.annotate(
            name, (x, y), (-9 if x > 0.5 else 9, 0), textcoords="offset points", ha="center", va="center", zorder=6
        )


def _told(known: Mapping[str, tuple[float, float]]) -> str:
    parts = [
        f"{name} follows {percent(known[mark][0])} and is right in {percent(known[mark][1])}"
        for mark, name in (("F", "The follower"), ("I", "the ignorer"))
        if mark in known
    ]
    if not parts:
        return ""
    return f" Right: {listing(parts)}" + (
        "." if "I" in known else "; nobody answered these specimens alone: no ignorer."
    )


def _plane(axes: Any, told: Sequence[tuple[Arm, Pairs]], x: str, y: str) -> None:
    for arm, pairs in told:
        face = "none" if arm.hollow else arm.colour
        axes.scatter(
            pairs[:, 0],
            pairs[:, 1],
            s=14 if len(pairs) < 400 else 5,
            marker=arm.mark,
            c=arm.colour,
            alpha=0.45,
            linewidths=0,
            rasterized=len(pairs) > POINTS,
        )
        if len(pairs) >= ENOUGH:
            _ellipse(axes, pairs, arm.colour)
        centre = pairs.mean(axis=0)
        axes.plot(centre[:1], centre[1:], marker=arm.mark, color=face, markeredgecolor=ink.INK, markersize=11, zorder=5)
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel=x, ylabel=y)
    axes.grid()


def region(pairs: Pairs) -> tuple[Pairs, Pairs, float]:
    """Return the mean of (people, 2) points, its covariance, and the squared distance that it keeps in 95 % of studies.

    By Hotelling's T², which with few people is far wider than the normal distribution.
    """
    n = len(pairs)
    return pairs.mean(axis=0), np.cov(pairs.T) / n, (n - 1) * (0.05 ** (-2 / (n - 2)) - 1)


def _ellipse(axes: Any, pairs: Pairs, colour: str) -> None:
    """Draw the 95 % region of the mean."""
    mean, spread, limit = region(pairs)
    values, vectors = np.linalg.eigh(spread)
    turn = np.linspace(0, 2 * np.pi, 73)
    circle = np.stack([np.cos(turn), np.sin(turn)]) * np.sqrt(limit * np.maximum(values, 0))[:, None]
    x, y = mean[:, None] + vectors @ circle
    axes.plot(x, y, color=ink.INK, linewidth=1.1)
    axes.fill(x, y, color=colour, alpha=0.25, linewidth=0)


def _possible(axes: Any, told: Sequence[tuple[Arm, Pairs]]) -> None:
    """Fill what is possible at the mean AI accuracy where an answer other than the AI's wrong one is right (two answers)."""
    rates = [_right(arm) for arm, _ in told]
    if not rates:
        return
    p = sum(rates) / len(rates)
    axes.fill([0, 1 - p, 1, p], [1 - p, 0, p, 1], color=ink.INSET, edgecolor=ink.LINE, zorder=0)


def _right(arm: Arm) -> float:
    known = [bool(e.ai_correct) for e in advised(arm.rounds) if e.ai_correct is not None]
    return sum(known) / len(known) if known else math.nan


def _marks(told: Sequence[tuple[Arm, Pairs]]) -> tuple[list[Any], list[str]]:
    from matplotlib.lines import Line2D  # noqa: PLC0415 - an extra

    made = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=arm.mark,
            color="none" if arm.hollow else arm.colour,
            markeredgecolor=ink.INK,
            markersize=8,
        )
        for arm, _ in told
    ]
    return list(made), [arm.label for arm, _ in told]


def _seen(two: Sequence[tuple[Arm, Pairs]], adherence: Sequence[tuple[Arm, Pairs]]) -> str:
    if two:
        parts = [
            f"{arm.label}: RAIR {percent(float(p[:, 1].mean()))}, RSR {percent(float(p[:, 0].mean()))}"
            for arm, p in two
        ]
        return "; ".join(parts) + " (means over people who have both)."
    parts = [
        f"{arm.label} followed {percent(float(p[:, 0].mean()))} and were right in {percent(float(p[:, 1].mean()))}"
        for arm, p in adherence
    ]
    return "; ".join(parts) + "."


def _alt(two: Sequence[tuple[Arm, Pairs]], adherence: Sequence[tuple[Arm, Pairs]]) -> str:
    more = [
        f"{arm.label}: adherence {percent(float(p[:, 0].mean()))}, accuracy {percent(float(p[:, 1].mean()))}, {len(p)}"
        " people"
        for arm, p in adherence
    ]
    return _seen(two, adherence) + " " + listing(more) + "."


def _note(two: Sequence[tuple[Arm, Pairs]]) -> str:
    lacking = [
        f"{arm.label} {len(arm.people) - len(p)} of {len(arm.people)}" for arm, p in two if len(p) < len(arm.people)
    ]
    told = [f"{arm.label} {count(len(p), 'person', 'people')}" for arm, p in two]
    first = f"Left: {listing(told)}. " if two else "Left: nobody, there are no first answers. "
    return first + (f"Without a case of both kinds, so not drawn left: {listing(lacking)}." if lacking else "")


def _csv(two: Sequence[tuple[Arm, Pairs]], adherence: Sequence[tuple[Arm, Pairs]]) -> str:
    lines = [{"panel": "rsr_rair", **arm.key, "x": x, "y": y} for arm, p in two for x, y in p.tolist()]
    lines += [{"panel": "adherence_accuracy", **arm.key, "x": x, "y": y} for arm, p in adherence for x, y in p.tolist()]
    return tidy(lines, ("panel", "condition_id", "protocol", "x", "y"))
