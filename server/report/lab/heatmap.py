"""The agreement of all methods as a matrix, beside the tree that orders it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from server.report import ink
from server.report.lab.likeness import Likeness
from server.report.lab.plots import number, plain, slug
from server.report.lab.results import Case, Results
from server.report.plate import Plate, tidy

CROWDED = 26
"""With more methods, numbers are left to the CSV."""


def heatmap(results: Results, case: Case, made: Likeness) -> Plate:
    """Return the plate of one agreement metric of one model."""
    wanted = list(made.order or range(len(made.methods)))
    square = made.square()[np.ix_(wanted, wanted)]
    names = [plain(made.methods[at]) + (" *" if made.methods[at] in results.controls else "") for at in wanted]
    k = len(wanted)
    with ink.style():
        figure: Any = ink.blank(ink.WIDE, max(3.4, 1.9 + 0.27 * k))
        tree, axes = figure.subplots(1, 2, width_ratios=[0.18, 0.82])
        _tree(tree, made, k)
        shown = axes.imshow(square, vmin=-1, vmax=1, cmap="cividis", aspect="auto")
        axes.set_xticks(range(k), names, rotation=60, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(k), names)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        if k <= CROWDED:
            for (i, j), value in np.ndenumerate(square):
                if i != j and not math.isnan(value):
                    colour = "#ffffff" if value < 0.3 else "#101010"
                    axes.text(
                        j, i, f"{value:.2f}".replace("0.", "."), ha="center", va="center", color=colour, fontsize=7.5
                    )
        figure.colorbar(shown, ax=axes, shrink=0.7, label=f"mean {plain(made.metric)}", aspect=30)
        drawn = ink.pictures(figure)
    return Plate(
        id=slug("agreement", *case.key), topic=f"Agreement of methods: {case.title}", title=_seen(results, made), wide=True,
        pictures=drawn, csv=_csv(made), how=(
            "Each cell is the mean over images of the rank correlation of two methods' maps: 1 (bright) the same "
            "order of places, 0 unrelated, below 0 opposite. Methods stand in the order of the tree at the left, "
            "which joins the most alike first (average linkage on 1 - correlation): the further left two branches "
            "meet, the more their methods differ. * marks controls, which explain nothing of the model on purpose."
        ),
        alt=_alt(results, made), note=f"{len(case.task.specimens)} images. Intervals over images are in the CSV.",
    )  # fmt: skip


def _tree(axes: Any, made: Likeness, k: int) -> None:
    """Draw the tree, leaves at the right beside their rows."""
    rows = {leaf: at for at, leaf in enumerate(made.order)}
    spots: dict[int, tuple[float, float]] = {leaf: (0.0, float(at)) for leaf, at in rows.items()}
    for join, (a, b, distance) in enumerate(made.tree):
        (xa, ya), (xb, yb) = spots[a], spots[b]
        axes.plot([xa, distance, distance, xb], [ya, ya, yb, yb], color=ink.INK_2, linewidth=1.1)
        spots[len(made.methods) + join] = (distance, (ya + yb) / 2)
    top = max((d for *_, d in made.tree), default=1.0)
    axes.set(xlim=(top * 1.04, 0), ylim=(k - 0.5, -0.5), xlabel="1 - correlation")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _ranked(results: Results, made: Likeness) -> list[tuple[float, str, str]]:
    return sorted(
        (spread.mean, made.methods[a], made.methods[b])
        for (a, b), spread in made.pairs.items()
        if not math.isnan(spread.mean) and not {made.methods[a], made.methods[b]} & results.controls
    )


def _seen(results: Results, made: Likeness) -> str:
    ranked = _ranked(results, made)
    if not ranked:
        return "No two methods could be compared."
    mean = sum(r[0] for r in ranked) / len(ranked)
    (low, a, b), (high, c, d) = ranked[0], ranked[-1]
    return (
        f"Two methods correlate {number(mean)} on average: from {number(low)} ({plain(a)}, {plain(b)}) "
        f"to {number(high)} ({plain(c)}, {plain(d)})."
    )


def _alt(results: Results, made: Likeness) -> str:
    ranked = _ranked(results, made)
    alike = "; ".join(f"{plain(a)} and {plain(b)} {number(v)}" for v, a, b in reversed(ranked[-5:]))
    unlike = "; ".join(f"{plain(a)} and {plain(b)} {number(v)}" for v, a, b in ranked[:5])
    return (
        f"A matrix of {len(made.methods)} by {len(made.methods)} methods with a tree. {_seen(results, made)} "
        f"Most alike: {alike}. Least alike: {unlike}."
    )


def _csv(made: Likeness) -> str:
    return tidy(
        {
            "metric": made.metric, "method_a": made.methods[a], "method_b": made.methods[b], "mean": s.mean, "low": s.low,
            "high": s.high, "images": s.n, "undefined": s.undefined,
        }
        for (a, b), s in made.pairs.items()
    )  # fmt: skip
