"""F16: questionnaires: steps as diverging bars around the middle, sliders as means with intervals."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import Any

import numpy as np

from server.report import ink
from server.report.figures.draw import count, percent, wrapped
from server.report.page.gather import Said
from server.report.page.story import Story, resampled
from server.report.plate import Plate, tidy

HOW = (
    "One row is one question as it was read. Numbered steps are bars: orange the lower steps, blue the higher ones,"
    " darker further out, the middle step half on either side, so that the bar leans to the side of most answers."
    " Sliders and longer scales are means over people with 95 % intervals, from the scale's lowest to its highest"
    " answer. Single questions are not scores: reversed items are shown as they were asked."
)
MOST_STEPS = 9
MOST = 40
LOW, HIGH, MIDDLE = ("#d55e00", "#e69f00", "#f0d6a8"), ("#bcdcf0", "#56b4e9", "#0072b2"), "#d3d8d0"


def plate(story: Story) -> Plate:
    """Draw one row per question."""
    base: dict[str, Any] = {"id": "F16", "topic": "Questionnaires", "how": HOW, "wide": True}
    by_item: defaultdict[str, list[Said]] = defaultdict(list)
    for each in story.gathered.said:
        by_item[each.item].append(each)
    if not by_item:
        why = "no questionnaire was answered" if story.gathered.sessions else "a rounds file has no questionnaires"
        return Plate(**base, missing=why)
    steps = {name: said for name, said in by_item.items() if _is_steps(said)}
    others = {name: said for name, said in by_item.items() if name not in steps}
    shown = [dict(list(part.items())[:MOST]) for part in (steps, others) if part]
    with ink.style():
        figure = ink.blank(ink.WIDE, 1.0 + 0.42 * sum(len(part) for part in shown) + 0.5 * len(shown))
        grid = figure.subplots(len(shown), 1, squeeze=False, height_ratios=[len(part) + 0.8 for part in shown])
        for axes, part in zip(grid[:, 0], shown, strict=True):
            if part.keys() <= steps.keys():
                _bars(axes, part)
            else:
                _means(axes, part, story)
        drawn = ink.pictures(figure)
    people = len({each.participant for each in story.gathered.said})
    title = f"{count(len(by_item), 'question')} answered by {count(people, 'person', 'people')}."
    return Plate(**base, title=title, alt=_alt(by_item), note=_note(steps, others), pictures=drawn, csv=_csv(by_item))


def _is_steps(said: list[Said]) -> bool:
    first = said[0]
    return first.most - first.least < MOST_STEPS and all(each.number == int(each.number) for each in said)


def _bars(axes: Any, part: dict[str, list[Said]]) -> None:
    for row, said in enumerate(part.values()):
        first = said[0]
        steps = int(first.most - first.least) + 1
        tally = Counter(int(each.number - first.least) for each in said)
        shares = [tally[step] / len(said) for step in range(steps)]
        left = -sum(shares[: steps // 2]) - (shares[steps // 2] / 2 if steps % 2 else 0)
        for step, share in enumerate(shares):
            axes.barh(
                -row, share, left=left, color=_colour(step, steps), edgecolor="#ffffff", linewidth=0.6, height=0.74
            )
            if share > 0.06:
                axes.text(
                    left + share / 2,
                    -row,
                    f"{100 * share:.0f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="#ffffff" if step == steps - 1 else "#16211f",
                )
            left += share
    axes.axvline(0, color=ink.INK_2, linewidth=0.9)
    _questions(axes, part)
    axes.set_xlim(-1.02, 1.02)
    axes.xaxis.set_major_formatter(_size)
    axes.set_xlabel("share of answers: lower steps to the left, higher to the right")


def _size(value: float, _at: object) -> str:
    return f"{abs(100 * value):.0f}%"


def _colour(step: int, steps: int) -> str:
    if steps % 2 and step == steps // 2:
        return MIDDLE
    half = steps // 2
    if step < half:
        return LOW[min(2, round(2 * step / max(1, half - 1)))] if half > 1 else LOW[0]
    place = step - (steps - half)
    return HIGH[round(2 * place / max(1, half - 1))] if half > 1 else HIGH[2]


def _means(axes: Any, part: dict[str, list[Said]], story: Story) -> None:
    for row, said in enumerate(part.values()):
        values = np.array([(each.number - each.least) / (each.most - each.least) for each in said])
        low, high = resampled(values, np.ones(len(values)), story.bootstrap)
        if not math.isnan(low):
            axes.plot([low, high], [-row, -row], color=ink.INK, linewidth=2)
        axes.plot([values.mean()], [-row], marker="o", color=ink.YOU, markersize=8)
        axes.text(
            1.02,
            -row,
            f"{said[0].least:g} to {said[0].most:g}: {float(np.mean([e.number for e in said])):.4g}",
            va="center",
            fontsize=8.5,
            color=ink.INK_2,
        )
    _questions(axes, part)
    axes.set(xlim=(0, 1.0), xticks=(0, 0.5, 1), xlabel="mean, from the scale's lowest to its highest answer")
    axes.set_xticklabels(("lowest", "middle", "highest"))


def _questions(axes: Any, part: dict[str, list[Said]]) -> None:
    texts = [said[0].text if len(said[0].text) < 110 else said[0].text[:106] + " ..." for said in part.values()]
    axes.set_yticks(
        [-row for row in range(len(part))],
        [f"{wrapped(text, 58)}" for text in texts],
        fontsize=8.5,
        multialignment="right",
    )
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set_ylim(-len(part) + 0.5, 0.5)


def _alt(by_item: dict[str, list[Said]]) -> str:
    parts: list[str] = []
    for name, said in by_item.items():
        mean = math.fsum(each.number for each in said) / len(said)
        above = sum(each.number > (each.least + each.most) / 2 for each in said) / len(said)
        parts.append(
            f"{name}: mean {mean:.3g} of {said[0].least:g} to {said[0].most:g}, {percent(above)} above the middle, n ="
            f" {len(said)}."
        )
    return " ".join(parts)


def _note(steps: dict[str, list[Said]], others: dict[str, list[Said]]) -> str:
    hidden = max(0, len(steps) - MOST) + max(0, len(others) - MOST)
    counts = [len(said) for part in (steps, others) for said in part.values()]
    spread = f"{min(counts)}" if len(set(counts)) == 1 else f"{min(counts)} to {max(counts)}"
    return f"{spread} answers a question." + (f" {hidden} more questions are in the CSV only." if hidden else "")


def _csv(by_item: dict[str, list[Said]]) -> str:
    return tidy(
        {"item": name, "value": value, "answers": n, "least": said[0].least, "most": said[0].most}
        for name, said in by_item.items()
        for value, n in sorted(Counter(each.number for each in said).items())
    )
