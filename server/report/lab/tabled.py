"""The tables on the page: recommendations, scores, and what each metric can say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from server.report.lab.couples import Couple
from server.report.lab.numbers import Cell, Numbers
from server.report.lab.plots import plain, slug
from server.report.lab.results import Case, Results
from server.report.plate import Table

FOLDED = 8
PAIRS = 12
"""Pairs of methods on the page, evenly spaced from most to least different; all are in tables/pairs.csv."""
SHOWN = 14
"""Metrics in the table of scores; all are in tables/cells.csv."""


def comparisons(case: Case, couples: Sequence[Couple]) -> Table:
    """Return the pairs of methods of one model, those that differ most first."""
    rows = [
        (
            f"{plain(c.first)} / {plain(c.second)}",
            f"{c.differ.mean:.0%}" if c.differ.n else None,
            f"{c.differ.low:.0%} to {c.differ.high:.0%}" if not math.isnan(c.differ.low) else None,
            c.likeness.mean, c.people or None, c.people_selected or None, c.sane,
        )
        for c in spaced(couples)
    ]  # fmt: skip
    return Table(
        id=slug("recommendations", *case.key), topic=f"Two methods as conditions: {case.title}", rows=rows,
        note=f"{len(rows)} of {len(couples)} pairs, evenly spaced; all are in tables/pairs.csv.",
        columns=("methods", "differ on", "95 % interval", "correlation", "N", "N, selected", "both sane"),
        missing="there are not two methods that are no controls",
        how=(
            "differ on: share of items whose most highlighted part differs. correlation: mean rank correlation of the "
            "two maps. N and N, selected: people per condition, on all items or only on those that differ, under the "
            "assumption above the tables, which also says it in words. both sane: both pass every sanity check that could be made."
        ),
    )  # fmt: skip


def spaced(couples: Sequence[Couple]) -> list[Couple]:
    """Return up to PAIRS couples, the first and the last among them; pairs of methods that are both sane where there are enough."""
    sane = [c for c in couples if c.sane]
    pool = sane if len(sane) >= PAIRS else list(couples)
    if len(pool) <= PAIRS:
        return pool
    return [pool[round(at * (len(pool) - 1) / (PAIRS - 1))] for at in range(PAIRS)]


def scores(results: Results, case: Case, cells: Sequence[Cell]) -> Table:
    """Return the means with their intervals, methods by metrics; most metrics are in the CSV only."""
    known = {c.metric for c in cells if c.spread.n}
    metrics = [m for m in results.lab.metrics if m.name in known and m.better]
    by_family = {f: [m for m in metrics if m.family == f] for f in dict.fromkeys(m.family for m in metrics)}
    picked = [m for f in by_family.values() for m in f[: max(1, SHOWN // max(1, len(by_family)))]][:SHOWN]
    by = {(c.method, c.metric): c for c in cells}
    shown = [[by.get((name, m.name)) for m in picked] for name in case.methods]
    whys = list(dict.fromkeys(c.spread.why for row in shown for c in row if c and not c.spread.n))
    rows = [
        (plain(name) + (" *" if name in results.controls else ""), *(_cell(c, whys) for c in row))
        for name, row in zip(case.methods, shown, strict=True)
    ]
    because = "".join(f" ({at}) {why}." for at, why in enumerate(whys, 1))
    return Table(
        id=slug("scores", *case.key), topic=f"Scores: {case.title}", rows=rows if picked else (), folded=2 * FOLDED,
        columns=("method", *(f"{plain(m.name)} ({'up' if m.better == 'higher' else 'down'})" for m in picked)),
        missing="no metric has a value for this model",
        note="Mean [95 % interval over images]; * control. All metrics: tables/cells.csv."
        + (f" Undefined:{because}" if whys else ""),
        how="(up): higher is better; (down): lower is better.",
    )  # fmt: skip


def _cell(cell: Cell | None, whys: Sequence[str]) -> str | None:
    """Return a mean as it is read; where there is none, the number of the reason below the table."""
    if cell is None:
        return None
    s = cell.spread
    if not s.n:
        return f"undefined ({whys.index(s.why) + 1})"
    ends = "" if math.isnan(s.low) else f" [{s.low:.2f}, {s.high:.2f}]"
    return f"{s.mean:.2f}{ends}" + (f" {s.share_undefined:.0%} undefined" if s.undefined else "")


def verdicts(results: Results, made: Numbers) -> Table:
    """Return for each metric how many pairs of methods it tells apart, and what it would need."""
    rows: list[tuple[object, ...]] = []
    for info in (m for m in results.lab.metrics if m.reads != "pair"):
        tested = [c for one in made.contests if one.metric == info.name for c in one.rows]
        known = [c for c in tested if not math.isnan(c.p_holm)]
        apart = [c for c in known if c.p_holm < 0.05]
        needed = sorted(c.needed for c in known if c.needed)
        mine = [c.spread for c in made.cells if c.metric == info.name]
        images = sum(s.n + s.undefined for s in mine)
        rows.append(
            (
                plain(info.name), info.family, {"higher": "up", "lower": "down"}.get(info.better), len(known),
                f"{len(apart) / len(known):.0%}" if known else None, needed[len(needed) // 2] if needed else None,
                f"{sum(s.undefined for s in mine) / images:.0%}" if images else None, info.random, info.cite or None,
            )
        )  # fmt: skip
    return Table(
        id="metrics", topic="What each metric can tell apart", rows=rows, folded=2 * FOLDED, missing="no metric was run",
        columns=("metric", "family", "better", "pairs tested", "told apart", "images needed", "undefined", "by chance", "source"),
        how=(
            "told apart: share of pairs of methods whose difference is significant after Holm's correction within a "
            "model. images needed: at the median pair, for 80 % power without correction, by n = (1.96 + 0.84)^2 sd^2 "
            "/ difference^2. by chance: stated value of a map that knows nothing; a dash where it depends on the "
            "picture or is estimated."
        ),
    )  # fmt: skip
