"""Commands: what people, researchers and the server may ask for. Imperative; `game.rules.decide` says what they make happen."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from game.events import Client, Gesture, Value


class Painted(msgspec.Struct, frozen=True, omit_defaults=True):
    """The browser's report that the screen of `turn` was painted; fields as in `game.events.Shown`."""

    turn: int
    hash: str
    ago_ms: int = 0
    image_ms: int | None = None
    overlay_ms: int | None = None
    width: int = 0
    height: int = 0
    side: int = 0
    dpr: float = 1
    theme: str = ""


class Command(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, tag=str.lower, tag_field="do"):
    """What all commands share: `seen` is the turn of the screen they were made on."""

    seen: int = -1
    shown: Painted | None = None
    gestures: tuple[Gesture, ...] = ()


class Answer(Command, frozen=True):
    """Press a button: `values` maps ask names to values, `ms` is the time since painting."""

    values: Mapping[str, Value]
    ms: int | None = None


class Trace(Command, frozen=True):
    """Report painting and gestures, and the window where it changed; nothing else."""

    client: Client | None = None


class Localise(Command, frozen=True):
    """Switch the language."""

    lang: str


class Withdraw(Command, frozen=True):
    """Stop taking part."""


class Join(Command, frozen=True):
    """A browser connected (sent by the server)."""

    client: Client


class Leave(Command, frozen=True):
    """The browser went away (sent by the server)."""

    why: str = ""


class Tick(Command, frozen=True):
    """The clock looked (sent by the server)."""


class Note(Command, frozen=True):
    """A researcher's remark."""

    text: str


class Pause(Command, frozen=True):
    """A researcher pauses the session."""

    why: str = ""


class Unpause(Command, frozen=True):
    """A researcher lets it go on."""


class Close(Command, frozen=True):
    """The server closes the session, e.g. as expired."""

    outcome: str


PlayCommand = Answer | Trace | Localise | Withdraw
"""What a participant's browser may send."""
AnyCommand = Answer | Trace | Localise | Withdraw | Join | Leave | Tick | Note | Pause | Unpause | Close
