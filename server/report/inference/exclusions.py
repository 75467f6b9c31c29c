"""Exclusions, shown both ways: with everybody, and without those whom a rule leaves out; rules read pre-treatment data only.

What is known of a person before the first round with an AI cannot be caused by the condition. Rules on later times or answers
would compare different people in different conditions: they are refused.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import msgspec

from game.round import Round
from server.report.inference.effect import Effect

Leaves = Callable[[Sequence[Round], float], bool]
"""(rounds before the AI, limit) -> leave this person out."""


class Rule(msgspec.Struct, frozen=True):
    """An exclusion: the name of a rule in `RULES`, and its limit."""

    name: str
    limit: float


LEAVE_OUT = (
    Rule("before_median_ms_below", 1000),
    Rule("before_same_answer_from", 1.0),
    Rule("before_catches_failed_above", 0),
    Rule("before_away_ms_above", 60_000),
)
"""A report's rules for the second way, as a preregistration names them; all read what was there before the AI came."""


class BothWays(msgspec.Struct, frozen=True):
    """An effect with everybody and without those excluded, and how many those are in each condition."""

    everybody: Effect
    kept: Effect
    rules: tuple[Rule, ...]
    excluded: Mapping[str, int]
    """Condition -> participants left out. Unequal numbers are a warning by themselves."""


def _slow(before: Sequence[Round], limit: float) -> bool:
    times = [each.total_ms for each in before if each.total_ms is not None]
    return bool(times) and statistics.median(times) < limit


def _inaccurate(before: Sequence[Round], limit: float) -> bool:
    right = [bool(each.correct) for each in before if each.correct is not None]
    return bool(right) and sum(right) / len(right) < limit


def _monotonous(before: Sequence[Round], limit: float) -> bool:
    answers = [each.final for each in before if each.final is not None]
    return len(answers) >= 2 and max(answers.count(each) for each in set(answers)) / len(answers) >= limit


def _inattentive(before: Sequence[Round], limit: float) -> bool:
    return sum(each.correct is False for each in before if each.probe == "catch") > limit


def _away(before: Sequence[Round], limit: float) -> bool:
    return sum(each.away_ms for each in before) > limit


RULES: Mapping[str, tuple[Leaves, str]] = {
    "before_median_ms_below": (_slow, "median time of the rounds before the AI below {limit:g} ms"),
    "before_accuracy_below": (_inaccurate, "share right before the AI below {limit:g}"),
    "before_same_answer_from": (_monotonous, "one answer in {limit:g} or more of the rounds before the AI"),
    "before_catches_failed_above": (_inattentive, "more than {limit:g} catch rounds failed before the AI"),
    "before_away_ms_above": (_away, "away for more than {limit:g} ms before the AI"),
}
"""Name -> rule and what a report says of it. A person without any round before the AI is never excluded by them."""


def before(rounds: Sequence[Round]) -> list[Round]:
    """Return one person's rounds before the first with an AI, scored or not (practice with the AI ends it, too)."""
    ordered = sorted(rounds, key=lambda each: each.round)
    first = next((at for at, each in enumerate(ordered) if each.protocol != "alone"), len(ordered))
    return ordered[:first]


def excluded_by(rounds: Sequence[Round], rules: Sequence[Rule]) -> set[tuple[str, str]]:
    """Return (study, participant) of those whom a rule leaves out; raises ValueError for a rule that is refused."""
    for rule in rules:
        if rule.name not in RULES:
            raise ValueError(
                f"the exclusion {rule.name!r} is refused: only rules on data from before the AI keep the conditions "
                f"comparable. There are: {', '.join(RULES)}"
            )
    people: defaultdict[tuple[str, str], list[Round]] = defaultdict(list)
    for each in rounds:
        people[each.study, each.participant].append(each)
    early = {who: before(theirs) for who, theirs in people.items()}
    return {who for who, theirs in early.items() if any(RULES[rule.name][0](theirs, rule.limit) for rule in rules)}


def both_ways(
    rounds: Sequence[Round], rules: Sequence[Rule], of: Callable[[Sequence[Round]], Sequence[Effect]]
) -> tuple[BothWays, ...]:
    """Return every effect that `of` gives, with everybody and without those excluded, paired by name.

    Raises ValueError for a rule that is refused.
    """
    out = excluded_by(rounds, rules)
    kept = [each for each in rounds if (each.study, each.participant) not in out]
    all_of_them, those = of(rounds), {(each.study, each.name): each for each in of(kept)}
    counts: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in rounds:
        if (each.study, each.participant) in out and each.scored:
            counts[each.study, each.condition].add(each.participant)
    made: list[BothWays] = []
    for each in all_of_them:
        other = those.get((each.study, each.name))
        if other is None:
            gone = "nobody is left in one of the conditions"
            other = Effect(name=each.name, outcome=each.outcome, contrast=each.contrast, reference=each.reference,
                           study=each.study, protocol=each.protocol, source=each.source, scale=each.scale,
                           undefined_because=gone)  # fmt: skip
        excluded = {arm: len(counts[each.study, arm]) for arm in (each.contrast, each.reference)}
        made.append(BothWays(each, other, tuple(rules), excluded))
    return tuple(made)
