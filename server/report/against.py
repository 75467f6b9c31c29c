"""Against the plan: what was preregistered beside what was done, line by line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from game.round import Round
from server.report import planned
from server.report.planned import BadPlan, Planned, PlannedArm
from server.report.source import Source

__all__ = ["BadPlan", "Change", "changed", "compare"]

Kind = Literal["as planned", "changed", "added", "dropped", "cannot be told"]
CLOSE = 0.05
"""By how much a share may miss what was planned and still be called as planned: people drop out."""
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


def compare(prereg: Path, source: Source) -> tuple[Change, ...]:
    """Return every line, the unchanged ones too, in the order of the form.

    Args:
        prereg: `prereg.json`, or the folder that `coplay prereg` wrote.
        source: Rounds and what is known of their file, as `server.report.source` reads them.

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
        *_tests(plan, rounds),
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
    yield _line("arms", f"share of participants in {name}", f"{arm.share:.0%}", f"{share:.0%}", same=near)
    mean = len(mine) / people
    near = abs(mean - arm.rounds) <= max(0.5, CLOSE * arm.rounds)
    yield _line("rounds", f"scored rounds per person in {name}", f"{arm.rounds:g}", f"{mean:.3g}", same=near)
    if arm.ai_wrong is not None:
        wrong = sum(each.ai_correct is False for each in mine) / people
        near = abs(wrong - arm.ai_wrong) <= max(0.5, CLOSE * arm.rounds)
        yield _line("rounds", f"rounds with a wrong AI in {name}", f"{arm.ai_wrong:g}", f"{wrong:.3g}", same=near)
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
            yield Change(topic="tests", what=what, planned=margin, done=margin, kind="as planned")


def _exclusions(plan: Planned, source: Source) -> Iterator[Change]:
    """Rules are applied by the analysis, shown both ways; here stand those that the file itself applied."""
    for rule in plan.exclusions:
        note = "the report shows results with and without the excluded"
        yield Change(topic="exclusions", what=rule, planned="applied", done="", kind="cannot be told", note=note)
    for name in ("excluded_participants", "excluded_rounds"):
        if name in source.facts:
            done = f"{source.facts[name]} {name.removeprefix('excluded_')} were kept out of the file"
            yield Change(topic="exclusions", what="excluded beforehand", planned="", done=done, kind="added")
