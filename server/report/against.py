"""Against the plan: what was preregistered beside what was done, line by line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from game.round import Round
from server.report import planned
from server.report.inference.effect import Effect
from server.report.inference.exclusions import LEAVE_OUT, RULES
from server.report.planned import BadPlan, Planned, PlannedArm
from server.report.source import Source

__all__ = ["BadPlan", "Change", "changed", "compare"]

Kind = Literal["as planned", "changed", "added", "dropped", "cannot be told"]
CLOSE = 0.05
"""By how much a share may miss what was planned and still be called as planned: people drop out."""
SHARE, WRONG = "share of participants in ", "rounds with a wrong AI in "
"""What lines of a condition begin with, before its name."""
DEEP = 40
"""At most so many changed places of the study file are listed, one line each."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One line: what was planned, what was done, and whether that is the same."""

    topic: Literal["study", "sample", "arms", "rounds", "tests", "exclusions"]
    what: str
    """What is compared, e.g. "participants" or "scored rounds per person in map"."""
    planned: str
    done: str
    kind: Kind
    note: str = ""
    """What a reader has to know, e.g. why it cannot be told."""


def compare(prereg: Path, source: Source, effects: Sequence[Effect] | None = None) -> tuple[Change, ...]:
    """Return every line, the unchanged ones too, in the order of the form.

    Args:
        prereg: `prereg.json`, or the folder that `coplay prereg` wrote.
        source: Rounds and what is known of their file, as `server.report.source` reads them.
        effects: What was computed; without them it is only told which planned tests lack a condition.

    Raises:
        BadPlan: for a file that is no preregistration.
        OSError: where it cannot be opened.
    """
    plan = planned.read(prereg)
    rounds = [each for each in source.rounds if each.study == plan.study]
    return (
        *_study(plan, source),
        *_sample(plan, source, rounds),
        *_arms(plan, rounds),
        *(_tests(plan, rounds) if effects is None else _tested(plan, effects)),
        *_exclusions(plan, source),
    )


def changed(lines: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the lines that are not as planned."""
    return tuple(line for line in lines if line.kind != "as planned")


def _line(topic: Any, what: str, before: object, after: object, note: str = "", *, same: bool | None = None) -> Change:
    equal = before == after if same is None else same
    kind: Kind = "as planned" if equal else "changed"
    return Change(topic=topic, what=what, planned=str(before), done=str(after), kind=kind, note=note)


def _study(plan: Planned, source: Source) -> Iterator[Change]:
    names = sorted({each.study for each in source.rounds})
    yield _line("study", "study", plan.study, ", ".join(names) or "no round", same=names == [plan.study])
    if not source.studies:
        note = "the data do not name the study file that was played (rounds files and imports do not)"
        yield Change(
            topic="study", what="study file", planned=plan.digest[:12], done="", kind="cannot be told", note=note
        )
        return
    for digest, played in sorted(source.studies.items()):
        note = f"{played.sessions} sessions"
        yield _line("study", "study file", plan.digest[:12], digest[:12], note)
        if digest != plan.digest and played.file:
            yield from _differences(plan.file, msgspec.json.decode(played.file))


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """Compare two study files key by key; tables with names are matched by them, so that an order says nothing."""
    found = sorted(_walk("", before, after))
    for where, old, new in found[:DEEP]:
        kind: Kind = "added" if old == "" else "dropped" if new == "" else "changed"
        yield Change(topic="study", what=where, planned=old, done=new, kind=kind)
    if len(found) > DEEP:
        note = "the rest is in the two files"
        text = f"{len(found) - DEEP} more places of the study file"
        yield Change(topic="study", what=text, planned="", done="", kind="changed", note=note)


def _walk(at: str, before: Any, after: Any) -> Iterator[tuple[str, str, str]]:
    before, after = _named(before), _named(after)
    if isinstance(before, dict) and isinstance(after, dict):
        old, new = _table(before), _table(after)
        for key in {**old, **new}:
            yield from _walk(f"{at}.{key}" if at else key, old.get(key), new.get(key))
    elif before != after:
        yield at, _told(before), _told(after)


def _table(value: Any) -> dict[str, Any]:
    return dict(value)


def _named(value: Any) -> Any:
    """Return a list of tables with names as a table by name; everything else as it is."""
    try:
        by_name = msgspec.convert(value, list[dict[str, Any]])
    except msgspec.ValidationError:
        return value
    names = [str(row["name"]) for row in by_name if "name" in row]
    return dict(zip(names, by_name, strict=True)) if names and len(set(names)) == len(by_name) else value


def _told(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _sample(plan: Planned, source: Source, rounds: list[Round]) -> Iterator[Change]:
    people = {each.participant for each in rounds}
    kinds = Counter(dict(sorted({each.participant: each.source for each in rounds}.items())).values())
    note = plan.stopping
    if plan.n:
        yield _line("sample", "participants with rounds", plan.n, len(people), note)
    else:
        yield Change(
            topic="sample", what="participants with rounds", planned="open", done=str(len(people)),
            kind="cannot be told", note="the study file gives no n",
        )  # fmt: skip
    if set(kinds) - {"coplay"}:
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        yield Change(topic="sample", what="source of the rounds", planned="people", done=told, kind="changed")
    for why, count in sorted(source.left_out.items()):
        yield Change(
            topic="sample", what="sessions left out", planned="", done=f"{count}: {why}", kind="added",
            note="compare with the stopping rule and the exclusions",
        )  # fmt: skip


def _arms(plan: Planned, rounds: list[Round]) -> Iterator[Change]:
    scored = [each for each in rounds if each.scored]
    by_arm: defaultdict[str, list[Round]] = defaultdict(list)
    for each in scored:
        by_arm[each.condition].append(each)
    for arm in plan.arms:
        mine = by_arm.pop(arm.condition, [])
        if not mine:
            yield Change(topic="arms", what=arm.condition, planned="played", done="no scored round", kind="dropped")
            continue
        yield from _arm(arm, mine, len({each.participant for each in scored}))
    for name, mine in sorted(by_arm.items()):
        yield Change(topic="arms", what=name, planned="", done=f"{len(mine)} scored rounds", kind="added")


def _arm(arm: PlannedArm, mine: list[Round], everybody: int) -> Iterator[Change]:
    name, people = arm.condition, len({each.participant for each in mine})
    share = people / everybody
    near = abs(share - arm.share) <= CLOSE
    yield _line("arms", f"{SHARE}{name}", f"{arm.share:.0%}", f"{share:.0%}", same=near)
    mean = len(mine) / people
    near = abs(mean - arm.rounds) <= max(0.5, CLOSE * arm.rounds)
    yield _line("rounds", f"scored rounds per person in {name}", f"{arm.rounds:g}", f"{mean:.3g}", same=near)
    if arm.ai_wrong is not None:
        wrong = sum(each.ai_correct is False for each in mine) / people
        near = abs(wrong - arm.ai_wrong) <= max(0.5, CLOSE * arm.rounds)
        yield _line("rounds", f"{WRONG}{name}", f"{arm.ai_wrong:g}", f"{wrong:.3g}", same=near)
    for what, before, after in (
        ("AI model", arm.model, {each.model for each in mine}),
        ("explanation method", arm.method, {each.method for each in mine}),
        ("protocol", arm.protocol, {each.protocol for each in mine}),
    ):
        met = ", ".join(sorted(after)) or "none"
        free = what == "protocol" and before == "varies"
        yield _line("arms", f"{what} in {name}", before or "none", met or "none", same=free or after == {before})


def _tests(plan: Planned, rounds: list[Round]) -> Iterator[Change]:
    """Say of each planned test whether the data have both sides of it."""
    met = {each.condition for each in rounds if each.scored}
    for test in plan.tests:
        what = f"{test.outcome}: {test.contrast} against {test.reference} ({test.family})"
        lacking = [name for name in (test.contrast, test.reference) if name not in met]
        margin = f"margin {test.margin:g} ({test.margin_scale})" if test.margin is not None else "no margin"
        if lacking:
            done = f"cannot be computed: no scored round in {', '.join(lacking)}"
            yield Change(topic="tests", what=what, planned=margin, done=done, kind="dropped")
        else:
            note = (
                "the data have both conditions; whether the test can be computed, and with which margin, a report says"
            )
            yield Change(topic="tests", what=what, planned=margin, done="", kind="cannot be told", note=note)


def _tested(plan: Planned, effects: Sequence[Effect]) -> Iterator[Change]:
    """Hold each planned test against the effect that was computed: is there a number, with which margin, level and family?"""
    levels = {each.level for each in effects} or {0.95}
    told = ", ".join(f"{1 - level:.3g}" for level in sorted(levels))
    yield _line("tests", "level of the tests", f"{plan.alpha:.3g}", told)
    made = {(each.outcome, each.contrast, each.reference): each for each in effects}
    for test in plan.tests:
        what = f"{test.outcome}: {test.contrast} against {test.reference} ({test.family})"
        planned_margin = _margin(test.margin, declared=test.declared)
        each = made.pop((test.outcome, test.contrast, test.reference), None)
        if each is None or not each.defined:
            why = each.undefined_because if each else "it is not among the effects"
            yield Change(
                topic="tests", what=what, planned=planned_margin, done=f"cannot be computed: {why}", kind="dropped"
            )
            continue
        near = each.equivalence
        done = _margin(near.margin if near else None, declared=bool(near and near.declared))
        yield _line("tests", what, f"{planned_margin}, {test.family}", f"{done}, {each.family}")
    for each in made.values():
        if each.family == "confirmatory":
            what = f"{each.outcome}: {each.contrast} against {each.reference} (confirmatory)"
            yield Change(topic="tests", what=what, planned="", done="confirmatory", kind="added")


def _margin(margin: float | None, *, declared: bool) -> str:
    return "no margin" if margin is None else f"margin {margin:g} ({'declared' if declared else 'a default'})"


def _exclusions(plan: Planned, source: Source) -> Iterator[Change]:
    """Rules of the study close sessions before any round; those of the report are shown both ways, in table T7."""
    for rule in plan.exclusions:
        note = "the study closes such sessions before a condition is met; the sessions left out are counted above, by reason"
        yield Change(topic="exclusions", what=rule, planned="applied", done="", kind="cannot be told", note=note)
    ours = {rule.name: rule.limit for rule in LEAVE_OUT}
    for name, limit in plan.rules:
        what = RULES[name][1].format(limit=limit) if name in RULES else f"{name} {limit:g}"
        done = (
            "shown with and without them (table T7)" if ours.get(name) == limit else f"limit {ours.get(name, 'none')}"
        )
        yield _line("exclusions", what, "shown with and without them (table T7)", done)
    for name in ("excluded_participants", "excluded_rounds"):
        if name in source.facts:
            done = f"{source.facts[name]} {name.removeprefix('excluded_')} were kept out of the file"
            yield Change(topic="exclusions", what="excluded beforehand", planned="", done=done, kind="added")
