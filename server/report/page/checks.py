"""Table T7: the effects once more by other readings of who counts and who was exposed; do they hold?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from game.round import Round
from server.report.figures.draw import count
from server.report.inference.comparison import Comparison, compare
from server.report.inference.effect import Effect
from server.report.inference.exclusions import LEAVE_OUT, RULES, BothWays, before, both_ways, excluded_by
from server.report.inference.exposure import as_treated, cace, intention_to_treat, read_explanation
from server.report.inference.weighted import given, ipw
from server.report.page.story import Story
from server.report.plate import Table

CHECKED = ("accuracy", "over_reliance", "under_reliance", "agreement")
"""Outcomes that are checked: those of the report's summary."""
DRAWS = ("shadow", "probe_initial")
ASSIGNED, WITHOUT, UNFLAGGED = "as assigned, everybody", "without those left out", "without flagged people"
TREATED, COMPLIERS, WEIGHTED = "as treated (not causal)", "effect on compliers (CACE)", "own answers, weighted"
TO_ALL = "everybody was exposed exactly as assigned, so this is the estimate as assigned"
LEAD = (
    "Who counts and who was exposed can be read in several ways. Here every main comparison stands in each of them, so that"
    " nobody has to trust one choice."
)
NO_AI = "the AI's answer came with the explanation, so the assignment does not act through the explanation only"
OTHER_FORM = "the conditions differ in protocol, too, so the assignment does not act through looking only"
COLUMNS = (
    "check", "outcome", "condition", "against", "estimate", "low", "high", "scale", "p", "people", "specimens", "rounds",
    "causal", "beware",
)  # fmt: skip
Checked = tuple[str, Effect, str]
"""Name of the check, its effect, and what is to be told besides."""


def checked(story: Story) -> Table:
    """T7: intention to treat, exclusions both ways, as treated, CACE, and weighted own answers."""
    made = [*_compared(story), *_own(story)]
    rules = "; ".join(RULES[rule.name][1].format(limit=rule.limit) for rule in LEAVE_OUT)
    return Table(
        id="T7", topic="Checks of the effects", columns=COLUMNS, rows=_rows(made), folded=24,
        missing="there is one condition only, and nobody's own answer was drawn at random",
        note=f"Left out by the second way: {rules}. Nobody else is, and no rule reads what came after the assignment.",
        how=(
            "The first line of each comparison is the effect as everybody was assigned (intention to treat), whoever looked at"
            " what. Those below ask the same with fewer people, or by what was on the screen. An effect that changes its sign"
            " here does not hold. Causal: whether the assignment alone stands behind it; people choose what they look at, so"
            " 'as treated' is not. Compliers are those whom the assignment made look at an explanation for a second or more;"
            " the assignment is the instrument, and is taken to act through looking only. Weighted: own answers asked in"
            " drawn rounds, each counted 1 / its probability of being asked. p is not corrected for several tests here."
        ),
    )  # fmt: skip


def _compared(story: Story) -> Iterator[Checked]:
    """Yield the checks of every compared pair of conditions, pair by pair."""
    pairs = list(dict.fromkeys((each.contrast, each.reference) for each in story.effects))
    wanted = [each for pair in pairs for each in story.effects
              if (each.contrast, each.reference) == pair and each.outcome in CHECKED]  # fmt: skip
    rounds = [each for each in story.rounds if each.scored]
    sides = [_comparison(rounds, each) for each in wanted]
    out = excluded_by(story.rounds, LEAVE_OUT)
    kept = _both(story, wanted) if out else {}
    early, alone = _early(story), {arm.group.condition for arm in story.arms if arm.alone}
    for each, side in zip(wanted, sides, strict=True):
        yield ASSIGNED, intention_to_treat(side, level=story.level), ""
        yield _kept(each, kept.get(each.name), early=early)
        yield from _unflagged(story, each)
        for name, method in ((TREATED, as_treated), (COMPLIERS, cace)):
            why = NO_AI if each.reference in alone else OTHER_FORM if method is cace and ", " in side.protocol else ""
            yield name, _nothing(each, why) if why else _exposed(side, partial(method, level=story.level)), ""


def _comparison(rounds: Sequence[Round], each: Effect) -> Comparison:
    two = [one for one in rounds if one.condition in (each.contrast, each.reference)]
    return compare(two, each.outcome, each.contrast, each.reference, study=each.study)


def _early(story: Story) -> bool:
    """Tell whether anybody has a round before the AI came, that a rule could read."""
    people: dict[str, list[Round]] = {}
    for each in story.rounds:
        people.setdefault(each.participant, []).append(each)
    return any(before(theirs) for theirs in people.values())


def _both(story: Story, wanted: Sequence[Effect]) -> dict[str, BothWays]:
    def of(rounds: Sequence[Round]) -> list[Effect]:
        return [
            replace(intention_to_treat(_comparison(rounds, each), level=story.level), name=each.name) for each in wanted
        ]

    return {each.everybody.name: each for each in both_ways(story.rounds, LEAVE_OUT, of)}


def _kept(each: Effect, made: BothWays | None, *, early: bool) -> Checked:
    if made is None:
        why = "the rules leave nobody out" if early else "there is no round before the AI, and rules read only those"
        return WITHOUT, _nothing(each, why), ""
    told = ", ".join(f"{name} {n}" for name, n in made.excluded.items())
    return WITHOUT, made.kept, f"people left out: {told}"


def _unflagged(story: Story, each: Effect) -> Iterator[Checked]:
    """Yield the effect without people who have a flag; whether flags are pre-treatment is not known."""
    marked = _flagged(story)
    if not marked:
        return
    left = [one for one in story.rounds if one.scored and one.participant not in marked]
    made = replace(intention_to_treat(_comparison(left, each), level=story.level), causal=False)
    names = ", ".join(sorted({flag for flags in marked.values() for flag in flags}))
    told = f"{count(len(marked), 'person', 'people')} flagged ({names}); flags may depend on the condition"
    yield UNFLAGGED, made, told


def _flagged(story: Story) -> dict[str, set[str]]:
    """Return participant -> flags, of rounds (imported remarks) and of sessions (see `game.quality`)."""
    played = {one.participant for one in story.rounds if one.scored}
    found: dict[str, set[str]] = {}
    for one in story.rounds:
        if one.flags:
            found.setdefault(one.participant, set()).update(one.flags)
    for row in story.gathered.sessions:
        if row.get("flags"):
            found.setdefault(str(row["subject_id"]), set()).update(str(row["flags"]).split())
    return {who: flags for who, flags in found.items() if who in played}


def _exposed(side: Comparison, method: Callable[[Comparison], Effect]) -> Effect:
    """Return the effect by exposure, or why it says nothing more than the assignment does."""
    seen = [float(read_explanation(each)) for each in side.rounds]
    made = method(side)
    if made.defined and seen in (side.x.tolist(), (1 - side.x).tolist()):
        return side.undefined("", made.scale, TO_ALL, causal=made.causal)
    return made


def _nothing(each: Effect, why: str) -> Effect:
    return Effect(
        name=each.name, study=each.study, outcome=each.outcome, contrast=each.contrast, reference=each.reference,
        scale=each.scale, undefined_because=why,
    )  # fmt: skip


def _own(story: Story) -> Iterator[Checked]:
    """Yield people's own accuracy where it was asked in drawn rounds only, by condition and against the reference, or the first."""
    first = next((each.reference for each in story.effects if each.outcome in CHECKED), "")
    names = sorted({arm.group.condition for _, arm in story.assisted})
    for draw in DRAWS:
        drawn = [name for name in names if _asked(story, name, draw)]
        for name in drawn:
            yield f"{WEIGHTED} ({draw})", ipw(story.rounds, name, draw=draw, level=story.level), ""
            base = first if first in drawn else drawn[0]
            if name != base and base:  # without a name it cannot be told from no reference
                yield f"{WEIGHTED} ({draw})", ipw(story.rounds, name, base, draw=draw, level=story.level), ""
        if names and not drawn:
            why = "no case was left to the AI" if draw == "shadow" else "no first answer was asked in drawn rounds only"
            yield f"{WEIGHTED} ({draw})", Effect(name="", outcome="own_accuracy", contrast="", reference="",
                                                 undefined_because=f"{why}, so there is nothing to weight"), ""  # fmt: skip


def _asked(story: Story, name: str, draw: str) -> bool:
    mine = [each for each in story.rounds if each.scored and each.condition == name]
    return any(each.propensities.get(draw, 0) > 0 or (draw == "shadow" and given(each)) for each in mine)


def _rows(made: Sequence[Checked]) -> list[tuple[Any, ...]]:
    """Return one row an effect; outcomes of one comparison that lack an effect for one reason share a row."""
    found: dict[tuple[str, ...], list[Any]] = {}
    for at, (name, each, told) in enumerate(made):
        words = tuple(word for word in (each.undefined_because, told, *each.warnings) if word)
        key = (name, each.contrast, each.reference, each.undefined_because or str(at))
        outcome = each.outcome.replace("_", " ")
        if key in found:
            found[key][1] += f", {outcome}"
            continue
        known = each.defined
        found[key] = [
            name, outcome, each.contrast or None, each.reference or None, each.estimate, each.low, each.high,
            each.scale if known else None, each.p, each.clusters.participants if known else None,
            each.clusters.items if known else None, each.n if known else None, each.causal if known else None,
            "; ".join(dict.fromkeys(words)) or None,
        ]  # fmt: skip
    return [tuple(row) for row in found.values()]
