"""Inputs: whether the values of a command answer a stage. A refusal is a value with a code."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from game.asks import (
    AskAct,
    AskAmount,
    AskCheck,
    AskFrame,
    AskLabel,
    AskMany,
    AskOption,
    AskProbe,
    AskRate,
    AskSpec,
    AskText,
)
from game.events import Value
from game.stages import Stage
from game.state import State

KBIT_MOST = 10_000_000
"""Kilobits a second that a line can be said to have."""
FRAME_MOST = 4000
"""Characters that a framed page may send back."""


class Refused(msgspec.Struct, frozen=True):
    """A command that changes nothing: `code` is one of `game.rules.CODES`, `detail` says which ask or value."""

    code: str
    detail: str = ""


def check_values(
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
    """Return the given value in its own type: an unticked box is False, a step of a scale and an amount are numbers."""
    value = values.get(ask.name, False if isinstance(ask, AskCheck) else None)
    if isinstance(value, str) and isinstance(ask, AskRate | AskAmount):
        return _number(value) if isinstance(ask, AskAmount) else int(value) if value.isdecimal() else value
    if isinstance(value, str) and isinstance(ask, AskProbe) and ask.of == "speed":
        return int(value) if value.isdecimal() and len(value) <= len(str(KBIT_MOST)) else value
    if isinstance(value, str) and isinstance(ask, AskText):
        return value.strip() or None
    return "" if value is None and isinstance(ask, AskMany) and not ask.least else value


def _number(text: str) -> Value:
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() else number


def _check_input(ask: AskSpec, value: Value, state: State) -> Refused | None:
    if isinstance(ask, AskCheck):
        if not isinstance(value, bool):
            return Refused("not_an_option", ask.name)
        return Refused("missing", ask.name) if ask.required and not value else None
    if value is None:
        needed = ask.required if isinstance(ask, AskRate | AskOption | AskAmount | AskText) else True
        return Refused("missing", ask.name) if needed else None
    return None if _allowed(ask, value, state) else Refused("not_an_option", ask.name)


def _allowed(ask: AskSpec, value: Value, state: State) -> bool:
    match ask:
        case AskLabel():
            return state.script is not None and value in (ask.classes or state.script.classes)
        case AskRate():
            return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= ask.n
        case AskOption():
            return value in ask.values
        case AskMany():
            return isinstance(value, str) and _some_of(ask, value.split())
        case AskAmount():
            return _on_scale(ask, value)
        case AskText():
            return isinstance(value, str) and len(value) <= ask.most
        case AskFrame():
            return isinstance(value, str) and len(value) <= FRAME_MOST
        case AskProbe():
            return value in ("yes", "no") if ask.of == "legible" else _is_speed(value)
        case AskAct() | AskCheck():
            return False


def _is_speed(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= KBIT_MOST


def _some_of(ask: AskMany, chosen: list[str]) -> bool:
    known = [value for value in ask.values if value in chosen]
    return chosen == known and ask.least <= len(chosen) <= (ask.most or len(ask.values))


def _on_scale(ask: AskAmount, value: Value) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not ask.least <= value <= ask.most:
        return False
    steps = (value - ask.least) / ask.step
    return math.isclose(steps, round(steps), abs_tol=1e-6)
