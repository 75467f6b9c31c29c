"""Stages: what a workflow is made of. A stage shows things, asks things and says where each answer leads.

Everything here is data that is written into the plan; `game.view` resolves it into blocks with a card and texts.
Names of texts are keys of the study's catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from game.blocks import Display, Palette


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


When = AnsweredIn | CountCorrect | HolderIs | AttemptsUnder | Drawn


class Say(msgspec.Struct, frozen=True, omit_defaults=True, tag="say", tag_field="show"):
    """Text: `block` says in which form; `text` is a catalogue key. "facts" reads `text.1.term`, `text.1.text`, ..."""

    text: str
    block: Literal["heading", "prose", "lead", "notice", "warn", "facts", "details"] = "prose"


class ShowGuide(msgspec.Struct, frozen=True, omit_defaults=True, tag="guide", tag_field="show"):
    """The field guide; `folded` behind a button, `bare` as a drawer of pictures with their names only."""

    folded: bool = True
    bare: bool = False


class ShowPanes(msgspec.Struct, frozen=True, omit_defaults=True, tag="panes", tag_field="show"):
    """The specimen and its second panel: "none", "same" or "map" (the card's explanation, whatever its kind).

    `display` and `palette` say how that explanation is drawn; see `game.blocks.Panes`.
    """

    second: Literal["none", "same", "map"]
    tools: bool = False
    gate_ms: int = 0
    display: Display = "beside"
    palette: Palette = "inferno"


class ShowTeammate(msgspec.Struct, frozen=True, omit_defaults=True, tag="teammate", tag_field="show"):
    """The AI's card, with its confidence when `confidence`."""

    state: Literal["absent", "waiting", "suggests", "decides"]
    confidence: bool = False


class ShowOwn(msgspec.Struct, frozen=True, tag="own", tag_field="show"):
    """The person's answer called `name` in this step, with its confidence answer if one was given."""

    name: str


class ShowVerdict(msgspec.Struct, frozen=True, tag="verdict", tag_field="show"):
    """Right or wrong, with truth, the person's and the AI's answer."""

    name: str


class ShowTally(msgspec.Struct, frozen=True, tag="tally", tag_field="show"):
    """How many final answers of `block` (a step's block name) were right."""

    block: str


class ShowReceipt(msgspec.Struct, frozen=True, tag="receipt", tag_field="show"):
    """The session's short code."""


Show = Say | ShowGuide | ShowPanes | ShowTeammate | ShowOwn | ShowVerdict | ShowTally | ShowReceipt


class AskLabel(msgspec.Struct, frozen=True, omit_defaults=True, tag="label", tag_field="ask"):
    """Choose one of the pack's classes. `goto` leads by value; without it the stage's `then` holds."""

    name: str
    legend: str
    goto: Mapping[str, str] = {}


class AskRate(msgspec.Struct, frozen=True, omit_defaults=True, tag="rate", tag_field="ask"):
    """An ordered scale: `scale` is a catalogue key with `scale.1` .. `scale.n`; the answer is 1..n."""

    name: str
    legend: str
    scale: str
    n: int = 5


class AskOption(msgspec.Struct, frozen=True, omit_defaults=True, tag="option", tag_field="ask"):
    """Choose one of `values`; each label is the catalogue key `legend.value`."""

    name: str
    legend: str
    values: tuple[str, ...]
    goto: Mapping[str, str] = {}


class AskCheck(msgspec.Struct, frozen=True, omit_defaults=True, tag="check", tag_field="ask"):
    """A box; `required` ones must be ticked."""

    name: str
    label: str
    required: bool = True


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


AskSpec = AskLabel | AskRate | AskOption | AskCheck | AskAct


class Stage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One screen's rule. `then`: the next stage's name, "end" (next step) or "close:<outcome>".

    A stage whose `when` does not hold is passed over. `within_s` ends it by the clock, leading to `late`.
    """

    name: str
    show: tuple[Show, ...]
    ask: tuple[AskSpec, ...]
    layout: Literal["page", "round", "end"] = "page"
    then: str = "end"
    when: tuple[When, ...] = ()
    within_s: float = 0
    late: str = "end"


class Cues(msgspec.Struct, frozen=True, kw_only=True):
    """What a workflow is built with: the switches of one condition."""

    advice: Literal["none", "label", "confidence"] = "none"
    explanation: bool = False
    feedback: bool = False
    confidence: bool = True
    """Ask how sure the person is."""
    tools: bool = False
    gate_ms: int = 0
    delegation: bool = False
    display: Display = "beside"
    palette: Palette = "inferno"


RESERVED = (
    "own",
    "own_confidence",
    "final",
    "final_confidence",
    "who",
    "request",
    "handover",
    "veto",
    "agree",
    "predict",
    "choose",
    "estimate",
    "trust",
    "consent",
    "continue",
)
"""Ask names with a fixed meaning; only `game.rounds` reads them."""
