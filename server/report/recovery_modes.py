"""Recovery of modes: who decided each round in truth, and what two readings of it say."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from game.measures.hidden import modelled
from game.measures.modes import coded
from server.report.recovery import Person

CODES = {"handed_over": "substitution", "delegated": "delegation", "accepted": "delegation", "mediated": "mediation",
         "overrode": "solo", "solo": "solo", "by_design": ""}  # fmt: skip
"""Round code -> the mode that it is a reading of."""
MODES = ("mediation", "delegation", "substitution", "solo")


def confusion(people: Sequence[Person], how: str) -> dict[tuple[str, str], int]:
    """Return (true mode, mode that is read) -> rounds; `how`: "codes" or "hidden" (the hidden Markov model, all people at once)."""
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    paths: Mapping[str, tuple[str, ...]] = {}
    if how == "hidden":
        found = modelled([each for one in people for each in one.rounds])
        paths = {} if isinstance(found, str) else found.paths
    for one in people:
        true = one.truth.modes()
        read = [each for each in coded(one.rounds) if each.code and CODES[each.code]]
        path = paths.get(one.truth.participant, ())
        names: Sequence[str] = path if how == "hidden" else [CODES[each.code] for each in read]
        if len(names) != len(read):
            continue
        for each, name in zip(read, names, strict=True):
            mode = true.get(each.round.started_at or 0)
            if mode:
                counts[mode, name] += 1
    return dict(counts)


def agreement(counts: Mapping[tuple[str, str], int]) -> tuple[float, float]:
    """Return the share of rounds that are read right, and Cohen's kappa; NaN without rounds."""
    total = sum(counts.values())
    if not total:
        return math.nan, math.nan
    right = sum(n for (true, read), n in counts.items() if true == read) / total
    by_true, by_read = Counter[str](), Counter[str]()
    for (true, read), n in counts.items():
        by_true[true] += n
        by_read[read] += n
    chance = sum(by_true[mode] * by_read[mode] for mode in MODES) / total**2
    return right, (right - chance) / (1 - chance) if chance < 1 else math.nan


def share_of(people: Sequence[Person], mode: str) -> list[tuple[float, float]]:
    """Return for each person the true share of a mode among the read rounds, and the share that the codes read."""
    made: list[tuple[float, float]] = []
    for one in people:
        true = one.truth.modes()
        read = [e for e in coded(one.rounds) if e.code and CODES[e.code] and (e.round.started_at or 0) in true]
        if read:
            truth = statistics.fmean(true[e.round.started_at or 0] == mode for e in read)
            made.append((statistics.fmean(CODES[e.code] == mode for e in read), truth))
    return made
