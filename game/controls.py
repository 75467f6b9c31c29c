"""Controls: what a screen asks with. Nothing is preselected; all text is final."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from game.blocks import Name


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that can be chosen."""

    value: str
    label: str
    thumb: Name = ""


class Choice(msgspec.Struct, frozen=True, omit_defaults=True, tag="choice", tag_field="kind"):
    """Choose one of up to nine options; keys 1-9. Nothing is preselected."""

    name: str
    legend: str
    options: tuple[Option, ...]
    missing: str
    """The primary button's label while this is unanswered."""
    sci: bool = False
    """Its labels are species names (italic)."""
    required: bool = True


class Rate(msgspec.Struct, frozen=True, omit_defaults=True, tag="rate", tag_field="kind"):
    """An ordered scale of up to eleven steps. `ends`: what the first and the last mean, where the steps are numbers only."""

    name: str
    legend: str
    options: tuple[Option, ...]
    missing: str
    ends: tuple[str, str] | None = None
    required: bool = True


class Many(msgspec.Struct, frozen=True, tag="many", tag_field="kind"):
    """Choose `least` to `most` of the options; the answer is the chosen values in this order, space between."""

    name: str
    legend: str
    options: tuple[Option, ...]
    missing: str
    least: int
    most: int


class Amount(msgspec.Struct, frozen=True, omit_defaults=True, tag="amount", tag_field="kind"):
    """A number in a field, or on a slider that begins without a handle."""

    name: str
    legend: str
    least: float
    most: float
    step: float
    missing: str
    unit: str = ""
    slider: bool = False
    required: bool = True
    ends: tuple[str, str] | None = None
    """What the least and the most mean, in words."""


class Words(msgspec.Struct, frozen=True, omit_defaults=True, tag="words", tag_field="kind"):
    """Words of the person's own, at most `most` characters; `rows` above 1 gives a field of several lines."""

    name: str
    legend: str
    most: int
    missing: str
    rows: int = 1
    required: bool = True


class Frame(msgspec.Struct, frozen=True, tag="frame", tag_field="kind"):
    """A page of another site; it answers by the message `{coplay: 1, name, value}` to its parent."""

    name: str
    title: str
    url: str
    height: int
    missing: str


class Check(msgspec.Struct, frozen=True, omit_defaults=True, tag="check", tag_field="kind"):
    """A box that starts unticked; `required` boxes must be ticked to go on."""

    name: str
    label: str
    missing: str
    required: bool = True


class Probe(msgspec.Struct, frozen=True, omit_defaults=True, tag="probe", tag_field="kind"):
    """Something that the browser finds out with the person: whether signs can be told apart, how fast the line is.

    Only the result is told: "yes" or "no", or kilobits a second. `texts` are those that it needs, by name.
    """

    name: str
    legend: str
    of: Literal["legible", "speed"]
    missing: str
    texts: Mapping[str, str] = {}


class Act(msgspec.Struct, frozen=True, omit_defaults=True, tag="act", tag_field="kind"):
    """A button. `confirms`: sends the answers of this screen's inputs (with its own name and value, if it has one).

    Otherwise it sends only its own name and value. `labels`, if any, name the result of confirming each value of the
    input called `by` ("Keep Dolmena").
    """

    name: str
    value: str
    label: str
    style: Literal["primary", "quiet", "ai", "you"]
    confirms: bool = False
    short: str = ""
    """The label on a phone."""
    key: str = ""
    """`event.code` of its shortcut: Enter, KeyA, KeyD, KeyE ..."""
    hint: str = ""
    """The key's cap as shown, e.g. "D"."""
    by: str = ""
    labels: Mapping[str, str] = {}


Ask = Choice | Rate | Many | Amount | Words | Frame | Check | Probe | Act
