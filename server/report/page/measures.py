"""Table T11: every other measure there is, by condition, with an interval over participants; and what it was made from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from game.estimate import Estimate
from game.measures.modes import people_of
from game.registry import measure
from server.report.bootstrap import Resampled, resample
from server.report.jackknife import DRAWN, FITTED, MOST, repeats, rests, spread
from server.report.page.data import packed
from server.report.page.held import whole
from server.report.page.story import MEASURES, Story, registered
from server.report.plate import Table
from server.report.tables import Bootstrap, pool
from server.report.whole import EVERYBODY, Given, given

FITTED_MOST = 3_000
COLUMNS = (
    "measure", "condition", "protocol", "unit", "value", "low", "high", "interval", "people", "without", "pooled", "pooled low",
    "pooled high", "counted", "rounds", "what it is", "beware",
)  # fmt: skip
HOW = (
    "Every measure that coplay knows and that table T2 does not show, in conditions that have it. Units: fraction 0 to 1,"
    " difference -1 to 1, distance 0 to 1, ms. Interval 'people drawn': the value is the mean over people who have one, its 95 %"
    " interval from drawing participants anew, and pooled is all their rounds together, where it is a ratio of sums. 'People left"
    " out': the measure needs everybody's rounds at once, so groups of participants (20, or single people) are left out in turn"
    " and t times the spread (delete-a-group jackknife) gives the interval. 'Of its fit': the model gives its own; Wilson's: of a"
    " share of people. Without:"
    " people for whom it is undefined; they are no zeros. The last rows name what is not defined, with the reason."
)
NAME = "measures.csv.gz"
DATA = (
    "condition_id",
    "protocol",
    "measure",
    "reads",
    "subject_id",
    "value",
    "numerator",
    "denominator",
    "low",
    "high",
)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One measure in one condition, with what its interval is made from."""

    condition: str
    protocol: str
    """"" where a condition comes with the rounds alone."""
    label: str
    measure: str
    reads: str
    made: Estimate
    parts: tuple[tuple[str, Estimate], ...] = ()
    """Participant -> value; for measures of everybody's rounds: number of the group left out -> value."""
    rounds: int = 0
    beware: str = ""


def lines(story: Story) -> list[Line]:
    """Return every line of the table, undefined ones too."""
    return [*_cells(story), *_wholes(story)]


def table(story: Story, made: Sequence[Line]) -> Table:
    """T11: a row per measure and condition that has it, then what nobody has."""
    known = [row for each in made if (row := _row(each, story.bootstrap)) is not None]
    order = {name: at for at, name in enumerate(dict.fromkeys(row[0] for row in known))}
    known.sort(key=lambda row: order[row[0]])
    return Table(
        id="T11", topic="All other measures", columns=COLUMNS, rows=[*known, *_lacking(made)], folded=20, how=HOW,
        note=f"Intervals: 95 %, seed {story.bootstrap.seed}, {story.bootstrap.resamples:,} draws of participants.",
    )  # fmt: skip


def write(path: Path, made: Sequence[Line]) -> None:
    """Write the values that the table is made from, so that its means, ratios and intervals can be computed again."""
    with packed(path) as writer:
        writer.writerow(DATA)
        writer.writerows([["" if value is None else value for value in row] for row in values(made)])


def values(made: Sequence[Line]) -> Iterator[Sequence[Any]]:
    """Yield the value of each person; of measures of everybody's rounds that of all ("") and without each group (its number)."""
    for each in made:
        if each.reads == "study" and each.made.defined:
            yield _values(each, "", each.made)
        if each.made.defined or any(one.defined for _, one in each.parts):
            yield from (_values(each, who, one) for who, one in each.parts)


def _values(each: Line, who: str, one: Estimate) -> Sequence[Any]:
    known = (one.value, one.numerator, one.denominator, one.low, one.high) if one.defined else (None,) * 5
    return (each.condition, each.protocol, each.measure, each.reads, who, *known)


def _cells(story: Story) -> Iterator[Line]:
    for entry in measure:
        if entry.info["reads"] != "cell":
            continue
        for arm in story.arms:
            if entry.name not in {registered(name, arm) for name in MEASURES}:
                parts = tuple((who, entry.thing(theirs)) for who, theirs in arm.people.items())
                yield _of_people(
                    arm.group.condition, arm.group.protocol, arm.label, entry.name, "cell", parts, len(arm.rounds)
                )


def _of_people(
    condition: str, protocol: str, label: str, name: str, reads: str, parts: tuple[tuple[str, Estimate], ...], rounds: int
) -> Line:  # fmt: skip
    known = [one for _, one in parts if one.defined]
    why = next((one.why_undefined for _, one in parts), "no participant")
    value = math.fsum(one.value for one in known) / len(known) if known else math.nan
    return Line(
        condition=condition, protocol=protocol, label=label, measure=name, reads=reads, parts=parts, rounds=rounds,
        made=Estimate(value, None, None, sum(one.n for _, one in parts), "" if known else why),
    )  # fmt: skip


def _wholes(story: Story) -> Iterator[Line]:
    scored = [each for each in story.rounds if each.scored or each.probe]
    if len(scored) <= MOST:
        scored = [whole(each) for each in scored]  # read many times here, which is slow in columns
    labels: dict[str, str] = {}
    for arm in story.arms:
        labels.setdefault(arm.group.condition, arm.group.condition or arm.label)
    done: set[str] = set()
    for of in given(scored):
        name, label = of.entry.name, labels.get(of.condition, of.condition) or "all conditions"
        if of.entry.info["reads"] == "person":
            if of.condition != EVERYBODY:
                parts = tuple((theirs[0].participant, of.entry.thing(theirs)) for theirs in people_of(of.rounds))
                yield _of_people(of.condition, "", label, name, "person", parts, len(of.rounds))
        elif of.condition != EVERYBODY or name not in done:
            line = _study(of, label)
            done |= {name} if line.made.defined else set()
            yield line


def _study(of: Given, label: str) -> Line:
    name, n = of.entry.name, len(of.rounds)
    base: dict[str, Any] = {
        "condition": of.condition, "protocol": "", "label": label, "measure": name, "reads": "study", "rounds": n,
    }  # fmt: skip
    if n > (FITTED_MOST if name in FITTED else MOST):
        why = f"not fitted in a report of so many rounds ({n:,}): coplay measure --by study gives it"
        return Line(**base, made=Estimate(math.nan, None, None, n, why))
    made: Estimate = of.entry.thing(of.rounds)
    if not repeats(name, made):
        return Line(**base, made=made)
    parts = tuple((str(at), of.entry.thing(rest)) for at, rest in enumerate(rests(of.rounds), 1))
    return Line(**base, made=made, parts=parts)


def _row(each: Line, draws: Bootstrap) -> tuple[Any, ...] | None:
    if not each.made.defined:
        return None
    entry = measure[each.measure]
    what = (entry.thing.__doc__ or "").split("\n", maxsplit=1)[0].replace("`", "")
    if each.reads == "study":
        low, high, by, beware = spread(each.measure, each.made, [one.value for _, one in each.parts])
        cells = (low, high, by, None, None, None, None, None, None)
    else:
        cells, beware = _over_people(each, draws), each.beware
    return (
        each.measure.replace("_", " "), each.label, each.protocol.replace("_", "-") or None, entry.info["unit"], each.made.value,
        *cells, each.made.n, what, beware or None,
    )  # fmt: skip


def _over_people(each: Line, draws: Bootstrap) -> tuple[Any, ...]:
    estimates = [one for _, one in each.parts]
    known = [one for one in estimates if one.defined]
    found: Resampled = resample([estimates], draws.seed, draws.resamples, draws.confidence)[0]
    over, under = pool(known)
    ratio = over is not None and bool(under)
    counted = f"{over:,.6g} of {under:,.6g}" if ratio else None
    pooled = (over or 0.0) / under if ratio and under else math.nan
    ends_of = found.pooled if ratio else (math.nan, math.nan)
    by = None if math.isnan(found.mean[0]) else DRAWN
    return (*found.mean, by, len(known), len(estimates) - len(known), pooled, *ends_of, counted)


def _lacking(made: Sequence[Line]) -> list[tuple[Any, ...]]:
    """Return one row per reason, with the measures that no condition has."""
    known = {each.measure for each in made if each.made.defined}
    found: dict[str, dict[str, None]] = {}
    for each in made:
        if each.measure not in known:
            found.setdefault(each.made.why_undefined, {}).setdefault(each.measure.replace("_", " "))
    told: set[str] = set()
    rows: list[tuple[Any, ...]] = []
    for why, names in found.items():
        new = [name for name in names if name not in told]
        told |= set(new)
        if new:
            rows.append((", ".join(new), *[None] * (len(COLUMNS) - 2), why))
    return rows
