"""F12: what each explanation method does to accuracy, reliance and time; and, from the lab, how far the methods' maps agree."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from game.measures.reliance import advised
from game.round import Round
from server.report import ink
from server.report.figures.draw import count, interval, listing, percent, percent_axis, rows, span_of
from server.report.page.lab import LabRead
from server.report.page.story import Story, resampled
from server.report.plate import Plate, tidy

HOW = (
    "Left: one row per explanation that people saw (none: a suggestion without one). Marks are means over rounds with"
    " 95 % intervals (participants drawn anew): share right, and share of wrong suggestions that were followed. Where"
    " people saw several methods, they are the same people in several rows. Right, if the XAI lab was joined: how alike"
    " the methods' maps are on the same specimens (1 the same order of pixels, 0 unrelated). Two methods that disagree"
    " show people different things, so at least one of them misleads. Beside it, how faithful the maps are to the model:"
    " the area under its answer while the most important pixels are taken out (deletion, low is faithful) or put in"
    " (insertion, high is faithful), mean over specimens and models."
)
AGREEMENT = ("spearman", "kendall", "cosine", "ssim", "topk_intersection")
"""Metrics of two maps that the heatmap may show, the first one there is."""
FIDELITY = ("deletion_blur", "insertion_blur", "deletion_mean", "insertion_mean", "deletion_noise", "insertion_noise")
"""Metrics of one map that stand beside the agreement: the first deletion and the first insertion that there are."""


def _right(each: Round) -> float | None:
    return None if each.correct is None else float(each.correct)


def _over(each: Round) -> float | None:
    return (
        float(bool(each.followed))
        if each.ai_correct is False and each.followed is not None and advised((each,))
        else None
    )


def _time(each: Round) -> float | None:
    return each.total_ms / 1000 if each.total_ms and not each.timed_out else None


PANELS: tuple[tuple[str, str, Callable[[Round], float | None]], ...] = (
    ("accuracy", "share right", _right),
    ("over_reliance", "wrong suggestions followed", _over),
    ("seconds", "seconds a round", _time),
)
Cells = dict[str, dict[str, tuple[float, float, float, int, int]]]
"""Panel -> method -> mean, low, high, rounds, people."""


def plate(story: Story) -> Plate:
    """Draw methods beside each other, and their agreement where the lab was joined."""
    base: dict[str, Any] = {"id": "F12", "topic": "Explanation methods", "how": HOW, "wide": True}
    cells = _cells(story)
    names = sorted(cells["accuracy"], key=lambda name: (name != "none", name))
    agreement = _agreement(story.lab) if story.lab else None
    faithful = _fidelity(story.lab) if story.lab else {}
    if len(names) < 2 and agreement is None:
        return Plate(
            **base,
            missing=(
                f"people saw one kind of AI answer only ({listing(names) or 'none'}), and no lab results were joined"
                " (--lab)"
            ),
        )
    with ink.style():
        figure = ink.blank(ink.WIDE, max(3.4, 1.2 + 0.5 * len(names)))
        parts = 3 + bool(agreement) + bool(faithful)
        widths = [1, 1, 1, *([1.6] if agreement else []), *([1] if faithful else [])]
        grid = figure.subplots(1, parts, width_ratios=widths)
        for at, (name, label, _) in enumerate(PANELS):
            _panel(grid[at], cells[name], names, label, first=at == 0)
        if agreement:
            _heat(figure, grid[3], *agreement)
        if faithful:
            _areas(grid[-1], faithful)
        drawn = ink.pictures(figure)
    parts = [f"{name} {percent(cells['accuracy'][name][0])}" for name in names]
    title = f"Share right by explanation: {listing(parts)}." if len(parts) > 1 else "How far the methods' maps agree."
    return Plate(
        **base,
        title=title,
        alt=" ".join([_alt(cells, names, agreement), *_areas_said(faithful)]),
        note=_note(cells, names, agreement),
        pictures=drawn,
        csv=_csv(cells, agreement, faithful),
    )


def _cells(story: Story) -> Cells:
    found: Cells = {}
    for panel, _, read in PANELS:
        sums: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for arm in story.arms:
            for each in () if arm.alone else arm.rounds:
                value = read(each)
                if value is not None:
                    shown = each.explanation_shown or each.explanation_kind in ("map", "picture")
                    sums[(each.method if shown else "") or "none"][each.participant].append(value)
        found[panel] = {}
        for method, people in sums.items():
            over = np.array([math.fsum(v) for _, v in sorted(people.items())])
            under = np.array([float(len(v)) for _, v in sorted(people.items())])
            low, high = resampled(over, under, story.bootstrap)
            found[panel][method] = (float(over.sum() / under.sum()), low, high, int(under.sum()), len(people))
    return found


def _panel(
    axes: Any, cells: dict[str, tuple[float, float, float, int, int]], names: list[str], label: str, *, first: bool
) -> None:
    for place, name in enumerate(names):
        if name in cells:
            mean, low, high, _, _ = cells[name]
            colour, mark = ink.series(place)
            interval(axes, mean, low, high, -place, colour, mark)
    rows(axes, names if first else [""] * len(names))
    if "second" in label:
        axes.set_xlim(0, None)
    else:
        ends = span_of([v for mean, low, high, *_ in cells.values() for v in (mean, low, high)])
        percent_axis(axes.xaxis, *ends)
        axes.set_xlim(*ends)
    axes.grid(axis="x")
    axes.set(ylim=(-len(names) + 0.5, 0.5), title=label)


Agreement = tuple[str, list[str], Any, int]


def _agreement(lab: LabRead) -> Agreement | None:
    metric = next((name for name in AGREEMENT if name in lab.pairs), next(iter(lab.pairs), ""))
    if not metric:
        return None
    pairs = lab.pairs[metric]
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    matrix = np.full((len(names), len(names)), math.nan)
    np.fill_diagonal(matrix, 1)
    for (a, b), (value, _) in pairs.items():
        matrix[names.index(a), names.index(b)] = matrix[names.index(b), names.index(a)] = value
    return metric, names, matrix, max(n for _, n in pairs.values())


def _heat(figure: Any, axes: Any, metric: str, names: list[str], matrix: Any, _n: int) -> None:
    image = axes.imshow(matrix, vmin=min(0.0, float(np.nanmin(matrix))), vmax=1)
    small = 8 if len(names) <= 8 else 5.5
    for row, column in np.ndindex(*matrix.shape):
        value = matrix[row, column]
        if not math.isnan(value) and len(names) <= 16:
            light = image.norm(value) > 0.55
            axes.text(
                column,
                row,
                f"{value:.2f}".replace("0.", "."),
                ha="center",
                va="center",
                fontsize=small,
                color="#000000" if light else "#ffffff",
            )
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor", fontsize=small + 1)
    axes.set_yticks(range(len(names)), names, fontsize=small + 1)
    axes.set_title(f"agreement of maps ({metric.replace('_', ' ')})")
    figure.colorbar(image, ax=axes, shrink=0.8)


Fidelity = dict[str, dict[str, float]]
"""Metric -> method -> mean over specimens and models, of the scores of their maps."""


def _fidelity(lab: LabRead) -> Fidelity:
    found: Fidelity = {}
    for kind in ("deletion", "insertion"):
        metric = next((name for name in FIDELITY if name.startswith(kind) and name in lab.scores), "")
        values: defaultdict[str, list[float]] = defaultdict(list)
        for (_, _, method), value in sorted(lab.scores.get(metric, {}).items()):
            values[method].append(value)
        if values:
            found[metric] = {method: math.fsum(each) / len(each) for method, each in sorted(values.items())}
    return found


def _areas(axes: Any, faithful: Fidelity) -> None:
    names = sorted({name for areas in faithful.values() for name in areas}, reverse=True)
    for (metric, areas), mark in zip(faithful.items(), ("v", "^"), strict=False):
        places = [names.index(name) for name in areas]
        axes.plot(
            list(areas.values()), places, mark, color=ink.INK_2, markeredgecolor=ink.INK, label=metric.replace("_", " ")
        )
    axes.set_yticks(range(len(names)), names, fontsize=9 if len(names) <= 8 else 6.5)
    axes.set(xlim=(0, 1), ylim=(-0.7, len(names) - 0.3), title="fidelity of maps (area)")
    axes.grid(axis="x")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.08), fontsize=8, handletextpad=0.1)


def _areas_said(faithful: Fidelity) -> list[str]:
    return [
        f"{metric.replace('_', ' ').capitalize()}: {listing([f'{name} {value:.2f}' for name, value in areas.items()])}."
        for metric, areas in faithful.items()
    ]


def _alt(cells: Cells, names: list[str], agreement: Agreement | None) -> str:
    parts: list[str] = []
    for panel, label, _ in PANELS:
        told = [f"{name} {cells[panel][name][0]:.2f}" for name in names if name in cells[panel]]
        parts.append(f"{label}: {listing(told)}." if told else "")
    if agreement:
        metric, methods, matrix, _ = agreement
        upper = [
            (float(matrix[a, b]), methods[a], methods[b])
            for a in range(len(methods))
            for b in range(a)
            if not math.isnan(matrix[a, b])
        ]
        if upper:
            low, high = min(upper), max(upper)
            parts.append(
                f"Agreement of maps ({metric}) from {low[0]:.2f} ({low[1]} and {low[2]}) to {high[0]:.2f} ({high[1]}"
                f" and {high[2]})."
            )
    return " ".join(part for part in parts if part)


def _note(cells: Cells, names: list[str], agreement: Agreement | None) -> str:
    parts = [
        f"{name}: {count(cells['accuracy'][name][3], 'round')} of"
        f" {count(cells['accuracy'][name][4], 'person', 'people')}"
        for name in names
    ]
    return (
        "; ".join(parts)
        + (f". Agreement over {count(agreement[3], 'pair of maps', 'pairs of maps')} each" if agreement else "")
        + "."
    )


def _csv(cells: Cells, agreement: Agreement | None, faithful: Fidelity) -> str:
    lines: list[dict[str, Any]] = [
        {
            "panel": panel,
            "method": name,
            "other": "",
            "value": mean,
            "low": low,
            "high": high,
            "rounds": n,
            "participants": people,
        }
        for panel, told in cells.items()
        for name, (mean, low, high, n, people) in sorted(told.items())
    ]
    if agreement:
        metric, names, matrix, _ = agreement
        lines += [
            {"panel": metric, "method": a, "other": b, "value": float(matrix[i, j])}
            for i, a in enumerate(names)
            for j, b in enumerate(names)
            if i < j
        ]
    lines += [
        {"panel": metric, "method": name, "value": value}
        for metric, areas in faithful.items()
        for name, value in areas.items()
    ]
    return tidy(lines, ("panel", "method", "other", "value", "low", "high", "rounds", "participants"))
