"""Where each metric's variance comes from, as stacked bars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from server.report import ink
from server.report.lab.components import CROSSED, VARIED
from server.report.lab.numbers import Sources
from server.report.lab.plots import legend, plain
from server.report.plate import Pictures, Plate, tidy

ORDER = (*CROSSED, *VARIED)
FILLS = ("#0072b2", "#d55e00", "#d0d8d2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")
HATCHES = ("", "//", "", "..", "\\\\", "xx", "--")
"""Colour and hatch of each source of ORDER."""
HOW = (
    "Each bar splits one metric's variance: how much pictures differ, how much methods differ, how much it depends on both "
    "at once (and what is left), and how much a score moves when only the model's seed, the method's seed, a parameter of "
    "the method or the checkpoint changes. Shares are of the sources that were varied, averaged over models. Where the "
    "method's part is small, the metric says more of the pictures than of the methods."
)


def variance(rows: Sequence[Sources]) -> Plate:
    """Return the plate of all metrics, shares averaged over models."""
    name, topic = "variance", "Where a score comes from"
    metrics = list(dict.fromkeys(r.metric for r in rows))
    every = {m: shares([r for r in rows if r.metric == m]) for m in metrics}
    known = {m: s for m, s in every.items() if any(s)}
    if not known:
        return Plate(id=name, topic=topic, missing="two methods and two specimens are needed", wide=True)
    at = ORDER.index("method")
    most, least = (end(known, key=lambda m: (known[m][at], m)) for end in (max, min))
    ends = [f"{known[m][at]:.0%} of that of {plain(m)}" for m in (most, least)]
    told = f"Of a metric's variance, methods make {' and '.join(ends)}."
    return Plate(
        id=name, topic=topic, wide=True, pictures=_drawn(known), title=told, how=HOW, alt=f"Shares by metric: {_words(known)}.",
        csv=tidy(line for row in rows for line in lines(row)),
    )  # fmt: skip


def lines(row: Sources) -> list[dict[str, Any]]:
    """Return the rows of the published table."""
    return [
        {
            "task": row.task, "model": row.model, "metric": row.metric, "source": c.source, "variance": c.variance,
            "share": c.share, "n": c.n, "undefined_because": c.why_undefined,
        }
        for c in row.rows
    ]  # fmt: skip


def _words(known: Mapping[str, Sequence[float]]) -> str:
    return "; ".join(
        f"{plain(m)}: " + ", ".join(f"{name} {share:.0%}" for name, share in zip(ORDER, s, strict=True) if share)
        for m, s in known.items()
    )


def shares(rows: Sequence[Sources]) -> list[float]:
    """Return mean shares over models, in ORDER; 0 where a source is not known, scaled to sum to 1."""
    sums = [0.0] * len(ORDER)
    for row in rows:
        for part in row.rows:
            if not math.isnan(part.share):
                sums[ORDER.index(part.source)] += part.share
    total = sum(sums)
    return [s / total for s in sums] if total else sums


def _drawn(known: Mapping[str, Sequence[float]]) -> Pictures:
    with ink.style():
        figure: Any = ink.blank(ink.WIDE, 1.2 + 0.26 * len(known))
        axes = figure.subplots()
        spots, left = np.arange(len(known))[::-1], np.zeros(len(known))
        handles: dict[str, Any] = {}
        for at, name in enumerate(ORDER):
            values = np.array([s[at] for s in known.values()])
            if values.any():
                handles[name] = axes.barh(
                    spots,
                    values,
                    0.72,
                    left=left,
                    color=FILLS[at],
                    hatch=HATCHES[at],
                    edgecolor=ink.PAPER,
                    linewidth=0.6,
                )
                left = left + values
        axes.set_yticks(spots, [plain(m) for m in known])
        axes.set(xlim=(0, 1), xlabel="share of the variance", ylim=(-0.6, len(known) - 0.4))
        legend(figure, handles, 4)
        return ink.pictures(figure)
