"""Predicates of stages and steps: a closed set of data, evaluated by `game.holds`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class AnsweredIn(msgspec.Struct, frozen=True, tag="answered", tag_field="is"):
    """`name` was answered in this step (or anywhere before, if not in this step) with one of `values`."""

    name: str
    values: tuple[str, ...]


class CountCorrect(msgspec.Struct, frozen=True, tag="count_correct", tag_field="is"):
    """At least `least` final answers of `phase` were right (or fewer, when `under`)."""

    phase: str
    least: int
    under: bool = False


class HolderIs(msgspec.Struct, frozen=True, tag="holder", tag_field="is"):
    """The decisions are held by `who`: the person ("me") or, after a hand-over, the AI ("ai")."""

    who: Literal["me", "ai"]


class AttemptsUnder(msgspec.Struct, frozen=True, tag="attempts_under", tag_field="is"):
    """`name` has been answered fewer than `n` times in this session."""

    name: str
    n: int


class Drawn(msgspec.Struct, frozen=True, tag="drawn", tag_field="is"):
    """The draw called `name` came up in this step's card (drawn when the plan was made)."""

    name: str


class Marked(msgspec.Struct, frozen=True, tag="marked", tag_field="is"):
    """This step's card carries the mark `name` (see `game.plan.More.marks`): "defers", "abstains", "catch", ..."""

    name: str


class Amount(msgspec.Struct, frozen=True, omit_defaults=True, tag="amount", tag_field="is"):
    """The latest answer called `name` is a number of at least `least` (or, when `under`, a smaller one)."""

    name: str
    least: float
    under: bool = False


class Matches(msgspec.Struct, frozen=True, omit_defaults=True, tag="matches", tag_field="is"):
    """At least `least` of the latest answers equal the `key`, ask name -> value (or fewer, when `under`)."""

    key: Mapping[str, str]
    least: int
    under: bool = False


class ShiftUnder(msgspec.Struct, frozen=True, tag="shift_under", tag_field="is"):
    """The screens of the present block have been in view for less than `seconds`: the shift is not over."""

    seconds: float


class ScreenUnder(msgspec.Struct, frozen=True, tag="screen_under", tag_field="is"):
    """The browser said that its window is narrower or lower than this, in CSS pixels."""

    width: int
    height: int


class Touching(msgspec.Struct, frozen=True, tag="touching", tag_field="is"):
    """The browser said that it is operated by fingers only."""


When = (
    Touching
    | AnsweredIn
    | CountCorrect
    | HolderIs
    | AttemptsUnder
    | Drawn
    | Marked
    | Amount
    | Matches
    | ShiftUnder
    | ScreenUnder
)
