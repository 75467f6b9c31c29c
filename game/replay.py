"""Replay: the shape of one session as a researcher sees it. `game.frames` makes it, `/desk/api/replay` sends it.

Everything stands at a time in milliseconds since the session was opened. Truth and the AI's answers are in here: it is for
researchers and never reaches a participant.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from game.events import Client, Value
from game.screen import View


class Moment(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One event: when, by whom, on which screen, and what a list line says of it."""

    seq: int
    at_ms: int
    kind: str
    by: str
    turn: int = -1
    step: str = ""
    stage: str = ""
    round: int = 0
    """Number of the scored round; 0 outside one."""
    name: str = ""
    value: Value = None
    text: str = ""


class Touch(msgspec.Struct, frozen=True, omit_defaults=True):
    """One gesture, placed in time: `seq` is the row it came with, `turn` the screen it was made on."""

    seq: int
    at_ms: int
    turn: int
    name: str
    value: Value = None


class Screen(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """How long one view stood on the participant's screen, and how large that screen was."""

    turn: int
    from_ms: int
    """When it was painted; when it was made, if the browser never said so."""
    until_ms: int = 0
    painted: bool = False
    round: int = -1
    """Index into the rounds; -1 outside one."""
    width: int = 0
    height: int = 0
    dpr: float = 1
    theme: str = ""
    advice: str = ""
    """"suggests" or "decides" where the AI's answer is on it."""
    explained: bool = False


class Span(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One round: when, under which condition, who said what, and what a researcher looks for."""

    step: str
    number: int
    """1, 2, ... for scored rounds; 0 for practice."""
    start_ms: int
    end_ms: int
    condition: str
    phase: str
    block: str
    specimen: str
    truth: str
    ai: str
    method: str
    own: str = ""
    own_confidence: Value = None
    final: str = ""
    final_confidence: Value = None
    by: str = ""
    """Who decided: participant, ai or nobody yet."""
    mode: str = "a"
    """a alone, s suggested, x explained, d delegated, h handed over."""
    flags: tuple[str, ...] = ()
    """wrong, over, under, change, delegation."""


class Seat(msgspec.Struct, frozen=True):
    """A browser that connected."""

    at_ms: int
    client: Client


class Gap(msgspec.Struct, frozen=True):
    """Nobody was there: from leaving to coming back."""

    from_ms: int
    until_ms: int
    why: str


class Replay(msgspec.Struct, frozen=True):
    """One session, ready to be drawn at any moment."""

    session: str
    study: str
    prefix: str
    cell: str
    outcome: str
    erased: bool
    opened_at: int
    """Microseconds UTC."""
    end_ms: int
    conditions: tuple[str, ...]
    titles: Mapping[str, Mapping[str, str]]
    """Language -> class key -> its title."""
    events: tuple[Moment, ...]
    ui: tuple[Touch, ...]
    screens: tuple[Screen, ...]
    views: Mapping[int, View]
    rounds: tuple[Span, ...]
    clients: tuple[Seat, ...]
    gaps: tuple[Gap, ...]
    starts: tuple[int, ...] = ()
    """When each `Round` of the session was painted, in milliseconds: the first is `Round.round` 1. Links name rounds so."""
