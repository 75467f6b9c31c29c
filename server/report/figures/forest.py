"""F08: all effects against their reference condition, each on its own scale, planned ones filled, the others hollow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from server.report import ink
from server.report.figures.draw import count, wrapped
from server.report.inference.effect import Effect
from server.report.inference.outcomes import OUTCOMES
from server.report.page.story import Story
from server.report.plate import Plate, tidy

HOW = (
    "One row is one comparison of two conditions on one outcome: the mark is the estimate, the bar its interval (95 %, or"
    " as planned), the upright line no effect. Filled marks were planned (confirmatory, corrected after Holm), hollow ones are"
    " exploratory (false discovery rate). Left: differences of shares, in percentage points. Right: what has another"
    " scale, each divided by its own standard error, so only side and length against zero can be read there; the value"
    " stands beside it. A bar that crosses the line says that the data do not tell, not that there is no effect."
)
MOST = 26


def plate(story: Story) -> Plate:
    """Draw the forest."""
    base: dict[str, Any] = {"id": "F08", "topic": "Effects against the reference", "how": HOW, "wide": True}
    known = [each for each in story.effects if each.defined and not math.isnan(each.low)]
    if not known:
        several = len({arm.group.condition for arm in story.arms}) > 1
        nothing = (
            "no outcome is known in any of the conditions"
            if several
            else "there is one condition only, so nothing is compared"
        )
        why = next((each.undefined_because for each in story.effects), nothing)
        return Plate(**base, missing=why)
    shares = [each for each in known if each.scale == "difference"][:MOST]
    others = [each for each in known if each.scale != "difference"][:MOST]
    with ink.style():
        tall = max(len(shares), len(others), 3)
        figure = ink.blank(ink.WIDE, 0.9 + 0.42 * tall)
        parts = [part for part in (shares, others) if part]
        for axes, part in zip(figure.subplots(1, len(parts), squeeze=False)[0], parts, strict=True):
            _column(axes, part, raw=part is shares)
        drawn = ink.pictures(figure)
    return Plate(
        **base,
        title=_seen(known),
        alt=" ".join(sentence(each) for each in known),
        note=_note(story, known),
        pictures=drawn,
        csv=_csv(story.effects),
    )


def _column(axes: Any, effects: Sequence[Effect], *, raw: bool) -> None:
    labels: list[str] = []
    for at, each in enumerate(effects):
        value, low, high = (100 * v for v in (each.estimate, each.low, each.high)) if raw else _scaled(each)
        colour = ink.YOU if each.family == "confirmatory" else "none"
        axes.plot([low, high], [-at, -at], color=ink.INK, linewidth=1.8)
        axes.plot([value], [-at], marker="s", markersize=7, color=colour, markeredgecolor=ink.YOU, markeredgewidth=1.6)
        labels.append(
            f"{each.outcome.replace('_', ' ')}: {each.contrast} - {each.reference}"
            + ("" if raw else f"\n{number(each)}")
        )
    axes.axvline(0, color=ink.INK_2, linewidth=1)
    axes.set_yticks(
        [-at for at in range(len(effects))],
        ["\n".join(wrapped(line, 52) for line in label.split("\n")) for label in labels],
        fontsize=9,
        multialignment="right",
    )
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set(
        ylim=(-len(effects) + 0.4, 0.6),
        xlabel="difference in percentage points" if raw else "estimate in standard errors",
    )


def _scaled(each: Effect) -> tuple[float, float, float]:
    """Return estimate and interval as multiples of the standard error on the scale of the test, 0 for no effect."""
    values = [math.log(v) if each.neutral == 1 and v > 0 else v for v in (each.estimate, each.low, each.high)]
    unit = each.se if each.se and not math.isnan(each.se) else (values[2] - values[1]) / 3.92 or 1.0
    return values[0] / unit, values[1] / unit, values[2] / unit


def number(each: Effect) -> str:
    """Return an estimate with its interval as it is read, on its own scale."""
    if not each.defined:
        return f"unknown ({each.undefined_because})"
    if each.scale == "difference":
        ends = "" if math.isnan(each.low) else f" ({100 * each.low:+.1f} to {100 * each.high:+.1f})"
        return f"{100 * each.estimate:+.1f} points{ends}"
    unit = {"ratio": "times", "odds ratio": "odds ratio", "ms": "ms"}.get(each.scale, each.scale)
    ends = "" if math.isnan(each.low) else f" ({each.low:.2f} to {each.high:.2f})"
    return f"{each.estimate:.2f}{ends} {unit}"


def sentence(each: Effect) -> str:
    """Return an effect in words that do not claim more than its interval."""
    about = OUTCOMES[each.outcome].about if each.outcome in OUTCOMES else each.outcome
    return f"{about[0].upper() + about[1:]}, {each.contrast} against {each.reference}: {number(each)}; {verdict(each)}."


def verdict(each: Effect) -> str:
    """Say what an effect shows, after the correction for several tests."""
    p = each.p if math.isnan(each.p_adjusted) else each.p_adjusted
    if each.equivalence is not None and each.equivalence.equivalent:
        return "equivalent within the margin"
    if math.isnan(p):
        return "no test"
    return "a difference is shown" if p < 1 - each.level else "no difference is shown"


def _seen(known: Sequence[Effect]) -> str:
    shown = [each for each in known if verdict(each) == "a difference is shown"]
    if not shown:
        return f"None of {count(len(known), 'comparison')} shows a difference after correction for several tests."
    return f"{len(shown)} of {count(len(known), 'comparison')} show a difference after correction for several tests."


def _note(story: Story, known: Sequence[Effect]) -> str:
    planned = sum(each.family == "confirmatory" for each in known)
    lacking = sum(not each.defined for each in story.effects)
    return (
        f"{planned} planned, {len(known) - planned} exploratory; {lacking} could not be computed (table T3 says why)."
    )


def _csv(effects: Sequence[Effect]) -> str:
    return tidy(
        {
            "outcome": e.outcome,
            "contrast": e.contrast,
            "reference": e.reference,
            "protocol": e.protocol,
            "scale": e.scale,
            "estimate": e.estimate,
            "low": e.low,
            "high": e.high,
            "level": e.level,
            "p": e.p,
            "p_adjusted": e.p_adjusted,
            "adjustment": e.adjustment,
            "family": e.family,
            "participants": e.clusters.participants,
            "items": e.clusters.items,
            "n": e.n,
            "method": e.method,
            "undefined_because": e.undefined_because,
        }
        for e in effects
    )
