"""The figure of a power simulation: one panel per design, power over the number of participants, a curve per effect.

Curves are named where they end; a diamond marks the cheapest of all designs that reaches 80 or 90 %; hollow points follow from the
variance of fewer people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.report.inference.libraries import library
from server.report.power import Point, Setup
from server.report.power_search import TARGETS, Cheapest

INK = ("#1b6ca8", "#c8553d", "#3d7a46", "#7a4e9c", "#9c7a2b", "#3b3b3b")
NOTE = "difference of two shares, errors clustered by participant and specimen; band: 95 % of the simulation"


def draw(points: Sequence[Point], path: Path, title: str, best: Sequence[Cheapest] = ()) -> None:
    """Write the figure to `path` (.png, .svg or .pdf); equal points give equal bytes. `best`: designs to mark."""
    matplotlib = library("matplotlib")
    backend = library("matplotlib.backends.backend_agg")
    figure_of = library("matplotlib.figure").Figure
    setups = sorted({each.setup for each in points}, key=lambda one: (one.rounds, one.error_rate))
    effects = sorted({each.effect for each in points})
    columns = min(3, len(setups))
    rows = math.ceil(len(setups) / columns)
    with matplotlib.rc_context({"svg.hashsalt": "coplay", "font.size": 9}):
        figure = figure_of(figsize=(3.8 * columns + 0.6, 2.9 * rows + 1.0), layout="constrained")
        backend.FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, squeeze=False, sharey=True, sharex=True)
        for at, ax in enumerate(axes.flat):
            if at >= len(setups):
                ax.set_axis_off()
                continue
            _panel(ax, [each for each in points if each.setup == setups[at]], effects, setups[at])
            _marks(ax, [each for each in best if each.setup == setups[at]], effects, max(p.n for p in points))
        for row in axes:
            row[0].set_ylabel("power")
        figure.suptitle(title)
        figure.supxlabel(NOTE if columns > 1 else NOTE.replace("; ", "\n"), fontsize=7.5, color="#555555")
        figure.savefig(path, dpi=150, metadata=_metadata(path))


def _panel(panel: Any, points: Sequence[Point], effects: Sequence[float], setup: Setup) -> None:
    for target in TARGETS:
        panel.axhline(target, color="#888888", lw=0.8, ls="--")
    for effect in effects:
        curve = sorted((p for p in points if p.effect == effect and not math.isnan(p.power)), key=lambda p: p.n)
        if not curve:
            continue
        ink = _ink(effect, effects)
        panel.plot([p.n for p in curve], [p.power for p in curve], "-", color=ink)
        for hollow in (False, True):
            some = [p for p in curve if p.drawn is not hollow]
            fill = "white" if hollow else ink
            panel.plot([p.n for p in some], [p.power for p in some], "o", ms=4, color=ink, mfc=fill)
        drawn = [p for p in curve if p.drawn]
        low, high = ([p.power + sign * 1.96 * p.error for p in drawn] for sign in (-1, 1))
        panel.fill_between([p.n for p in drawn], low, high, color=ink, alpha=0.15, lw=0)
        panel.annotate(
            _points(effect), (curve[-1].n, curve[-1].power), (5, 0), textcoords="offset points", va="center", color=ink
        )
    panel.set_ylim(0, 1.02)
    panel.set_xlim(left=0, right=1.2 * max(p.n for p in points))
    panel.set_yticks((0, 0.2, 0.4, 0.6, *TARGETS, 1))
    panel.yaxis.set_major_formatter("{x:.0%}")
    panel.spines[["top", "right"]].set_visible(False)
    panel.tick_params(labelbottom=True)
    panel.set_xlabel("participants in all")
    panel.set_title(told(setup), fontsize=9)


def _marks(panel: Any, best: Sequence[Cheapest], effects: Sequence[float], most: int) -> None:
    """Mark the cheapest designs that lie within the panel, with their number of participants."""
    for each in best:
        if 0 < each.n <= most:
            ink = _ink(each.effect, effects)
            panel.plot([each.n], [each.target], "D", ms=6, color="white", mec=ink, mew=1.6, zorder=5)
            panel.annotate(
                f"{each.n}", (each.n, each.target), (7, -10), textcoords="offset points", ha="left", fontsize=7.5, color=ink
            )  # fmt: skip


def _ink(effect: float, effects: Sequence[float]) -> str:
    return INK[list(effects).index(effect) % len(INK)]


def _points(effect: float) -> str:
    """Return an effect in points, as a difference of shares is said."""
    return f"{100 * effect:+.3g} points".replace("-", "\N{MINUS SIGN}")


def told(setup: Setup) -> str:
    """Return a design in words."""
    rate = "" if math.isnan(setup.error_rate) else f", AI wrong in {setup.error_rate:.0%}"
    return f"{setup.rounds} rounds{rate}" if setup.rounds else f"rounds as in the study{rate}"


def _metadata(path: Path) -> dict[str, None]:
    """Leave the day out, so that equal points give equal bytes."""
    return {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(path.suffix, {})
