"""Quality: what speaks for looking twice at a session, each with its reason. Flags exclude nobody: that is for people to decide.

Read from the events alone. Thresholds are deliberately plain, and named in the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from game.events import Answered, Assigned, Gestured, Joined, Left, Opened, SessionEvent, Value
from game.fold import apply
from game.honesty import CARE, HELP
from game.plan import Step
from game.quiz import INSTRUCTED
from game.stages import AskOption, AskRate
from game.state import EMPTY, current_step, steps_of

Kind = Literal["attention", "comprehension", "straight_line", "same_answer", "focus", "automation", "honesty"]

LINE_LEAST = 5
"""Equal answers on one page of that many scales or more make a straight line."""
SAME_LEAST = 12
"""Equal decisions in a row, over rounds that did not have one truth."""
LOSSES, LOST_MS = 5, 60_000
"""Times, and milliseconds in all, that the window was left during scored rounds."""
TRAPS = {
    "webdriver": "the browser says that a program drives it",
    "synthetic": "buttons were pressed by a script",
    "field": "a field that nobody sees was filled in",
}


class Flag(msgspec.Struct, frozen=True):
    """One reason to look twice."""

    kind: Kind
    reason: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"


class Away(msgspec.Struct, frozen=True):
    """How often and for how long the window was left on one stage."""

    times: int = 0
    ms: int = 0


def flags_of(events: Sequence[SessionEvent]) -> tuple[Flag, ...]:
    """Return why a session should be looked at twice; empty for most."""
    given = [event for event in events if isinstance(event, Answered) and event.by == "participant"]
    return (
        *_attention(given), *_comprehension(given), *_lines(events, given), *_same(events, given), *_focus(events),
        *_automation(events), *_honesty(given),
    )  # fmt: skip


def away_by_stage(events: Sequence[SessionEvent]) -> dict[str, Away]:
    """Return "step/stage" -> how the window was left there, hidden tabs and lost connections alike."""
    found: dict[str, Away] = {}
    state, hidden, left = EMPTY, None, 0
    for event in events:
        step = current_step(state)
        place = f"{step.id}/{state.stage}" if step else ""
        if isinstance(event, Gestured) and place:
            for gesture in event.items:
                if gesture.name == "away":
                    hidden = gesture.ms
                    found[place] = _more(found, place, 1, 0)
                elif gesture.name == "back" and hidden is not None:
                    found[place] = _more(found, place, 0, max(0, gesture.ms - hidden))
                    hidden = None
        elif isinstance(event, Left) and place:
            left = event.at
        elif isinstance(event, Joined) and left and place:
            found[place] = _more(found, place, 1, (event.at - left) // 1000)
            left = 0
        if state.turn != (state := apply(state, event)).turn:
            hidden = None
    return found


def _more(found: Mapping[str, Away], place: str, times: int, ms: int) -> Away:
    held = found.get(place, Away())
    return Away(held.times + times, held.ms + ms)


def _attention(given: Sequence[Answered]) -> Iterator[Flag]:
    key = {f"attention_{number}": value for number, value in INSTRUCTED.items()}
    asked = [event for event in given if event.name in key]
    missed = sum(event.value != key[event.name] for event in asked)
    if missed:
        yield Flag("attention", f"{missed} of {len(asked)} instructed answers missed")


def _comprehension(given: Sequence[Answered]) -> Iterator[Flag]:
    attempts = max(Counter((e.step, e.name) for e in given if e.name.startswith("quiz_")).values(), default=0)
    if attempts > 1:
        yield Flag("comprehension", f"the questions were answered {attempts} times")


def _lines(events: Sequence[SessionEvent], given: Sequence[Answered]) -> Iterator[Flag]:
    """Pages of scales with one and the same answer throughout."""
    scales = _scales(events)
    pages: dict[tuple[int, str, int], list[Value]] = {}
    for event in given:
        if (event.step, event.stage, event.name) in scales:
            pages.setdefault((event.step, event.stage, event.at), []).append(event.value)
    steps = _steps(events)
    for (index, _, _), values in pages.items():
        if len(values) >= LINE_LEAST and len(set(values)) == 1:
            where = steps[index].id if index < len(steps) else "a page"
            yield Flag("straight_line", f"{len(values)} equal answers on {where}")


def _scales(events: Sequence[SessionEvent]) -> set[tuple[int, str, str]]:
    """Return (step, stage, ask) of every question with a scale."""
    scripts = [(0, e.intake) for e in events if isinstance(e, Opened)]
    first = len(scripts[0][1].steps) if scripts else 0
    scripts += [(first, e.plan) for e in events if isinstance(e, Assigned)]
    return {
        (start + index, stage.name, ask.name)
        for start, script in scripts
        for index, step in enumerate(script.steps)
        if not step.card
        for stage in script.stages[step.key]
        for ask in stage.ask
        if isinstance(ask, AskRate) or (isinstance(ask, AskOption) and len(ask.values) >= LINE_LEAST)
    }


def _steps(events: Sequence[SessionEvent]) -> tuple[Step, ...]:
    state = EMPTY
    for event in events:
        if isinstance(event, Opened | Assigned):
            state = apply(state, event)
    return steps_of(state)


def _same(events: Sequence[SessionEvent], given: Sequence[Answered]) -> Iterator[Flag]:
    steps = _steps(events)
    run = longest = 0
    truths: set[str] = set()
    last: Value = None
    for event in given:
        step = steps[event.step] if event.step < len(steps) else None
        if event.name != "final" or step is None or step.card is None or not step.scored:
            continue
        if event.value != last:
            run, truths = 0, set[str]()
        run += 1
        truths.add(step.card.truth)
        last = event.value
        longest = max(longest, run if len(truths) > 1 else 0)
    if longest >= SAME_LEAST:
        yield Flag("same_answer", f"{longest} rounds in a row were decided alike, with different truths")


def _focus(events: Sequence[SessionEvent]) -> Iterator[Flag]:
    scored = {step.id for step in _steps(events) if step.scored}
    away = {place: each for place, each in away_by_stage(events).items() if place.rpartition("/")[0] in scored}
    times, ms = sum(each.times for each in away.values()), sum(each.ms for each in away.values())
    if times >= LOSSES or ms >= LOST_MS:
        most = max(away, key=lambda place: (away[place].ms, away[place].times))
        yield Flag("focus", f"the window was left {times} times, {ms / 1000:.0f} s in all, longest at {most}")


def _automation(events: Sequence[SessionEvent]) -> Iterator[Flag]:
    batches = (event.items for event in events if isinstance(event, Gestured))
    met = dict.fromkeys(str(gesture.value) for items in batches for gesture in items if gesture.name == "trap")
    for trap in met:
        yield Flag("automation", TRAPS.get(trap, trap))


def _honesty(given: Sequence[Answered]) -> Iterator[Flag]:
    said = {event.name: event.value for event in given}
    if said.get(HELP) not in (None, "alone"):
        yield Flag("honesty", f"said to have had help: {said[HELP]}")
    if said.get(CARE) == "no":
        yield Flag("honesty", "said not to have answered with care")
