"""Methods over metrics as parallel coordinates: each axis from what knows nothing to the best method."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from game.lab import Metric
from server.report import ink
from server.report.lab.numbers import JUDGING, Cell, judges
from server.report.lab.plots import Pen, legend, pens, places, plain, slug
from server.report.lab.results import Case, Results
from server.report.lab.spread import Floats
from server.report.plate import Pictures, Plate, tidy

PER_FAMILY = 3
LEAST = -0.5
"""Worse values are drawn there."""
HOW = (
    "Each vertical line is a metric, turned so that up is better, whichever way the metric itself runs. 0 is what a map "
    "gets that knows nothing (stated, or the random control), 1 the best method that is no control. Lines that cross mean "
    "that the metrics disagree about which method is better. Methods in colour are the best ones by mean place and the "
    "worst; grey lines are the others. A gap is an undefined value; values below -0.5 are drawn there."
)


def profile(results: Results, case: Case, cells: Sequence[Cell]) -> Plate:
    """Return the plate of one model."""
    mine = [c for c in cells if (c.task, c.model) == case.key]
    standing = places(results, case, mine)
    metrics = _axes(results, case, mine)
    name, topic = slug("profile", *case.key), f"Methods over metrics: {case.title}"
    if len(metrics) < 2 or not standing:
        why = f"metrics that order the methods of this model: {len(metrics)} of at least 2"
        return Plate(id=name, topic=topic, missing=why, wide=True)
    by = {(c.metric, c.method): c for c in mine}
    ways = pens(results, case, standing)
    values = {key: _scaled(key, metrics, by, list(standing)) for key in ways}
    best = ", ".join(f"{plain(k)} {standing[k]:.1f}" for k in list(standing)[:3])
    return Plate(
        id=name, topic=topic, wide=True, pictures=_drawn(results, metrics, ways, values, list(standing)), how=HOW,
        title=_seen(standing, metrics, values), csv=_csv(metrics, by, values),
        alt=f"Parallel coordinates of {len(standing)} methods over {len(metrics)} metrics: "
        f"{', '.join(m.name for m in metrics)}. Best mean places: {best}.",
    )  # fmt: skip


def _drawn(
    results: Results,
    metrics: Sequence[Metric],
    ways: dict[str, Pen],
    values: dict[str, Floats],
    standing: Sequence[str],
) -> Pictures:
    with ink.style():
        figure: Any = ink.blank(ink.WIDE, 5.2)
        axes = figure.subplots()
        xs = np.arange(len(metrics))
        for at in xs:
            axes.axvline(at, color=ink.LINE, linewidth=1, zorder=0)
        axes.axhline(0, color=ink.INK_3, linewidth=1, linestyle=":")
        handles: dict[str, Any] = {}
        for key in sorted(ways, key=lambda one: ways[one].told):
            pen = ways[key]
            (line,) = axes.plot(
                xs, np.maximum(values[key], LEAST), color=pen.colour, marker=pen.mark or None, linestyle=pen.dashes,
                linewidth=pen.width, markersize=5, zorder=3 if pen.told else 1,
            )  # fmt: skip
            if pen.told:
                handles[plain(key)] = line
        axes.set_xticks(xs, [_tick(m) for m in metrics], rotation=35, ha="right", rotation_mode="anchor")
        axes.set(ylim=(LEAST - 0.06, 1.08), ylabel="0: knows nothing, 1: best method")
        kept = {
            plain(key): handles[plain(key)] for key in [*standing, *sorted(results.controls)] if plain(key) in handles
        }
        legend(figure, kept, 4)
        return ink.pictures(figure)


def _axes(results: Results, case: Case, cells: Sequence[Cell]) -> list[Metric]:
    """Return up to PER_FAMILY judging metrics a family, those with the most defined values first."""
    known: dict[str, int] = {}
    for cell in cells:
        known[cell.metric] = known.get(cell.metric, 0) + (cell.method not in results.controls and cell.spread.n > 0)
    listed = [m for m in results.lab.metrics if judges(m) and known.get(m.name, 0) > 1]
    found: list[Metric] = []
    for family in JUDGING:
        ours = sorted((m for m in listed if m.family == family), key=lambda m: -known[m.name])[:PER_FAMILY]
        found += sorted(ours, key=listed.index)
    return [m for m in found if m.name in case.scores]


def _scaled(key: str, metrics: Sequence[Metric], by: dict[tuple[str, str], Cell], methods: Sequence[str]) -> Floats:
    """Return where a method stands on each axis; NaN where it or the axis is undefined."""
    made: list[float] = []
    for info in metrics:
        sign = 1.0 if info.better == "higher" else -1.0
        known = [c for m in methods if (c := by.get((info.name, m))) and not math.isnan(c.spread.mean)]
        cell = by.get((info.name, key))
        if not known or cell is None:
            made.append(math.nan)
            continue
        best = max(sign * c.spread.mean for c in known)
        chances = [c.chance for c in known if not math.isnan(c.chance)]
        random = by.get((info.name, "random"))
        floor = sign * (sum(chances) / len(chances)) if chances else math.nan
        if math.isnan(floor) and random and not math.isnan(random.spread.mean):
            floor = sign * random.spread.mean
        if math.isnan(floor) or floor >= best:
            floor = min(sign * c.spread.mean for c in known)
        made.append((sign * cell.spread.mean - floor) / (best - floor) if best > floor else math.nan)
    return np.array(made)


def _tick(info: Metric) -> str:
    return f"{plain(info.name)} ({'up' if info.better == 'higher' else 'down'})"


def _seen(standing: dict[str, float], metrics: Sequence[Metric], values: dict[str, Floats]) -> str:
    firsts: dict[str, int] = {}
    for at in range(len(metrics)):
        known = {key: float(values[key][at]) for key in standing if key in values and not math.isnan(values[key][at])}
        if known:
            best = max(known, key=lambda key: (known[key], key))
            firsts[best] = firsts.get(best, 0) + 1
    ordered = sorted(firsts.items(), key=lambda item: (-item[1], item[0]))
    return f"On these {len(metrics)} metrics, " + ", ".join(f"{plain(k)} is best on {n}" for k, n in ordered[:4]) + "."


def _csv(metrics: Sequence[Metric], by: dict[tuple[str, str], Cell], values: dict[str, Floats]) -> str:
    return tidy(
        {
            "method": key, "metric": info.name, "better": info.better, "mean": by[info.name, key].spread.mean,
            "low": by[info.name, key].spread.low, "high": by[info.name, key].spread.high, "position": float(values[key][at]),
        }
        for key in values
        for at, info in enumerate(metrics)
        if (info.name, key) in by
    )  # fmt: skip
