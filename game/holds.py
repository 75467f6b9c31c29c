"""Whether a predicate of the plan holds in a state. A closed set: the plan has no expression language."""

from __future__ import annotations

from typing import assert_never

from game.events import Value
from game.plan import Step
from game.state import State, steps_of
from game.when import (
    Amount,
    AnsweredIn,
    AttemptsUnder,
    CountCorrect,
    Drawn,
    HolderIs,
    Marked,
    Matches,
    ScreenUnder,
    ShiftUnder,
    Touching,
    When,
)


def holds(state: State, step: Step, when: When) -> bool:
    """Tell whether a predicate holds for `step` in `state`."""
    match when:
        case AnsweredIn(name, values):
            return str(latest(state, name)) in values
        case CountCorrect(phase, least, under):
            enough = correct_in(state, phase=phase) >= least
            return not enough if under else enough
        case HolderIs(who):
            return state.holder == who
        case AttemptsUnder(name, n):
            return sum(name in given for given in state.answers.values()) < n
        case Drawn(name):
            return step.card is not None and name in step.card.draws
        case Marked(name):
            return step.card is not None and step.card.more is not None and name in step.card.more.marks
        case Amount(name, least, under):
            given = latest(state, name)
            enough = isinstance(given, int | float) and given >= least
            return not enough if under else enough
        case Matches(key, least, under):
            enough = sum(str(latest(state, name)) == value for name, value in key.items()) >= least
            return not enough if under else enough
        case ShiftUnder(seconds):
            return state.spent < seconds * 1_000_000
        case ScreenUnder(width, height):
            client = state.client
            return client is not None and client.width > 0 and (client.width < width or client.height < height)
        case Touching():
            return state.client is not None and state.client.touch
    assert_never(when)


def opens(state: State, step: Step) -> bool:
    """Tell whether all predicates of a step hold."""
    return all(holds(state, step, when) for when in step.when)


def correct_in(state: State, phase: str = "", block: str = "", name: str = "final") -> int:
    """Count the right answers called `name` of a phase or a block so far; practice counts in its own phase only."""
    total = 0
    for index, step in enumerate(steps_of(state)):
        if step.card and (not phase or step.phase == phase) and (not block or step.block == block):
            total += state.answers.get(index, {}).get(name) == step.card.truth
    return total


def latest(state: State, name: str) -> Value:
    """Return the answer called `name` of this step, else the latest before it, or None."""
    here = state.answers.get(state.step, {})
    if name in here:
        return here[name]
    return next((state.answers[i][name] for i in sorted(state.answers, reverse=True) if name in state.answers[i]), None)
