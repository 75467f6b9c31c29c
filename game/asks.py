"""What a stage asks; `game.resolve` turns it into controls. Texts are catalogue keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class AskLabel(msgspec.Struct, frozen=True, omit_defaults=True, tag="label", tag_field="ask"):
    """Choose one of the pack's classes (or of `classes` only). `goto` leads by value; without it `then` holds."""

    name: str
    legend: str
    goto: Mapping[str, str] = {}
    classes: tuple[str, ...] = ()


class AskRate(msgspec.Struct, frozen=True, omit_defaults=True, tag="rate", tag_field="ask"):
    """An ordered scale: `scale` is a catalogue key with `scale.1` .. `scale.n`; the answer is 1..n.

    `ends`: only `scale.low` and `scale.high` are written, at the ends of n numbered steps.
    """

    name: str
    legend: str
    scale: str
    n: int = 5
    ends: bool = False
    required: bool = True


class AskOption(msgspec.Struct, frozen=True, omit_defaults=True, tag="option", tag_field="ask"):
    """Choose one of `values`; each label is the catalogue key `legend.value`."""

    name: str
    legend: str
    values: tuple[str, ...]
    goto: Mapping[str, str] = {}
    required: bool = True


class AskMany(msgspec.Struct, frozen=True, omit_defaults=True, tag="many", tag_field="ask"):
    """Choose `least` to `most` of `values` (0: any number); the answer is the chosen values in that order, space between."""

    name: str
    legend: str
    values: tuple[str, ...]
    least: int = 0
    most: int = 0


class AskAmount(msgspec.Struct, frozen=True, omit_defaults=True, tag="amount", tag_field="ask"):
    """A number from `least` to `most` in steps of `step`; `slider` begins without a handle. `unit` is a catalogue key.

    `scale`, where given, says at a slider's ends what the numbers mean: the keys `scale.low` and `scale.high`.
    """

    name: str
    legend: str
    least: float
    most: float
    step: float = 1
    unit: str = ""
    slider: bool = False
    required: bool = True
    scale: str = ""


class AskText(msgspec.Struct, frozen=True, omit_defaults=True, tag="text", tag_field="ask"):
    """Words of the person's own, at most `most` characters, in a field of `rows` lines."""

    name: str
    legend: str
    most: int = 500
    rows: int = 1
    required: bool = True


class AskFrame(msgspec.Struct, frozen=True, omit_defaults=True, tag="frame", tag_field="ask"):
    """A page of another site in a frame; it answers by the message `{coplay: 1, name, value}` (see docs/how-to/frame.md).

    `{session}` and `{lang}` in `url` become the session's public code and the language.
    """

    name: str
    title: str
    url: str
    height: int = 600


class AskCheck(msgspec.Struct, frozen=True, omit_defaults=True, tag="check", tag_field="ask"):
    """A box; `required` ones must be ticked."""

    name: str
    label: str
    required: bool = True


class AskProbe(msgspec.Struct, frozen=True, omit_defaults=True, tag="probe", tag_field="ask"):
    """Something that the browser finds out with the person, and of which only the result is told.

    `of` "legible": signs in the study's own colours; "yes" or "no", and never which one was not seen. `of` "speed": kilobits a
    second from this server, in steps of 100. Texts stand under `legend`.
    """

    name: str
    legend: str
    of: Literal["legible", "speed"]


class AskAct(msgspec.Struct, frozen=True, omit_defaults=True, tag="act", tag_field="ask"):
    """A button with one value. `confirms`: the answers of all inputs of the stage go with it.

    `goto` overrides the stage's `then`. `ai` lists names that the AI answers, with its own label, in the same append.
    """

    name: str
    value: str
    label: str
    style: Literal["primary", "quiet", "ai", "you"] = "primary"
    confirms: bool = False
    goto: str = ""
    ai: tuple[str, ...] = ()
    key: str = ""
    hint: str = ""
    by: str = ""
    """Name of the input whose value names the button: `label` is then a template with {name}; where the step has an
    `own` answer, the keys `label.keep` and `label.change` are used instead."""
    points: float = 0
    """Points that pressing it adds, e.g. a drawn price; counted where a payoff rule is in force."""


AskSpec = AskLabel | AskRate | AskOption | AskMany | AskAmount | AskText | AskFrame | AskCheck | AskProbe | AskAct
