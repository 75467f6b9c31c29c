"""How far metrics agree about the order of methods, by model and family, as a figure and as plain sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from server.report import ink
from server.report.lab.numbers import Agreed
from server.report.lab.plots import legend, number, plain
from server.report.plate import Pictures, Plate, tidy

HOW = (
    "Every metric that says which of two methods is better puts the methods in an order. W compares these orders: 1 where "
    "all are equal, near 0 where each metric has its own. Lines are bootstrap intervals over images. Controls are left out, "
    "since metrics agree about them too easily; so are metrics of complexity and variation, where neither direction is better."
)
ALIKE = 0.9
"""From this W on, metrics are said to agree."""


def orders(rows: Sequence[Agreed]) -> Plate:
    """Return the plate of Kendall's W."""
    name, topic = "concordance", "Do metrics agree about which method is better?"
    known = [r for r in rows if not math.isnan(r.concord.w)]
    if not known:
        why = rows[0].concord.why_undefined if rows else "no metric says which method is better"
        return Plate(id=name, topic=topic, missing=why, wide=True)
    told = "; ".join(f"{r.task}, {r.model}, {r.family}: {_w(r)}" for r in known)
    ws = [r.concord.w for r in known if r.family == "all"]
    return Plate(
        id=name, topic=topic, wide=True, pictures=_drawn(rows), how=HOW, alt=f"Kendall's W: {told}.",
        title=f"All metrics together: W from {min(ws):.2f} to {max(ws):.2f}." if ws else "", csv=tidy(map(line, rows)),
    )  # fmt: skip


def _w(r: Agreed) -> str:
    return f"W = {number(r.concord.w)} ({number(r.concord.low)} to {number(r.concord.high)})"


def line(r: Agreed) -> dict[str, Any]:
    """Return one row of the published table."""
    c = r.concord
    return {
        "task": r.task, "model": r.model, "family": r.family, "w": c.w, "low": c.low, "high": c.high, "p": c.p,
        "mean_spearman": c.pairwise, "metrics": len(c.metrics), "methods": len(c.methods), "left_out": " ".join(c.left_out),
        "undefined_because": c.why_undefined,
    }  # fmt: skip


def sentence(r: Agreed) -> str:
    """Return the plain sentence about one model."""
    c = r.concord
    if math.isnan(c.w):
        return f"Whether one method is best cannot be said: {c.why_undefined}."
    count = f"{len(c.metrics)} metrics put {len(c.methods)} methods in order with Kendall's {_w(r)}"
    pair = f"two metrics' orders correlate {number(c.pairwise)} on average"
    best = ", ".join(f"{plain(name)} on {n}" for name, n in c.first[:3])
    if c.w >= ALIKE and c.first and c.first[0][1] > len(c.metrics) / 2:
        return f"Metrics agree: {count}; {plain(c.first[0][0])} comes first on {c.first[0][1]} of them."
    return f"No single best method: metrics disagree by {1 - c.w:.0%} of what is possible. {count}; {pair}. First come {best}."


def _drawn(rows: Sequence[Agreed]) -> Pictures:
    families = list(dict.fromkeys(r.family for r in rows))
    models = list(dict.fromkeys((r.task, r.model) for r in rows))
    with ink.style():
        figure: Any = ink.blank(ink.WIDE, 1.6 + (0.14 * len(models) + 0.22) * len(families))
        axes = figure.subplots()
        handles: dict[str, Any] = {}
        for row in (r for r in rows if not math.isnan(r.concord.w)):
            at, c = models.index((row.task, row.model)), row.concord
            colour, mark = ink.series(at)
            y = len(families) - 1 - families.index(row.family) + ((len(models) - 1) / 2 - at) * 0.75 / len(models)
            if not math.isnan(c.low):
                axes.plot([c.low, c.high], [y, y], color=colour, linewidth=2)
            (handles[f"{row.task}, {row.model}"],) = axes.plot(c.w, y, mark, color=colour, markersize=6)
        axes.set_yticks(range(len(families)), ["all together" if f == "all" else f for f in reversed(families)])
        label = "Kendall's W: 0 no agreement, 1 the same order of methods"
        axes.set(xlim=(0, 1.02), xlabel=label, ylim=(-0.6, len(families) - 0.4))
        axes.grid(axis="x")
        legend(figure, handles, 3)
        return ink.pictures(figure)
