"""Inverse-probability weights: what people would have answered where it was asked in a drawn share of the rounds only.

Where the AI decides for people, their own answer is seen in shadow rounds only; where the first answer is asked at random
(`probe_initial`), only there. Each answer counts 1 / the logged probability of being asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from game.round import Round
from server.report.inference.effect import Clusters, Effect, Scale
from server.report.inference.sandwich import two_way
from server.report.inference.spread import ends

HORVITZ_THOMPSON = "10.1080/01621459.1952.10483446"
Own = Callable[[Round], float | None]
NAME = "own_accuracy"


def own_right(each: Round) -> float | None:
    """Return whether the person's own answer was right: the one asked for, or the final one where the person gave it."""
    if each.own_correct is not None:
        return float(each.own_correct)
    if given(each) or each.decided_by == "ai" or each.correct is None or each.ai_shown:
        return None
    return float(each.correct)


def given(each: Round) -> bool:
    """Tell whether the case was left to the AI."""
    return bool(each.delegated or each.handed_over)


def ipw(
    rounds: Sequence[Round],
    condition: str,
    reference: str = "",
    *,
    draw: str = "shadow",
    own: Own = own_right,
    level: float = 0.95,
) -> Effect:
    """Return the weighted mean of the people's own answers in a condition, or its difference to a reference.

    Args:
        rounds: Of one study; scored ones count.
        condition: Whose rounds.
        reference: Another condition, or "" for the mean itself.
        draw: The draw by which own answers were asked, "shadow" or "probe_initial", as logged in `Round.propensities`.
        own: What is averaged; None where it was not asked.
        level: Coverage of the interval.

    With "shadow" rounds that people kept count once and those left to the AI 1 / p; with any other draw every asked round counts
    1 / p. Refused where cases were left to the AI and no shadow was drawn, or where no propensity is logged.
    """
    scale: Scale = "difference" if reference else "mean"
    method = f"own answers weighted by 1 / probability of being asked (draw {draw!r}), two-way clustered errors"
    mine = [each for each in rounds if each.scored and each.condition in (condition, reference or condition)]
    sides = [
        (name, *_weights([e for e in mine if e.condition == name], draw, own))
        for name in ((condition, reference) if reference else (condition,))
    ]
    known: dict[str, Any] = {
        "name": f"{NAME}: {condition}{f' - {reference}' if reference else ''} (ipw)", "outcome": NAME, "contrast": condition,
        "reference": reference, "scale": scale, "level": level, "method": method, "cite": HORVITZ_THOMPSON,
        "study": ", ".join(sorted({e.study for e in mine})), "source": ", ".join(sorted({e.source for e in mine})),
        "protocol": ", ".join(sorted({e.protocol for e in mine})),
    }  # fmt: skip
    why = next((f"{name or '(no name)'}: {told}" for name, _, _, told in sides if told), "")
    if why or len({each.study for each in mine}) > 1:
        return Effect(**known, undefined_because=why or "the rounds are of several studies, which are not pooled")
    parts = [(kept, weights, [own(e) or 0.0 for e in kept]) for _, kept, weights, _ in sides]
    return _told(parts, known, level)


def _told(parts: list[tuple[list[Round], list[float], list[float]]], known: dict[str, Any], level: float) -> Effect:
    scores: list[float] = []
    means: list[float] = []
    for sign, (_, weights, values) in zip((1.0, -1.0), parts, strict=False):
        total = math.fsum(weights)
        mean = math.fsum(w * v for w, v in zip(weights, values, strict=True)) / total
        means.append(mean)
        scores += [sign * w * (v - mean) / total for w, v in zip(weights, values, strict=True)]
    kept = [each for part, _, _ in parts for each in part]
    people, things = ([getattr(each, field) for each in kept] for field in ("participant", "specimen"))
    codes = [np.unique(names, return_inverse=True)[1] for names in (people, things)]
    clusters = Clusters(len(set(people)), len(set(things)))
    estimate = means[0] - (means[1] if len(means) > 1 else 0.0)
    variance = two_way(np.array(scores), codes[0], codes[1])
    more: dict[str, Any] = known | {
        "means": (means[0], means[1] if len(means) > 1 else math.nan), "n": len(kept), "clusters": clusters,
        "details": {"weights_sum": math.fsum(w for _, weights, _ in parts for w in weights)},
    }  # fmt: skip
    if clusters.participants < 2:
        return Effect(**more, undefined_because="only one participant: rounds of one person are no sample of people")
    if not variance > 0:
        return Effect(**more, undefined_because="all answers are equal: there is no spread to judge by")
    df = max(1.0, min(clusters.participants, max(2, clusters.items)) - 1.0)
    low, high, p = ends(estimate, math.sqrt(variance), df, level)
    p = p if len(means) > 1 else math.nan
    return Effect(**more, estimate=estimate, low=low, high=high, p=p, se=math.sqrt(variance), df=df)


def _weights(rounds: Sequence[Round], draw: str, own: Own) -> tuple[list[Round], list[float], str]:
    """Return the rounds with an own answer that count, their weights, or why there are none."""
    kept: list[Round] = []
    weights: list[float] = []
    left = [each for each in rounds if given(each)] if draw == "shadow" else list(rounds)
    asked = [each for each in left if own(each) is not None and (draw != "shadow" or each.shadow)]
    if not rounds:
        return kept, weights, "no scored round"
    if left and not asked:
        return kept, weights, f"no {draw} round: what people would have answered themselves is not known"
    if any(not each.propensities.get(draw, 0.0) > 0 for each in asked):
        return kept, weights, f"the propensity of the draw {draw!r} is not logged"
    for each in rounds:
        drawn = draw != "shadow" or given(each)
        if own(each) is None or (drawn and draw == "shadow" and not each.shadow):
            continue
        kept.append(each)
        weights.append(1 / each.propensities[draw] if drawn else 1.0)
    return kept, weights, "" if kept else "in no round is an own answer known"
