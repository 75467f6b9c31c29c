"""F12b: do the lab's scores of maps tell anything about people? Rank correlations over specimen x method cells."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from server.report import ink
from server.report.figures.draw import count, rows
from server.report.figures.items import Item, alone, spearman, with_ai
from server.report.page.story import Story
from server.report.plate import Plate, Table, tidy

HOW = (
    "One cell is one specimen with one method of explanation: the lab's score of that very map, and what people did who"
    " saw it. A mark is Spearman's rank correlation over cells, with a 95 % interval (specimens drawn anew with all"
    " their cells). Right of zero: where the score is higher, so is the outcome. A correlation over specimens is not an"
    " effect of the score: easy pictures may have both better maps and better answers, which is why the change against"
    " the same specimen alone stands beside it."
)
MOST = 24
Read = Callable[[Item, float], float]
OUTCOMES: tuple[tuple[str, str, Read], ...] = (
    ("accuracy", "share right", lambda item, _solo: item.met.accuracy),
    ("gain", "change against the specimen alone", lambda item, solo: item.met.accuracy - solo),
    (
        "over_reliance",
        "following where the AI is wrong",
        lambda item, _solo: item.met.followed if item.ai_correct is False else math.nan,
    ),
)


def plate(story: Story) -> Plate:
    """Draw the correlations of each metric with each outcome."""
    base: dict[str, Any] = {"id": "F12b", "topic": "Map scores and people", "how": HOW, "wide": True}
    if story.lab is None:
        return Plate(**base, missing="no lab results were joined: give the folder that `coplay compare` wrote as --lab")
    told = correlations(story)
    if not told:
        return Plate(
            **base,
            missing=(
                "no specimen and method of these rounds has a score in the lab's results: the pack or the methods are"
                " others"
            ),
        )
    metrics = list(dict.fromkeys(metric for metric, *_ in told))[:MOST]
    with ink.style():
        figure = ink.blank(ink.WIDE, 1.1 + 0.3 * len(metrics))
        grid = figure.subplots(1, len(OUTCOMES), sharey=True)
        for axes, (name, label, _) in zip(grid, OUTCOMES, strict=True):
            axes.axvline(0, color=ink.INK_2, linewidth=1)
            for metric, outcome, value, low, high, _ in told:
                if outcome == name and metric in metrics and not math.isnan(value):
                    at = -metrics.index(metric)
                    axes.plot([low, high], [at, at], color=ink.INK, linewidth=1.6)
                    axes.plot([value], [at], marker="o", color=ink.YOU, markeredgecolor=ink.INK, markersize=7)
            axes.set(xlim=(-1.02, 1.02), ylim=(-len(metrics) + 0.4, 0.6), title=label)
            axes.grid(axis="x")
            rows(axes, [metric.replace("_", " ") for metric in metrics], 9)
        drawn = ink.pictures(figure)
    return Plate(
        **base,
        title=_seen(told),
        alt=_alt(told),
        note=_note(told),
        pictures=drawn,
        csv=tidy(
            {"metric": m, "outcome": o, "spearman": v, "low": low, "high": high, "cells": n}
            for m, o, v, low, high, n in told
        ),
    )


Told = tuple[str, str, float, float, float, int]


def correlations(story: Story) -> list[Told]:
    """Return (metric, outcome, correlation, low, high, cells)."""
    assert story.lab is not None
    solo = {name: one.accuracy for name, one in alone(story).items()}
    items = [each for each in with_ai(story, by_method=True) if each.method]
    made: list[Told] = []
    for metric, scores in story.lab.scores.items():
        for name, _, read in OUTCOMES:
            cells = [
                (each.specimen, score, outcome)
                for each in items
                if (score := scores.get((each.specimen, each.model, each.method))) is not None
                and not math.isnan(outcome := read(each, solo.get(each.specimen, math.nan)))
            ]
            if cells:
                x, y = [cell[1] for cell in cells], [cell[2] for cell in cells]
                made.append((metric, name, spearman(x, y), *_ends(cells, story.bootstrap.seed), len(cells)))
    return made


def _ends(cells: list[tuple[str, float, float]], seed: int, draws: int = 400) -> tuple[float, float]:
    """Return percentiles over draws of specimens."""
    by_specimen: dict[str, list[int]] = {}
    for at, cell in enumerate(cells):
        by_specimen.setdefault(cell[0], []).append(at)
    groups = [by_specimen[name] for name in sorted(by_specimen)]
    if len(groups) < 5:
        return math.nan, math.nan
    rng = np.random.default_rng(seed)
    found: list[float] = []
    for _ in range(draws):
        drawn: list[int] = rng.integers(0, len(groups), len(groups)).tolist()  # pyright: ignore[reportUnknownMemberType]
        at = [place for k in drawn for place in groups[k]]
        value = spearman([cells[k][1] for k in at], [cells[k][2] for k in at])
        if not math.isnan(value):
            found.append(value)
    low, high = np.quantile(found, [0.025, 0.975]) if len(found) > draws // 2 else (math.nan, math.nan)
    return float(low), float(high)


COLUMNS = (
    "stimulus_id",
    "model",
    "explanation_method",
    "ai_correct",
    "rounds",
    "accuracy",
    "accuracy_alone",
    "followed",
)
TABLE = (
    "One row is one specimen under one model with one method: what people did, and the lab's scores of that very map."
    " Download the CSV for your own joins."
)


def table(story: Story) -> Table:
    """Return the item x method table: people's outcomes beside the lab's scores."""
    metrics = list(story.lab.scores)[:12] if story.lab else []
    solo = alone(story)
    lines: list[tuple[Any, ...]] = []
    for each in with_ai(story, by_method=True):
        cell = each.specimen, each.model, each.method
        scores = [story.lab.scores[metric].get(cell) if story.lab else None for metric in metrics]
        base = solo.get(each.specimen)
        people = each.met.n, each.met.accuracy, base.accuracy if base else None, each.met.followed
        lines.append((each.specimen, each.model, each.method or "none", each.ai_correct, *people, *scores))
    note = f"{count(len(lines), 'cell')}" + ("" if story.lab else "; --lab adds the scores of maps") + "."
    return Table(
        id="T5", topic="Specimen x method", columns=(*COLUMNS, *metrics), rows=lines, folded=12, missing="no round with an AI",
        note=note, how=TABLE,
    )  # fmt: skip


def _seen(told: list[Told]) -> str:
    clear = [(metric, outcome) for metric, outcome, _, low, high, _ in told if low > 0 or high < 0]
    known = sum(not math.isnan(value) for _, _, value, *_ in told)
    return f"{len(clear)} of {known} intervals leave out zero; about {known / 20:.0f} would by chance alone."


def _alt(told: list[Told]) -> str:
    return " ".join(
        f"{m} with {o}: {v:.2f} ({'no interval' if math.isnan(low) else f'{low:.2f} to {high:.2f}'}, {n} cells)."
        for m, o, v, low, high, n in told
        if not math.isnan(v)
    )


def _note(told: list[Told]) -> str:
    lacking = sum(math.isnan(value) for _, _, value, *_ in told)
    return (
        f"Up to {max(n for *_, n in told)} cells; {lacking} correlations cannot be computed (fewer than five cells, or"
        " no spread)."
    )
