"""F09: is confidence right? Confidence against the share right, of people, of the AI, and of the team's final answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from game.measures.confidence import Pair, bins_of, calibration_error, pairs_of, probability
from game.round import Round
from server.report import ink
from server.report.figures.draw import count, percent, percent_axis
from server.report.page.story import Story
from server.report.plate import Plate, tidy

HOW = (
    "Each mark is one step of confidence: across, how often people (or the AI) say they will be right; up, how often"
    " they are. On the diagonal confidence is calibrated; below it is over-confidence. The size of a mark and the"
    " number beside it are its answers. People's five steps are read as probabilities from chance to one; nothing is"
    " smoothed. The Brier score and the expected calibration error (ECE) are 0 at best, and the ECE is too large in"
    " small groups."
)
Line = tuple[str, str, str, bool, list[tuple[float, float, int]], list[Pair]]
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
        most = max(n for *_, bins, _ in lines for _, _, n in bins)
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
    name, colour, mark, hollow, bins, _ = line
    x, y = [said for said, _, _ in bins], [right for _, right, _ in bins]
    axes.plot(x, y, color=colour, linewidth=1.4, linestyle=":" if hollow else "-")
    sizes, face = [18 + 130 * n / most for *_, n in bins], "none" if hollow else colour
    axes.scatter(x, y, s=sizes, marker=mark, facecolors=face, edgecolors=ink.INK, linewidths=0.7, label=name, zorder=4)
    for said, right, n in bins if counts else ():
        axes.annotate(
            f"{n}", (said, right), (0, 9), textcoords="offset points", ha="center", fontsize=8, color=ink.INK_2
        )


def _lines(story: Story) -> list[Line]:
    made: list[Line] = []
    for arm in story.arms:
        name = f"people, {arm.label}" if arm.alone else f"team, {arm.label}"
        made.append((name, arm.colour, arm.mark, arm.hollow, [], pairs_of(arm.rounds)))
    first = [pair for arm in story.arms if not arm.alone for pair in _first(arm.rounds)]
    made.append(("first answers", ink.YOU, "o", True, [], first))
    made.append(
        (
            "the AI, as it said",
            ink.AI,
            "D",
            False,
            [],
            _said([e for arm in story.arms if not arm.alone for e in arm.rounds]),
        )
    )
    kept = [line for line in made if len(line[5]) >= LEAST]
    return [(*line[:4], _binned(line[5]), line[5]) for line in kept]


def _first(rounds: Sequence[Round]) -> list[Pair]:
    found = ((probability(each.own_confidence, len(each.options)), each.own_correct) for each in rounds)
    return [(said, right) for said, right in found if said is not None and right is not None]


def _said(rounds: Sequence[Round]) -> list[Pair]:
    return [
        (each.ai_confidence, each.ai_correct)
        for each in rounds
        if each.ai_confidence is not None and each.ai_correct is not None
    ]


def _binned(pairs: Sequence[Pair]) -> list[tuple[float, float, int]]:
    made: list[tuple[float, float, int]] = []
    for places in bins_of([said for said, _ in pairs]):
        if places:
            said = math.fsum(pairs[at][0] for at in places) / len(places)
            made.append((said, sum(pairs[at][1] for at in places) / len(places), len(places)))
    return made


def _scores(pairs: Sequence[Pair]) -> tuple[float, float, float]:
    """Return the Brier score, the ECE, and mean confidence minus share right."""
    brier = math.fsum((said - right) ** 2 for said, right in pairs) / len(pairs)
    return brier, calibration_error(pairs), math.fsum(said - right for said, right in pairs) / len(pairs)


def _seen(lines: Sequence[Line]) -> str:
    parts = [
        f"{name} {abs(100 * gap):.0f} points too {'sure' if gap > 0 else 'unsure'}"
        for name, *_, pairs in lines
        if abs(gap := _scores(pairs)[2]) >= 0.05
    ]
    return ("; ".join(parts) or "Nobody is more than 5 points too sure or unsure") + ", on average over answers."


def _alt(lines: Sequence[Line]) -> str:
    return " ".join(
        f"{name}: "
        + ", ".join(f"says {percent(said)}, right {percent(right)} (n = {n})" for said, right, n in bins)
        + "."
        for name, *_, bins, _ in lines
    )


def _note(lines: Sequence[Line]) -> str:
    parts: list[str] = []
    for name, *_, pairs in lines:
        brier, error, _ = _scores(pairs)
        parts.append(f"{name}: Brier {brier:.3f}, ECE {error:.3f}, {count(len(pairs), 'answer')}")
    return "; ".join(parts) + "."


def _csv(lines: Sequence[Line]) -> str:
    rows: list[dict[str, Any]] = [
        {"who": name, "confidence": said, "share_right": right, "answers": n}
        for name, *_, bins, _ in lines
        for said, right, n in bins
    ]
    return tidy(rows)
