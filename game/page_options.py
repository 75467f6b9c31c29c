"""What a study says of its pages: the quiz's questions, the least window, its own pages. `game.pages` builds with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from game.asks import AskAmount, AskCheck, AskMany, AskOption, AskRate, AskSpec, AskText
from game.questionnaire import Questionnaire
from game.stages import Stage

Disclosure = Literal["deception", "sham", "probes"]
"""What the debrief must tell: something untrue was said, some maps explained nothing, some rounds were made for the study."""


class Question(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A question of the comprehension quiz; texts `quiz.<name>`, `quiz.<name>.<value>` and, after a miss, `quiz.<name>.why`."""

    name: str
    values: tuple[str, ...]
    right: str


class Field(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An ask of the study's own page; texts `<page>.<name>` and `.<value>` under it (rates: `.1` to `.n`, or `.low`, `.high`)."""

    name: str
    kind: Literal["option", "many", "rate", "amount", "text", "check"] = "option"
    values: tuple[str, ...] = ()
    n: int = 5
    """Steps of a rate."""
    ends: bool = False
    """Only the ends of a rate, or those of a slider too, are named."""
    least: float = 0
    """Smallest amount, or fewest choices of many."""
    most: float = 0
    """Largest amount, most choices of many (0: all), or characters of a text (0: 500)."""
    step: float = 1
    slider: bool = False
    rows: int = 1
    required: bool = True

    def ask(self, page: str) -> AskSpec:
        """Return what the stage asks; its name is `<page>.<field>`."""
        name = key = f"{page}.{self.name}"
        match self.kind:
            case "option":
                return AskOption(name, key, self.values, required=self.required)
            case "many":
                return AskMany(name, key, self.values, int(self.least), int(self.most))
            case "rate":
                return AskRate(name, key, key, self.n, self.ends, self.required)
            case "amount":
                scale = key if self.ends else ""
                return AskAmount(name, key, self.least, self.most, self.step, "", self.slider, self.required, scale)
            case "text":
                return AskText(name, key, int(self.most) or 500, self.rows, self.required)
            case "check":
                return AskCheck(name, key, self.required)


class OwnPage(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A page of the study's own: `<name>.title`, `<name>.text`, then its fields, or a page of another site in a frame."""

    name: str
    field: tuple[Field, ...] = ()
    frame: str = ""
    """Address of the framed page; `{session}` and `{lang}` in it are filled in."""
    height: int = 600
    """Of the frame, in CSS pixels."""


class Device(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What the page "device" asks for beside the least window. Who cannot leaves with `incompatible_device`."""

    touch: bool = True
    """Screens without a mouse or trackpad are let in."""
    kbit: int = 0
    """Least speed of the line in kilobits a second; 0: any. 1600 is a slow mobile line."""
    legible: bool = False
    """Signs in the study's own colours must be told apart; only pass or fail is kept."""
    reads: bool = False
    """The person says whether the study's language is one that they read without effort."""


class PageOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a page can be built with. A page ignores what does not concern it."""

    seed: str = ""
    """Shuffles the items of questionnaires that allow it; "" keeps their order."""
    ai: bool = True
    """Whether an AI answers in any condition: the consent then says so."""
    width: int = 0
    height: int = 0
    """The least window, in CSS pixels; 0 by 0 lets every device in."""
    device: Device = Device()
    boxes: tuple[str, ...] = ()
    """Further boxes of the consent, none of which has to be ticked."""
    question: tuple[Question, ...] = ()
    attempts: int = 2
    least: int = -1
    """How many questions must be right; -1 all of them."""
    example: tuple[Stage, ...] = ()
    """The workflow's table, played as an example inside the how-to; the step then needs a card."""
    criterion: tuple[str, int] = ("", 0)
    """Practice phase and how many of its answers must be right."""
    opens_s: float = 0
    """How long after a visit the next one opens."""
    trust: Literal["slider", "steps"] = "slider"
    """Trust from 0 to 100, or on 7 steps."""
    attention: tuple[int, ...] = ()
    """Numbers of the attention pages of this study."""
    attention_least: int = 1
    """How many of them must be right."""
    arrangements: tuple[str, ...] = ("alone", "assisted", "case_by_case", "ai_instead")
    disclose: tuple[Disclosure, ...] = ()
    page: tuple[OwnPage, ...] = ()
    questionnaires: Mapping[str, Questionnaire] = {}
    """The study's own, by name; they come before the registry's."""
