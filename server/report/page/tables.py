"""Tables T1 to T4: the sample, what was measured, the effects, and who is left out and why."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from server.report.figures.draw import count
from server.report.figures.forest import verdict
from server.report.inference.effect import Effect
from server.report.page.story import MEASURES, Arm, Story, registered
from server.report.plate import Table

UNITS = {"fraction": 100.0, "difference": 100.0}
WORDS = {
    "accuracy": "right, %",
    "accuracy_own": "first answer right, %",
    "accuracy_ai": "AI right, %",
    "agreement": "suggestions followed, %",
    "over_reliance": "wrong suggestions followed, %",
    "under_reliance": "right suggestions not followed, %",
    "switch": "differing first answers changed, %",
    "rair": "RAIR, %",
    "rsr": "RSR, %",
    "dprime": "d'",
    "delegation_rate": "cases left to the AI, %",
    "request_rate": "AI asked for, %",
    "handover_share": "rounds handed over, %",
    "explanation_seen": "explanation seen, %",
    "total_ms_median": "median time of a round, ms",
    "final_ms_median": "median time of the final answer, ms",
    "brier": "Brier score of confidence",
    "overconfidence": "over-confidence, points",
}


def sample(story: Story) -> Table:
    """T1: people and rounds by condition."""
    columns = (
        "condition", "protocol", "people", "rounds", "median a person", "least", "most", "specimens", "AI wrong", "model",
        "explanation",
    )  # fmt: skip
    return Table(
        id="T1", topic="Sample", columns=columns, rows=[_sampled(arm) for arm in story.arms], note=_spans(story),
        how="Scored rounds only. A person who met several conditions is in several rows.",
    )  # fmt: skip


def _sampled(arm: Arm) -> tuple[Any, ...]:
    rounds = arm.rounds
    per = sorted(len(theirs) for theirs in arm.people.values())
    wrong = sum(each.ai_correct is False for each in rounds)
    known = sum(each.ai_correct is not None for each in rounds)
    models = ", ".join(sorted({each.model for each in rounds if each.model})) or None
    methods = ", ".join(sorted({each.method for each in rounds if each.method})) or None
    return (
        arm.label, arm.group.protocol.replace("_", "-"), len(arm.people), len(rounds), per[len(per) // 2], per[0], per[-1],
        len({each.specimen for each in rounds}), f"{wrong:,} of {known:,}" if known else None, models, methods,
    )  # fmt: skip


def _spans(story: Story) -> str:
    sessions = [each for each in story.gathered.sessions if not each["why"] and each["rounds_scored"]]
    if not sessions:
        return ""
    langs = Counter(str(each["locale"] or "unknown") for each in sessions)
    spans = sorted(each["duration_ms"] / 60000 for each in sessions)
    told = ", ".join(f"{name} {n}" for name, n in sorted(langs.items()))
    return f"Median session {spans[len(spans) // 2]:.1f} minutes; languages: {told}."


MEASURED = (
    "Mean and SD are over people who have a value, low and high the 95 % interval of the mean (participants drawn"
    " anew); where all people have one value both ends are that value: there is no spread, and no certainty. Without:"
    " people for whom the measure is undefined; they are no zeros. Pooled: all their rounds together."
    " Names are those of the reference of measures, with formulas and sources."
)
MODELLED = (
    "Estimates on their own scale (shares from -1 to 1). p adjusted: after Holm for planned tests, after Benjamini and"
    " Hochberg for the others. No difference shown is not the same as no difference: for that, an equivalence test with"
    " a margin has to say so."
)


def measured(story: Story) -> Table:
    """T2: descriptive measures by condition: mean over people, SD, interval, and the pooled ratio with its counts."""
    rows: list[tuple[Any, ...]] = []
    for name in MEASURES:
        for at, arm in enumerate(story.arms):
            row = story.row(name, at)
            if not row.defined:
                continue
            by = UNITS.get(row.unit, 1.0)
            known = row.numerator is not None and row.denominator is not None
            counts = f"{row.numerator:,.0f} of {row.denominator:,.0f}" if known else None
            rows.append((
                WORDS[name], arm.label, by * row.mean, by * row.sd, by * row.mean_low, by * row.mean_high, row.defined,
                row.undefined, by * row.pooled, counts, registered(name, arm),
            ))  # fmt: skip
    columns = ("measure", "condition", "mean", "SD", "low", "high", "people", "without", "pooled", "counted", "name")
    return Table(
        id="T2",
        topic="What was measured",
        columns=columns,
        rows=rows,
        folded=14,
        missing="no measure is defined",
        how=MEASURED,
    )


def modelled(story: Story) -> Table:
    """T3: every effect, those that cannot be computed too, with their reason."""
    columns = (
        "outcome", "condition", "against", "estimate", "low", "high", "scale", "p", "p adjusted", "family", "reading", "people",
        "specimens", "rounds", "method", "beware",
    )  # fmt: skip
    return Table(
        id="T3", topic="Effects", columns=columns, rows=[_effect(each) for each in story.effects], folded=14,
        missing="there is one condition only, so nothing is compared",
        how=f"{MODELLED} Low to high are {100 * story.level:.3g} % intervals.",
    )  # fmt: skip


def _effect(each: Effect) -> tuple[Any, ...]:
    return (
        each.outcome.replace("_", " "), each.contrast, each.reference or None, each.estimate, each.low, each.high, each.scale,
        each.p, each.p_adjusted, each.family, verdict(each) if each.defined else each.undefined_because, each.clusters.participants,
        each.clusters.items, each.n, each.method or None, "; ".join(each.warnings) or None,
    )  # fmt: skip


def excluded(story: Story) -> Table:
    """T4: who and what is left out, by reason."""
    rows: list[tuple[str, int, str]] = [
        ("session" if story.gathered.sessions else "round or person", n, why)
        for why, n in sorted(story.gathered.left_out.items())
    ]
    facts = story.gathered.facts
    for name in ("excluded_participants", "excluded_rounds"):
        if facts.get(name):
            rows.append(
                (
                    name.removeprefix("excluded_").rstrip("s"),
                    int(facts[name]),
                    "kept out of the file by the authors' rule",
                )
            )
    unscored = Counter("probe" if each.probe else "practice or not scored" for each in story.rounds if not each.scored)
    rows += [("round", n, f"{why}: not in accuracy or reliance") for why, n in sorted(unscored.items())]
    flags = Counter(flag for each in story.rounds for flag in each.flags)
    rows += [("round", n, f"remark {flag!r}: kept, shown here") for flag, n in sorted(flags.items())]
    late = sum(each.timed_out for arm in story.arms for each in arm.rounds)
    rows += (
        [("round", late, "time ran out: kept where an answer is needed to be right, left out of times")] if late else []
    )
    silent = sum(each.correct is None for arm in story.arms for each in arm.rounds)
    rows += [("round", silent, "no final answer whose truth is known: in no accuracy")] if silent else []
    return Table(
        id="T4",
        topic="Left out",
        columns=("what", "how many", "why"),
        rows=rows,
        missing="nothing was left out",
        wide=True,
        how=(
            "Nobody is left out after the assignment because of what they answered or how fast; such rules need to be"
            " declared and are shown both ways."
        ),
    )


def numbers(story: Story) -> list[dict[str, Any]]:
    """Return every number that the scripts compute again: condition, protocol, measure, value, low, high, n."""
    rows: list[dict[str, Any]] = []
    for name in MEASURES:
        for at, arm in enumerate(story.arms):
            row = story.row(name, at)
            if row.defined:
                rows.append(
                    {
                        **arm.key,
                        "measure": registered(name, arm),
                        "mean": row.mean,
                        "sd": row.sd,
                        "low": row.mean_low,
                        "high": row.mean_high,
                        "people": row.defined,
                        "pooled": row.pooled if not math.isnan(row.pooled) else None,
                        "numerator": row.numerator,
                        "denominator": row.denominator,
                    }
                )
    return rows


__all__ = ["count", "excluded", "measured", "modelled", "numbers", "sample"]
