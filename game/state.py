"""State: where a session stands. `apply` folds one event into it; `fold` folds a log. Total: it never refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

import msgspec
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
    Resumed,
    SessionEvent,
    Shown,
    TimedOut,
    Value,
    Withdrawn,
)
from game.plan import Script, Step
from game.stages import (
    AnsweredIn,
    AskAct,
    AskLabel,
    AskOption,
    AttemptsUnder,
    CountCorrect,
    Drawn,
    HolderIs,
    Stage,
    When,
)

CLOSE = "close:"


class State(msgspec.Struct, frozen=True):
    """Everything that decides what may happen next and what is seen.

    `seq` last event folded, `turn` seq of the last event that changed the screen, `at` its time in microseconds.
    `answers` is step index -> ask name -> value; `givers` the same -> who answered, where it was not the participant.
    """

    seq: int = -1
    turn: int = -1
    at: int = 0
    opened: Opened | None = None
    assigned: Assigned | None = None
    step: int = 0
    stage: str = ""
    lang: str = ""
    answers: Mapping[int, Mapping[str, Value]] = {}
    givers: Mapping[int, Mapping[str, str]] = {}
    shown: str = ""
    """Digest of the current screen once the browser said it was painted."""
    since: int = 0
    """When it was painted (microseconds), moved forward by the time the person was away."""
    painted: bool = False
    """Whether it was painted since the browser last connected."""
    present: bool = False
    away_since: int = 0
    holder: str = "me"
    paused: bool = False
    closed: str = ""
    erased: bool = False

    @property
    def script(self) -> Script | None:
        """The script with the tables and names in force: the plan, before that the intake."""
        return self.assigned.plan if self.assigned else self.opened.intake if self.opened else None

    @property
    def intake_steps(self) -> int:
        """Number of steps of the intake; plan steps are counted after them."""
        return len(self.opened.intake.steps) if self.opened else 0

    @property
    def waiting(self) -> bool:
        """True when the intake is done and the session needs a place and a plan."""
        return self.opened is not None and self.assigned is None and not self.closed and self.step >= self.intake_steps


EMPTY = State()


def steps_of(state: State) -> tuple[Step, ...]:
    """Return all steps known so far: the intake's, then the plan's."""
    first = state.opened.intake.steps if state.opened else ()
    return first + (state.assigned.plan.steps if state.assigned else ())


def current_step(state: State) -> Step | None:
    """Return the step the session is in, or None when it waits for a plan or is over."""
    intake = state.intake_steps
    if state.step < intake and state.opened:
        return state.opened.intake.steps[state.step]
    if state.assigned and state.step - intake < len(state.assigned.plan.steps):
        return state.assigned.plan.steps[state.step - intake]
    return None


def table_of(state: State, step: Step) -> tuple[Stage, ...]:
    """Return the stages of the current `step`."""
    script = state.opened.intake if state.opened and state.step < state.intake_steps else state.script
    return script.stages[step.key] if script else ()


def current_stage(state: State) -> Stage | None:
    """Return the stage on the screen, or None when the session waits or is over."""
    step = current_step(state)
    if step is None or state.closed:
        return None
    return next((stage for stage in table_of(state, step) if stage.name == state.stage), None)


def holds(state: State, step: Step, when: When) -> bool:
    """Tell whether a predicate holds for `step` in `state`."""
    match when:
        case AnsweredIn(name, values):
            here = state.answers.get(state.step, {})
            given = here[name] if name in here else _latest(state, name)
            return str(given) in values
        case CountCorrect(phase, least, under):
            enough = correct_in(state, phase=phase) >= least
            return not enough if under else enough
        case HolderIs(who):
            return state.holder == who
        case AttemptsUnder(name, n):
            return sum(name in given for given in state.answers.values()) < n
        case Drawn(name):
            return step.card is not None and name in step.card.draws
    assert_never(when)


def correct_in(state: State, phase: str = "", block: str = "") -> int:
    """Count the right final answers of a phase or a block so far."""
    total = 0
    for index, step in enumerate(steps_of(state)):
        if step.card and (not phase or step.phase == phase) and (not block or step.block == block):
            total += state.answers.get(index, {}).get("final") == step.card.truth
    return total


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
        case Left():
            return replace(state, present=False, away_since=event.at)
        case Localised():
            return _screen(replace(state, lang=event.lang))
        case Shown():
            return _painted(state, event)
        case Answered():
            return _answered(state, event)
        case TimedOut():
            return _timed_out(state, event)
        case Paused():
            return _screen(replace(state, paused=True))
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


def _latest(state: State, name: str) -> Value:
    for index in sorted(state.answers, reverse=True):
        if name in state.answers[index]:
            return state.answers[index][name]
    return None


def _screen(state: State) -> State:
    """Mark that the screen changed: it has to be painted again before it can be answered."""
    return replace(state, turn=state.seq, shown="", since=0, painted=False)


def _back(state: State, event: Joined) -> State:
    """The time away does not count: the screen's clock is moved forward by it."""
    away = event.at - state.away_since if state.away_since and state.since else 0
    return replace(state, present=True, painted=False, away_since=0, since=state.since + away)


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
    return _seek(state, state.step, stage.late)


def _seek(state: State, index: int, goto: str) -> State:
    """Move to stage `goto` of step `index` ("" its first, "end" the next step), passing over what does not apply."""
    if goto.startswith(CLOSE):
        return _screen(replace(state, stage=goto))
    state = replace(state, step=index, stage="")
    while (step := current_step(state)) is not None:
        table = table_of(state, step)
        found = None if goto == "end" else _open_stage(state, step, table, goto)
        if found is not None:
            return _screen(replace(state, stage=found))
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
        name = stage.then
    return None
