"""Rules: what a command makes happen. `decide` is pure; a refusal is a value with a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

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
    Resized,
    Resumed,
    SessionEvent,
    Shown,
    TimedOut,
    Withdrawn,
)
from game.fold import apply
from game.inputs import Refused, check_values
from game.plan import Step
from game.stages import Stage
from game.state import CLOSE, State, current_stage, current_step
from game.when import ShiftUnder

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
    "advance",
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
    "too_early": "The time has not come yet.",
    "busy": "Somebody else changed the session at the same moment; send the command again.",
    "bad_message": "The message does not have the documented form.",
    "bad_token": "This link is not known.",
    "too_fast": "Too many messages in a short time.",
    "upgrade": "The page is older than the server: reload it.",
    "elsewhere": "The session was continued in another tab.",
    "unavailable": "The answer could not be stored; it is kept in the browser and sent again.",
}
"""Refusal code -> what it means."""


def decide(state: State, command: AnyCommand, by: str, at: int) -> tuple[SessionEvent, ...] | Refused:
    """Return the events that `command` by `by` at time `at` (microseconds) makes happen, or why not. Empty: nothing new."""
    found = advance(state, command, by, at)
    return found if isinstance(found, Refused) else found[0]


def advance(state: State, command: AnyCommand, by: str, at: int) -> tuple[tuple[SessionEvent, ...], State] | Refused:
    """Return what `decide` returns, with the state after it, for callers that would fold the events once more."""
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
    stage, step = current_stage(state), current_step(state)
    if stage is None or step is None or not state.shown or not state.present or state.paused:
        return None
    limits = [stage.within_s * 1_000_000] if stage.within_s else []
    limits += [when.seconds * 1_000_000 - state.spent for when in step.when if isinstance(when, ShiftUnder)]
    return state.since + int(max(0, min(limits))) if limits else None


def _closing(
    events: tuple[SessionEvent, ...], state: State, made: tuple[SessionEvent, ...], at: int
) -> tuple[tuple[SessionEvent, ...], State]:
    """Fold what was made, and append Closed when the last event led to the end of everything."""
    over = state.closed
    for event in made:
        state = apply(state, event)
    if not made or over or state.closed:
        return events, state
    if state.stage.startswith(CLOSE):
        end = Closed(at=at, by="system", outcome=state.stage.removeprefix(CLOSE))
    elif state.assigned is not None and current_step(state) is None:
        end = Closed(at=at, by="system", outcome="completed")
    else:
        return events, state
    return (*events, end), apply(state, end)


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
        case Trace(client=client):
            return () if client in (None, state.client) or state.closed else (Resized(at=at, by=by, client=client),)
    assert_never(command)


def _tick(state: State, at: int) -> tuple[SessionEvent, ...] | Refused:
    moment = due(state)
    if moment is None or at < moment:
        return Refused("too_early")
    late = TimedOut(at=at, by="clock", step=state.step, stage=state.stage)
    stage, step = current_stage(state), current_step(state)
    if stage is None or step is None or not stage.within_s or at < state.since + stage.within_s * 1_000_000:
        return (late,)  # the shift is over, not the stage
    return (*_ai_answers(state, step, stage, stage.ai, at), late)


def _ai_answers(state: State, step: Step, stage: Stage, names: tuple[str, ...], at: int) -> tuple[Answered, ...]:
    """The AI answers with its own label; it has none on steps without a card, or where it abstains."""
    if step.card is None or not step.card.advice:
        return ()
    value = step.card.advice
    return tuple(Answered(at=at, by="ai", step=state.step, stage=stage.name, name=n, value=value) for n in names)


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
    if at < state.entered + stage.opens_s * 1_000_000:
        return Refused("too_early")
    checked = check_values(stage, command.values, state)
    if isinstance(checked, Refused):
        return checked
    act, values = checked
    made = tuple(
        Answered(at=at, by=by, step=state.step, stage=stage.name, name=name, value=value, ms=command.ms)
        for name, value in values
    )
    return (*made, *_ai_answers(state, step, stage, act.ai if act else (), at))
