"""Folding: `apply` folds one event into a state, `fold` a log. Total: it never refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from msgspec.structs import replace

from game.events import (
    Answered,
    Assigned,
    Closed,
    Erased,
    Gestured,
    Joined,
    Left,
    Localised,
    Noted,
    Opened,
    Paused,
    Resized,
    Resumed,
    SessionEvent,
    Shown,
    TimedOut,
    Value,
    Withdrawn,
)
from game.holds import holds, opens
from game.plan import Step
from game.stages import AskAct, AskLabel, AskOption, Stage
from game.state import CLOSE, EMPTY, State, current_stage, current_step, table_of


def apply(state: State, event: SessionEvent) -> State:
    """Return the state after `event`. Unknown situations leave the state as it is, apart from `seq` and `at`."""
    state = replace(state, seq=state.seq + 1, at=event.at)
    match event:
        case Opened():
            opened = replace(state, opened=event, lang=event.lang)
            return _seek(opened, 0, "")
        case Assigned():
            return _seek(replace(state, assigned=event), state.step, "")
        case Joined():
            return _back(state, event)
        case Resized():
            return replace(state, client=event.client)
        case Left():
            return replace(state, present=False, away_since=event.at)
        case Localised():
            return _screen(replace(_spend(state), lang=event.lang))
        case Shown():
            return _painted(state, event)
        case Answered():
            return _answered(state, event)
        case TimedOut():
            return _timed_out(state, event)
        case Paused():
            return _screen(replace(_spend(state), paused=True))
        case Resumed():
            return _screen(replace(state, paused=False))
        case Withdrawn():
            return state
        case Closed():
            return _screen(replace(state, closed=event.outcome, stage=""))
        case Gestured() | Noted():
            return state
        case Erased():
            return replace(state, erased=True)
    assert_never(event)


def fold(events: Iterable[SessionEvent], state: State = EMPTY) -> State:
    """Return the state after all `events`."""
    for event in events:
        state = apply(state, event)
    return state


def _screen(state: State) -> State:
    """Mark that the screen changed: it has to be painted again before it can be answered."""
    return replace(state, turn=state.seq, shown="", since=0, painted=False, entered=state.at)


def _spend(state: State) -> State:
    """Add the time that the present screen was in view to its block's."""
    if not state.since or not state.block:
        return state
    return replace(state, spent=state.spent + max(0, state.at - state.since), since=0)


def _enter(state: State, step: Step) -> State:
    """A new block begins in the person's own hands, with its clock at zero."""
    if step.block == state.block:
        return state
    return replace(state, block=step.block, spent=0, holder="me")


def _back(state: State, event: Joined) -> State:
    """The time away does not count: the screen's clock is moved forward by it."""
    away = event.at - state.away_since if state.away_since and state.since else 0
    since = state.since + away
    return replace(state, present=True, painted=False, away_since=0, since=since, client=event.client)


def _painted(state: State, event: Shown) -> State:
    if event.of != state.turn:
        return state
    if state.shown:  # painted again after a reload: the clock goes on
        return replace(state, painted=True)
    return replace(state, painted=True, shown=event.view, since=event.at - event.ago_ms * 1000)


def _answered(state: State, event: Answered) -> State:
    given = {**state.answers.get(event.step, {}), event.name: event.value}
    state = replace(state, answers={**state.answers, event.step: given})
    if event.by != "participant":
        by = {**state.givers.get(event.step, {}), event.name: event.by}
        return replace(state, givers={**state.givers, event.step: by})
    if event.name == "handover":
        state = replace(state, holder=str(event.value))
    stage = current_stage(state)
    if stage is None or event.step != state.step or event.stage != state.stage:
        return state
    goto = _destination(stage, event.name, event.value, given)
    return _seek(state, state.step, goto) if goto else state


def _destination(stage: Stage, name: str, value: Value, given: Mapping[str, Value]) -> str:
    """Where an answer leads: a pressed button leads at once, inputs lead when the last one is given; "" stays."""
    acts = [ask for ask in stage.ask if isinstance(ask, AskAct)]
    pressed = next((a for a in acts if a.name == name and a.value == value), None)
    if pressed is not None:
        return pressed.goto or stage.then
    inputs = [ask for ask in stage.ask if not isinstance(ask, AskAct)]
    if not inputs or name != inputs[-1].name:
        return ""
    if any(act.confirms and act.name for act in acts):
        return ""  # a named confirming button is itself the last answer
    for ask in inputs:
        if isinstance(ask, AskLabel | AskOption) and str(given[ask.name]) in ask.goto:
            return ask.goto[str(given[ask.name])]
    return stage.then


def _timed_out(state: State, event: TimedOut) -> State:
    stage = current_stage(state)
    if stage is None or event.step != state.step or event.stage != state.stage:
        return state
    step = current_step(state)
    over = step is not None and not opens(_spend(state), step)
    return _seek(state, state.step, "end" if over else stage.late)


def _seek(state: State, index: int, goto: str) -> State:
    """Move to stage `goto` of step `index` ("" its first, "end" the next step), passing over what does not apply."""
    state = _spend(state)
    if goto.startswith(CLOSE):
        return _screen(replace(state, stage=goto))
    state = replace(state, step=index, stage="")
    while (step := current_step(state)) is not None:
        state = _enter(state, step)
        table = table_of(state, step)
        skip = goto == "end" or (not goto and not opens(state, step))
        found = None if skip else _open_stage(state, step, table, goto)
        if found is not None:
            played = state.played | {state.step} if step.card else state.played
            return _screen(replace(state, stage=found, played=played))
        state, goto = replace(state, step=state.step + 1), ""
    return _screen(replace(state, stage=""))


def _open_stage(state: State, step: Step, table: tuple[Stage, ...], goto: str) -> str | None:
    """Return the first stage from `goto` on whose predicates hold; follow `then` over those that do not."""
    by_name = {stage.name: stage for stage in table}
    name = goto or table[0].name
    for _ in range(len(table) + 1):
        stage = by_name.get(name)
        if stage is None:
            return None
        if all(holds(state, step, when) for when in stage.when):
            return name
        name = stage.otherwise or stage.then
    return None
