"""The figure of a power simulation: one panel per design, power over the number of participants, a curve per effect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.report.inference.libraries import library
from server.report.power import TARGETS, Point, Setup

INK = ("#1b6ca8", "#c8553d", "#3d7a46", "#7a4e9c", "#9c7a2b", "#3b3b3b")


def draw(points: Sequence[Point], path: Path, title: str) -> None:
    """Write the figure to `path` (.png, .svg or .pdf); equal points give equal bytes."""
    matplotlib = library("matplotlib")
    backend = library("matplotlib.backends.backend_agg")
    figure_of = library("matplotlib.figure").Figure
    setups = sorted({each.setup for each in points}, key=lambda one: (one.rounds, one.error_rate))
    effects = sorted({each.effect for each in points})
    columns = min(3, len(setups))
    rows = math.ceil(len(setups) / columns)
    with matplotlib.rc_context({"svg.hashsalt": "coplay", "font.size": 9}):
        figure = figure_of(figsize=(3.6 * columns + 0.6, 2.9 * rows + 0.8), layout="constrained")
        backend.FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
        for at, ax in enumerate(axes.flat):
            if at >= len(setups):
                ax.set_axis_off()
                continue
            _panel(ax, [each for each in points if each.setup == setups[at]], effects, setups[at])
        axes.flat[0].legend(title="effect", fontsize=8)
        figure.suptitle(title)
        figure.savefig(path, dpi=150, metadata=_metadata(path))


def _panel(panel: Any, points: Sequence[Point], effects: Sequence[float], setup: Setup) -> None:
    for effect in effects:
        curve = sorted((p.n, p.power, p.error) for p in points if p.effect == effect and not math.isnan(p.power))
        if not curve:
            continue
        n, power, error = zip(*curve, strict=True)
        ink = INK[list(effects).index(effect) % len(INK)]
        panel.plot(n, power, "o-", ms=3, color=ink, label=f"{effect:+.0%}")
        low = [p - 1.96 * e for p, e in zip(power, error, strict=True)]
        high = [p + 1.96 * e for p, e in zip(power, error, strict=True)]
        panel.fill_between(n, low, high, color=ink, alpha=0.15, lw=0)
    for target in TARGETS:
        panel.axhline(target, color="#888888", lw=0.8, ls="--")
    panel.set_ylim(0, 1.02)
    panel.set_xlabel("participants in all")
    panel.set_ylabel("power")
    panel.set_title(told(setup), fontsize=9)


def told(setup: Setup) -> str:
    """Return a design in words."""
    rate = "" if math.isnan(setup.error_rate) else f", AI wrong in {setup.error_rate:.0%}"
    return f"{setup.rounds} rounds{rate}" if setup.rounds else f"rounds as in the study{rate}"


def _metadata(path: Path) -> dict[str, None]:
    """Leave the day out, so that equal points give equal bytes."""
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
