"""Table T13: the main effects by every method that fits them, those for few clusters and many tests too; do they agree?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from server.report.inference.comparison import Comparison, compare
from server.report.inference.effect import Effect
from server.report.inference.effects import SMALL, every_method
from server.report.inference.permuted import max_t
from server.report.page.story import Story
from server.report.plate import Table

MAIN = ("accuracy", "over_reliance")
"""Outcomes without a plan."""
MOST = 8
"""Comparisons at most, planned ones first."""
MIXED_ROUNDS = 700
"""Rounds above which the mixed logit takes too long for a report."""
COLUMNS = (
    "outcome", "condition", "against", "by", "estimate", "low", "high", "scale", "p", "p adjusted", "people", "specimens", "rounds",
    "method", "beware",
)  # fmt: skip
HOW = (
    "The first line of each comparison is the effect of table T3; those below ask the same in other ways. Where they disagree on"
    " the side or on what an interval holds, the result hangs on the method. Differences are of shares; odds ratios have 1 for no"
    " effect: gee and odds_ratio over the population, mixed_logit for one person and specimen, which is further from 1 by nature."
    " small_clusters and wild_bootstrap are for few participants. max_t permutes participants, and its p adjusted is over all the"
    " comparisons in this table at once. The other p are not corrected here."
)


def agreed(story: Story) -> Table:
    """T13: a row per comparison and method; the reason where one has no number."""
    sides = list(compared(story))
    many = max_t(sides, **_draws(story)) if sides else ()
    fixed: dict[str, Any] = {"seed": story.bootstrap.seed, "level": story.level, "mixed_rounds": MIXED_ROUNDS}
    told = [_row(each) for side, one in zip(sides, many, strict=True) for each in (*every_method(side, **fixed), one)]
    return Table(
        id="T13", topic="The main effects by every method", columns=COLUMNS, rows=told, how=HOW, folded=14,
        missing="no two conditions with an AI are compared", note=_note(sides),
    )  # fmt: skip


def _draws(story: Story) -> dict[str, int]:
    return {"seed": story.bootstrap.seed, "resamples": story.bootstrap.resamples}


def compared(story: Story) -> Iterator[Comparison]:
    """Yield the main comparisons: the planned ones, or accuracy and over-reliance without a plan; never with people alone."""
    alone = {arm.group.condition for arm in story.arms if arm.alone}
    planned = [each for each in story.effects if each.family == "confirmatory"]
    wanted = planned or [each for each in story.effects if each.outcome in MAIN]
    kept = [each for each in wanted if not alone & {each.contrast, each.reference}]
    for each in kept[:MOST]:
        two = [one for one in story.rounds if one.condition in (each.contrast, each.reference)]
        yield compare(two, each.outcome, each.contrast, each.reference, study=each.study)


def _note(sides: Sequence[Comparison]) -> str:
    parts = [
        f"Corrections for few clusters stand below {SMALL} participants"
        + (" and are not needed here" if all(side.clusters.participants >= SMALL for side in sides) else "")
    ]
    if any(side.outcome.kind == "share" and len(side.y) > MIXED_ROUNDS for side in sides):
        parts.append(f"the mixed logit is not fitted above {MIXED_ROUNDS:,} rounds in a report")
    return "; ".join(parts) + "."


def _row(each: Effect) -> tuple[Any, ...]:
    words = "; ".join(dict.fromkeys(word for word in (each.undefined_because, *each.warnings) if word))
    by = each.name.rpartition("(")[2].rstrip(")")
    known = each.defined
    return (
        each.outcome.replace("_", " "), each.contrast, each.reference, by, each.estimate, each.low, each.high,
        each.scale if known else None, each.p, each.p_adjusted, each.clusters.participants, each.clusters.items, each.n,
        each.method or None, words or None,
    )  # fmt: skip
