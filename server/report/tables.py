"""Tables: every measure per participant and per group. A group is one study, condition, protocol and source; never pooled.

Group rows give the mean and SD over participants whose value is defined, how many are not, and beside it the pooled ratio (sum
over sum of the same participants). Intervals resample participants with all their rounds.
"""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from game.estimate import Estimate, wilson
from game.registry import measure
from game.round import Round
from server.report.bootstrap import Resampled, resample


class Group(msgspec.Struct, frozen=True, order=True):
    """What rounds may be pooled over."""

    study: str
    condition: str
    protocol: str
    source: str


class PersonRow(msgspec.Struct, frozen=True):
    """One measure of one participant in one group; fields as in `game.estimate.Estimate`."""

    group: Group
    participant: str
    measure: str
    unit: str
    estimate: Estimate


class GroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of one group. Undefined numbers are NaN; `why_undefined` says why there is no mean or no pooled ratio."""

    group: Group
    measure: str
    unit: str
    participants: int
    """Participants in the group."""
    defined: int
    undefined: int
    mean: float
    """Mean over the participants whose value is defined."""
    sd: float
    """Standard deviation over them, with n - 1; NaN for one participant."""
    mean_low: float
    mean_high: float
    pooled: float
    """Sum of numerators over sum of denominators; NaN for measures that are no ratio of sums."""
    numerator: float | None
    denominator: float | None
    pooled_low: float
    pooled_high: float
    why_undefined: str = ""
    reasons: Mapping[str, int] = {}
    """Why participants have no value -> how many."""


class Bootstrap(msgspec.Struct, frozen=True):
    """How intervals are made: percentiles of `resamples` draws of participants, `seed` explicit."""

    seed: int = 1
    resamples: int = 2000
    confidence: float = 0.95


def groups_of(rounds: Iterable[Round]) -> dict[Group, dict[str, list[Round]]]:
    """Return group -> participant -> scored rounds, all sorted by name."""
    found: defaultdict[Group, defaultdict[str, list[Round]]] = defaultdict(lambda: defaultdict(list))
    for each in rounds:
        if each.scored:
            found[Group(each.study, each.condition, each.protocol, each.source)][each.participant].append(each)
    return {group: dict(sorted(people.items())) for group, people in sorted(found.items())}


def empty_conditions(rounds: Sequence[Round]) -> dict[str, int]:
    """Return "study: condition" without any scored round -> how many rounds it has (practice, probes)."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in rounds:
        counts[f"{each.study}: {each.condition}"][each.scored] += 1
    return {name: unscored for name, (unscored, scored) in sorted(counts.items()) if not scored}


def person_rows(rounds: Iterable[Round]) -> list[PersonRow]:
    """Return every measure of every participant in every group; counted shares with Wilson's interval, of that person's rounds."""
    return [
        PersonRow(group, person, entry.name, entry.info["unit"], _ended(entry.thing(theirs), entry.info["unit"]))
        for group, people in groups_of(rounds).items()
        for person, theirs in people.items()
        for entry in measure
        if entry.info["reads"] == "cell"
    ]


def _ended(estimate: Estimate, unit: str) -> Estimate:
    of, count = estimate.denominator, estimate.numerator
    if unit != "fraction" or not of or count is None or count != int(count) or estimate.low is not None:
        return estimate
    low, high = wilson(count, of)
    return msgspec.structs.replace(estimate, low=low, high=high)


def group_rows(people: Sequence[PersonRow], bootstrap: Bootstrap) -> list[GroupRow]:
    """Summarise the rows of participants by group and measure."""
    tables: defaultdict[Group, defaultdict[str, list[PersonRow]]] = defaultdict(lambda: defaultdict(list))
    for row in people:
        tables[row.group][row.measure].append(row)
    found: list[GroupRow] = []
    for group, measures in tables.items():
        estimates = [[row.estimate for row in rows] for rows in measures.values()]
        intervals = resample(estimates, bootstrap.seed, bootstrap.resamples, bootstrap.confidence)
        for rows, interval in zip(measures.values(), intervals, strict=True):
            found.append(_summary(group, rows, interval))
    return found


def _summary(group: Group, rows: Sequence[PersonRow], interval: Resampled) -> GroupRow:
    estimates = [row.estimate for row in rows]
    defined = [each for each in estimates if each.defined]
    values = [each.value for each in defined]
    reasons: defaultdict[str, int] = defaultdict(int)
    for each in estimates:
        if not each.defined:
            reasons[each.why_undefined] += 1
    numerator, denominator = pool(defined)
    return GroupRow(
        group=group,
        measure=rows[0].measure,
        unit=rows[0].unit,
        participants=len(rows),
        defined=len(defined),
        undefined=len(rows) - len(defined),
        mean=math.fsum(values) / len(values) if values else math.nan,
        sd=statistics.stdev(values) if len(values) > 1 else math.nan,
        mean_low=interval.mean[0],
        mean_high=interval.mean[1],
        pooled=numerator / denominator if numerator is not None and denominator else math.nan,
        numerator=numerator,
        denominator=denominator,
        pooled_low=interval.pooled[0],
        pooled_high=interval.pooled[1],
        why_undefined="" if values else max(reasons, key=lambda why: reasons[why]),
        reasons=dict(sorted(reasons.items())),
    )


def pool(estimates: Sequence[Estimate]) -> tuple[float | None, float | None]:
    """Return the sums of numerators and denominators, or None twice when one of them is no ratio of sums."""
    over = [each.numerator for each in estimates if each.numerator is not None]
    under = [each.denominator for each in estimates if each.denominator is not None]
    if not estimates or len(over) != len(estimates) or len(under) != len(estimates):
        return None, None
    return math.fsum(over), math.fsum(under)
