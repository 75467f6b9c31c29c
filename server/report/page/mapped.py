"""Table T10: maps and the evidence in the picture. The lab's scores of maps are joined to the rounds in which people saw them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from game.measures.mapped import dwell_on_mass, plausibility_bias
from game.round import Round
from server.report.page.held import changed
from server.report.page.lab import LabRead
from server.report.page.story import Arm, Story, resampled
from server.report.plate import Table

MASS, OVERLAP = "relevance_mass", "relevance_rank"
"""Metrics of the lab behind `Round.map_mass` and `Round.map_plausibility`: shares on the cues that speak for the answer."""
COLUMNS = ("what", "condition", "value", "low", "high", "unit", "people", "rounds", "beware")
HOW = (
    "Only rounds count whose map was shown and has a score: from the lab (--lab), or imported with the data. Mass on the"
    " evidence: the share of the map's importance on the parts of the picture that speak for the AI's answer; overlap: the"
    " share of these parts among as many strongest pixels. Time on the evidence: visible time times that mass, the mean over"
    " people of their means, with a 95 % interval (participants drawn anew). It says what could be taken in, not what was looked"
    " at. Plausibility bias: how much more often wrong answers are followed, in logits, per standard deviation of the overlap;"
    " above 0 plausible maps sell wrong answers."
)


def joined(rounds: Sequence[Round], lab: LabRead) -> list[Round]:
    """Return the rounds with the lab's scores of their maps; a map without a score there keeps what the data say of it."""

    def score(metric: str, each: Round) -> float | None:
        return lab.scores.get(metric, {}).get((each.specimen, each.model, each.method)) if each.method else None

    def mass(each: Round) -> float | None:
        found = score(MASS, each)
        return each.map_mass if found is None else found

    def overlap(each: Round) -> float | None:
        found = score(OVERLAP, each)
        return each.map_plausibility if found is None else found

    return changed(rounds, map_mass=mass, map_plausibility=overlap)


def table(story: Story) -> Table:
    """T10: how much of what people saw is evidence, how long it was there to see, and whether plausibility sells errors."""
    rows = [row for _, arm in story.assisted for row in _rows(story, arm)]
    why = (
        "no map has a score: give the folder that `coplay compare` wrote as --lab"
        if story.lab is None
        else f"no shown map has a score {MASS} or {OVERLAP} in the lab's results: the pack or the methods are others"
    )
    return Table(id="T10", topic="Maps and the evidence", columns=COLUMNS, rows=rows, how=HOW, missing=why)


def _rows(story: Story, arm: Arm) -> Iterator[tuple[Any, ...]]:
    seen = [each for each in arm.rounds if each.explanation_shown]
    masses = [each.map_mass for each in seen if each.map_mass is not None]
    overlaps = [each.map_plausibility for each in seen if each.map_plausibility is not None]
    for what, values in (("mass on the evidence", masses), ("overlap with the evidence", overlaps)):
        if values:
            mean = math.fsum(values) / len(values)
            yield what, arm.label, mean, None, None, "share", len(arm.people), len(values), None
    if masses:
        means = [made.value for theirs in arm.people.values() if (made := dwell_on_mass(theirs)).defined]
        if means:
            values = np.array(means)
            ends = resampled(values, np.ones(len(values)), story.bootstrap)
            yield "time on the evidence", arm.label, float(values.mean()), *ends, "ms", len(means), len(masses), None
        else:
            told = dwell_on_mass(arm.rounds).why_undefined or "no visible time is known"
            yield "time on the evidence", arm.label, None, None, None, "ms", len(arm.people), len(masses), told
    if overlaps:
        made = plausibility_bias(arm.rounds)
        yield (
            "plausibility bias", arm.label, made.value if made.defined else None, None, None, "logits per SD", len(arm.people),
            made.n, None if made.defined else made.why_undefined,
        )  # fmt: skip
