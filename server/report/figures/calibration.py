"""F09: is confidence right? Confidence against the share right, of people, of the AI, and of the team's final answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from game.measures.confidence import Pair, bins_of, calibration_error, error_if_calibrated, pairs_of
from game.measures.confidence import said as told_chance
from game.round import Round
from server.report import ink
from server.report.figures.draw import count, percent, percent_axis
from server.report.page.story import Story
from server.report.plate import Plate, tidy

HOW = (
    "Each mark is one step of confidence: across, how often people (or the AI) say they will be right; up, how often"
    " they are. On the diagonal confidence is calibrated; below it is over-confidence. The size of a mark and the"
    " number beside it are its answers. People's five steps are read as probabilities from chance to one; nothing is"
    " smoothed. The Brier score and the expected calibration error (ECE) are 0 at best. By chance alone the ECE is above"
    " 0: in brackets stands what people would show on average who are exactly as often right as they say. Only what goes"
    " beyond it is miscalibration."
)
LEAST = 20


def plate(story: Story) -> Plate:
    """Draw one line for each arm's final answers, for first answers, and for the AI."""
    base: dict[str, Any] = {"id": "F09", "topic": "Confidence and being right", "how": HOW}
    lines = _lines(story)
    if not lines:
        return Plate(
            **base, missing=f"fewer than {LEAST} answers have a confidence on the five steps, and the AI stated none"
        )
    with ink.style():
        figure = ink.blank(ink.HALF, 4.9)
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=ink.EDGE, linestyle="--", linewidth=1)
        most = max(n for line in lines for _, _, n in line.bins)
        for line in lines:
            _line(axes, line, most, counts=len(lines) <= 4)
        percent_axis(axes.xaxis)
        percent_axis(axes.yaxis)
        axes.set(
            xlim=(0, 1.04), ylim=(0, 1.04), xlabel="confidence, as a probability of being right", ylabel="share right"
        )
        axes.grid()
        figure.legend(loc="outside lower center", ncols=2, handletextpad=0.2)
        drawn = ink.pictures(figure)
    return Plate(**base, title=_seen(lines), alt=_alt(lines), note=_note(lines), pictures=drawn, csv=_csv(lines))


def _line(axes: Any, line: Line, most: int, *, counts: bool) -> None:
    x, y = [said for said, _, _ in line.bins], [right for _, right, _ in line.bins]
    axes.plot(x, y, color=line.colour, linewidth=1.4, linestyle=":" if line.hollow else "-")
    sizes, face = [18 + 130 * n / most for *_, n in line.bins], "none" if line.hollow else line.colour
    axes.scatter(
        x, y, s=sizes, marker=line.mark, facecolors=face, edgecolors=ink.INK, linewidths=0.7, label=line.name, zorder=4
    )
    for sure, right, n in line.bins if counts else ():
        axes.annotate(
            f"{n}", (sure, right), (0, 9), textcoords="offset points", ha="center", fontsize=8, color=ink.INK_2
        )


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn of one kind of answers: its steps of confidence, and scores over all its answers."""

    name: str
    colour: str
    mark: str
    hollow: bool
    bins: list[tuple[float, float, int]]
    """Mean confidence, share right, answers."""
    n: int
    brier: float
    error: float
    chance: float
    """The error that perfect calibration would show with as many answers as sure as these, on average."""
    gap: float
    """Mean confidence minus share right."""


def _lines(story: Story) -> list[Line]:
    assisted = [arm for arm in story.arms if not arm.alone]
    made = [
        _line_of(
            f"{'people' if arm.alone else 'team'}, {arm.label}", arm.colour, arm.mark, arm.hollow, pairs_of(arm.rounds)
        )
        for arm in story.arms
    ]
    made.append(_line_of("first answers", ink.YOU, "o", True, [p for arm in assisted for p in _first(arm.rounds)]))
    made.append(_line_of("the AI, as it said", ink.AI, "D", False, [p for arm in assisted for p in _said(arm.rounds)]))
    return [line for line in made if line.n >= LEAST]


def _line_of(name: str, colour: str, mark: str, hollow: bool, pairs: Sequence[Pair]) -> Line:
    """Return a line; its answers are not kept, so that those of one line are in memory at a time."""
    few = len(pairs) < LEAST
    brier, error, gap = (math.nan,) * 3 if few else _scores(pairs)
    # rounded to few values, whose draws cost little
    chance = math.nan if few else error_if_calibrated([round(sure, 2) for sure, _ in pairs])
    return Line(
        name=name, colour=colour, mark=mark, hollow=hollow, bins=[] if few else _binned(pairs), n=len(pairs),
        brier=brier, error=error, chance=chance, gap=gap,
    )  # fmt: skip


def _first(rounds: Sequence[Round]) -> list[Pair]:
    found = ((told_chance(each, "own"), each.own_correct) for each in rounds)
    return [(sure, right) for sure, right in found if sure is not None and right is not None]


def _said(rounds: Sequence[Round]) -> list[Pair]:
    return [
        (each.ai_confidence, each.ai_correct)
        for each in rounds
        if each.ai_confidence is not None and each.ai_correct is not None
    ]


def _binned(pairs: Sequence[Pair]) -> list[tuple[float, float, int]]:
    made: list[tuple[float, float, int]] = []
    for places in bins_of([sure for sure, _ in pairs]):
        if places:
            sure = math.fsum(pairs[at][0] for at in places) / len(places)
            made.append((sure, sum(pairs[at][1] for at in places) / len(places), len(places)))
    return made


def _scores(pairs: Sequence[Pair]) -> tuple[float, float, float]:
    """Return the Brier score, the ECE, and mean confidence minus share right."""
    brier = math.fsum((said - right) ** 2 for said, right in pairs) / len(pairs)
    return brier, calibration_error(pairs), math.fsum(said - right for said, right in pairs) / len(pairs)


def _seen(lines: Sequence[Line]) -> str:
    parts = [
        f"{line.name} {abs(100 * line.gap):.0f} points too {'sure' if line.gap > 0 else 'unsure'}"
        for line in lines
        if abs(line.gap) >= 0.05
    ]
    return ("; ".join(parts) or "Nobody is more than 5 points too sure or unsure") + ", on average over answers."


def _alt(lines: Sequence[Line]) -> str:
    return " ".join(
        f"{line.name}: "
        + ", ".join(f"says {percent(said)}, right {percent(right)} (n = {n})" for said, right, n in line.bins)
        + "."
        for line in lines
    )


def _note(lines: Sequence[Line]) -> str:
    parts = [
        f"{line.name}: Brier {line.brier:.3f}, ECE {line.error:.3f}, {count(line.n, 'answer')}"
        f" (ECE {line.chance:.3f} if calibrated)"
        for line in lines
    ]
    return "; ".join(parts) + "."


def _csv(lines: Sequence[Line]) -> str:
    rows: list[dict[str, Any]] = [
        {"who": line.name, "confidence": said, "share_right": right, "answers": n}
        for line in lines
        for said, right, n in line.bins
    ]
    return tidy(rows)
