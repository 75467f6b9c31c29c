"""Rules: what a command makes happen. `decide` is pure; a refusal is a value with a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

import msgspec

from game.commands import (
    Answer,
    AnyCommand,
    Close,
    Command,
    Join,
    Leave,
    Localise,
    Note,
    Painted,
    Pause,
    PlayCommand,
    Tick,
    Trace,
    Unpause,
    Withdraw,
)
from game.events import (
    Answered,
    Closed,
    Gestured,
    Joined,
    Left,
    Localised,
    Noted,
    Paused,
    Resumed,
    SessionEvent,
    Shown,
    TimedOut,
    Value,
    Withdrawn,
)
from game.stages import AskAct, AskCheck, AskLabel, AskOption, AskRate, AskSpec, Stage
from game.state import CLOSE, State, apply, current_stage, current_step

__all__ = [
    "CODES",
    "GESTURES_MAX",
    "Answer",
    "AnyCommand",
    "Close",
    "Command",
    "Join",
    "Leave",
    "Localise",
    "Note",
    "Painted",
    "Pause",
    "PlayCommand",
    "Refused",
    "Tick",
    "Trace",
    "Unpause",
    "Withdraw",
    "decide",
    "due",
]

GESTURES_MAX = 200

CODES: Mapping[str, str] = {
    "not_open": "The session has not begun.",
    "closed": "The session is over: nothing can be changed any more.",
    "erased": "The session's data were erased on request.",
    "paused": "The session is paused by the researchers.",
    "stale": "The command was made on an earlier screen; here is the present one.",
    "not_shown": "The screen was not reported as painted, so it cannot be answered.",
    "wrong_view": "The reported screen is not the one that was sent.",
    "not_asked": "This screen does not ask that.",
    "missing": "An answer is missing.",
    "not_an_option": "The value is not one of the options.",
    "not_a_language": "The study is not available in that language.",
    "too_much": "Too many gestures in one message.",
    "too_early": "The time limit has not passed.",
    "busy": "Somebody else changed the session at the same moment; send the command again.",
    "bad_message": "The message does not have the documented form.",
    "bad_token": "This link is not known.",
    "too_fast": "Too many messages in a short time.",
    "upgrade": "The page is older than the server: reload it.",
    "elsewhere": "The session was continued in another tab.",
    "unavailable": "The answer could not be stored; it is kept in the browser and sent again.",
}
"""Refusal code -> what it means."""


class Refused(msgspec.Struct, frozen=True):
    """A command that changes nothing: `code` is one of CODES, `detail` says which ask or value."""

    code: str
    detail: str = ""


def decide(state: State, command: AnyCommand, by: str, at: int) -> tuple[SessionEvent, ...] | Refused:
    """Return the events that `command` by `by` at time `at` (microseconds) makes happen, or why not. Empty: nothing new."""
    if state.opened is None:
        return Refused("not_open")
    if state.erased:
        return Refused("erased")
    at = max(at, state.at)
    if state.closed and not isinstance(command, Join | Leave | Note | Trace):
        return Refused("closed", state.closed)
    events = _trace(state, command, by, at)
    if isinstance(events, Refused):
        return events
    for event in events:
        state = apply(state, event)
    made = _act(state, command, by, at)
    if isinstance(made, Refused):
        return made
    return _closing((*events, *made), state, made, at)


def due(state: State) -> int | None:
    """Return when the clock must look next (microseconds), or None: time runs only while the screen is shown to someone."""
    stage = current_stage(state)
    if stage is None or not stage.within_s or not state.shown or not state.present or state.paused:
        return None
    return state.since + int(stage.within_s * 1_000_000)


def _closing(
    events: tuple[SessionEvent, ...], state: State, made: tuple[SessionEvent, ...], at: int
) -> tuple[SessionEvent, ...]:
    """Append Closed when the last event led to the end of everything."""
    if not made or state.closed:
        return events
    for event in made:
        state = apply(state, event)
    if state.closed:
        return events
    if state.stage.startswith(CLOSE):
        return (*events, Closed(at=at, by="system", outcome=state.stage.removeprefix(CLOSE)))
    if state.assigned is not None and current_step(state) is None:
        return (*events, Closed(at=at, by="system", outcome="completed"))
    return events


def _trace(state: State, command: Command, by: str, at: int) -> tuple[SessionEvent, ...] | Refused:
    """Turn the riding reports into events; reports on another screen than the present one are dropped."""
    if len(command.gestures) > GESTURES_MAX:
        return Refused("too_much", str(len(command.gestures)))
    events: list[SessionEvent] = []
    painted = command.shown
    if painted is not None and painted.turn == state.turn and not state.painted:
        fields = {f: getattr(painted, f) for f in painted.__struct_fields__ if f not in ("turn", "hash")}
        fields["ago_ms"] = max(0, min(painted.ago_ms, (at - state.at) // 1000))
        events.append(Shown(at=at, by=by, of=painted.turn, view=painted.hash, **fields))
    if command.gestures and command.seen == state.turn:
        events.append(Gestured(at=at, by=by, of=command.seen, items=command.gestures))
    return tuple(events)


def _act(state: State, command: AnyCommand, by: str, at: int) -> tuple[SessionEvent, ...] | Refused:
    match command:
        case Answer():
            return _answer(state, command, by, at)
        case Localise(lang=lang):
            script = state.script
            if script is None or lang not in script.texts:
                return Refused("not_a_language", lang)
            return () if lang == state.lang else (Localised(at=at, by=by, lang=lang),)
        case Withdraw():
            return (Withdrawn(at=at, by=by), Closed(at=at, by="system", outcome="withdrawn"))
        case Join(client=client):
            # A browser that comes back without having left was gone since its last sign of life: in the person's favour.
            gone = (Left(at=state.at, by="system", why="lost"),) if state.present else ()
            return (*gone, Joined(at=at, by=by, client=client))
        case Leave(why=why):
            return (Left(at=at, by=by, why=why),) if state.present else ()
        case Tick():
            return _tick(state, at)
        case Note(text=text):
            return (Noted(at=at, by=by, text=text),)
        case Pause(why=why):
            return () if state.paused else (Paused(at=at, by=by, why=why),)
        case Unpause():
            return (Resumed(at=at, by=by),) if state.paused else ()
        case Close(outcome=outcome):
            return (Closed(at=at, by=by, outcome=outcome),)
        case Trace():
            return ()
    assert_never(command)


def _tick(state: State, at: int) -> tuple[SessionEvent, ...] | Refused:
    moment = due(state)
    if moment is None or at < moment:
        return Refused("too_early")
    return (TimedOut(at=at, by="clock", step=state.step, stage=state.stage),)


def _answer(state: State, command: Answer, by: str, at: int) -> tuple[SessionEvent, ...] | Refused:
    stage, step = current_stage(state), current_step(state)
    if state.paused:
        return Refused("paused")
    if command.seen != state.turn:
        return Refused("stale")
    if stage is None or step is None:
        return Refused("not_asked")
    if not state.shown:
        return Refused("not_shown")
    checked = _check(stage, command.values, state)
    if isinstance(checked, Refused):
        return checked
    act, values = checked
    made: list[SessionEvent] = [
        Answered(at=at, by=by, step=state.step, stage=stage.name, name=name, value=value, ms=command.ms)
        for name, value in values
    ]
    for name in act.ai if act and step.card else ():
        assert step.card is not None
        made.append(Answered(at=at, by="ai", step=state.step, stage=stage.name, name=name, value=step.card.advice))
    return tuple(made)


def _check(
    stage: Stage, values: Mapping[str, Value], state: State
) -> tuple[AskAct | None, list[tuple[str, Value]]] | Refused:
    """Return the pressed button and the answers in the stage's order, or what is wrong with them."""
    known = {ask.name for ask in stage.ask}
    for name in values:
        if name not in known:
            return Refused("not_asked", name)
    acts = [ask for ask in stage.ask if isinstance(ask, AskAct)]
    pressed = next((a for a in acts if a.name and values.get(a.name) == a.value), None)
    silent = next((a for a in acts if a.confirms and not a.name), None)
    wrong = next((a.name for a in acts if a.name in values and (pressed is None or pressed.name != a.name)), None)
    if wrong is not None:
        return Refused("not_an_option", wrong)
    act = pressed or silent
    if act is None:
        return Refused("missing", ", ".join(sorted(known)))
    inputs = [ask for ask in stage.ask if not isinstance(ask, AskAct)]
    if not act.confirms:
        extra = next((ask.name for ask in inputs if ask.name in values), None)
        return Refused("not_asked", extra) if extra else (act, [(act.name, act.value)])
    answers: list[tuple[str, Value]] = []
    for ask in inputs:
        value = _read(ask, values)
        problem = _check_input(ask, value, state)
        if problem is not None:
            return problem
        answers.append((ask.name, value))
    if pressed is not None:
        answers.append((pressed.name, pressed.value))
    return act, answers


def _read(ask: AskSpec, values: Mapping[str, Value]) -> Value:
    """Return the given value in its own type: an unticked box is False, a step of a scale is a number."""
    value = values.get(ask.name, False if isinstance(ask, AskCheck) else None)
    if isinstance(ask, AskRate) and isinstance(value, str) and value.isdecimal():
        return int(value)
    return value


def _check_input(ask: AskSpec, value: Value, state: State) -> Refused | None:
    if isinstance(ask, AskCheck):
        if not isinstance(value, bool):
            return Refused("not_an_option", ask.name)
        return Refused("missing", ask.name) if ask.required and not value else None
    if value is None:
        return Refused("missing", ask.name)
    match ask:
        case AskLabel():
            allowed = state.script is not None and value in state.script.classes
        case AskRate():
            allowed = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= ask.n
        case AskOption():
            allowed = value in ask.values
        case _:
            allowed = False
    return None if allowed else Refused("not_an_option", ask.name)
