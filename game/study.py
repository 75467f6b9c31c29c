"""The study file: what a researcher writes. `parse` reads it and lists every mistake at once; nothing of a design is in code.

| table | what it is |
| --- | --- |
| (top) | name, pack, languages, planned `n`, seed, `base` and `exclude` of the factors |
| `[[condition]]` | one condition, every switch by itself |
| `[[factor]]` | one factor; all factors are crossed over the condition called `base` |
| `[[set]]` | an item set |
| `[[phase]]` | one part of a session, in the order in which they are played |
| `[[probe]]`, `[[question]]`, `[[page]]` (`[[page.field]]`), `[[task]]` | what phases may name |
| `[[payoff]]`, `[[policy]]`, `[pay]` | what decisions earn, in which form the AI speaks, what people are paid |
| `[device]` | what the page "device" asks for: a line, legible colours, a language |
| `[lens]` | the human lens: twins and cue conflicts |
| `[lab]` | which results of `coplay compare` items and methods are chosen by |
| `[assignment]`, `[[quota]]` | how places are given |
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from game.assignment import Quota, Rule
from game.condition import Condition, Factor
from game.items import FromLab, ItemSet, Lens
from game.page_options import Device, Field, OwnPage, Question
from game.pay import Pay, PayoffRule, PolicyRule
from game.phase import Branch, Phase, Probe, Task
from game.strict import Problem, convert, line_index
from game.upcast import upcast

__all__ = [
    "FORMAT",
    "Branch",
    "Condition",
    "Device",
    "Factor",
    "Field",
    "FromLab",
    "Invalid",
    "ItemSet",
    "Lens",
    "OwnPage",
    "Pay",
    "PayoffRule",
    "Phase",
    "PolicyRule",
    "Probe",
    "Question",
    "Quota",
    "Study",
    "Task",
    "parse",
]

FORMAT = 2


class Study(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole file."""

    format: int
    """2; files of format 1 are read as what they meant."""
    name: str
    pack: str
    """Folder of the pack, as seen from the study's folder."""
    languages: tuple[str, ...]
    phase: tuple[Phase, ...]
    condition: tuple[Condition, ...] = ()
    base: str = ""
    """The condition that the factors are crossed over; it is played only where a phase names it."""
    factor: tuple[Factor, ...] = ()
    exclude: tuple[Mapping[str, str], ...] = ()
    """Combinations that are left out, factor -> label of a level, e.g. [{advice = "none", explanation = "map"}]."""
    set: tuple[ItemSet, ...] = ()
    probe: tuple[Probe, ...] = ()
    question: tuple[Question, ...] = ()
    page: tuple[OwnPage, ...] = ()
    task: tuple[Task, ...] = ()
    payoff: tuple[PayoffRule, ...] = ()
    policy: tuple[PolicyRule, ...] = ()
    pay: Pay | None = None
    lens: Lens | None = None
    lab: FromLab | None = None
    assignment: Rule = Rule()
    quota: tuple[Quota, ...] = ()
    n: int = 0
    """Planned number of participants; 0 where it is open."""
    seed: int = 1
    """Seed of the item sets that are drawn once for the study."""
    sci: bool = False
    """Class names are species names (set in italics)."""
    gate_ms: int = 0
    """Each panel must have been in view this long before an answer, in every arm."""
    accuracy_stated: Mapping[str, float] = {}
    """Model -> accuracy that people are told; empty: what it really is on the study's items."""
    deception: tuple[str, ...] = ()
    """What people are told and is not so ("accuracy", ...); the debrief has to say it."""
    window: tuple[int, int] = (0, 0)
    """Least width and height of the browser's window in CSS pixels, asked for by the page "device"."""
    device: Device = Device()
    consent: tuple[str, ...] = ()
    """Further boxes of the consent, each left open at will, e.g. ["contact"]: text `consent.contact`, answer `consent_contact`."""
    trust: Literal["slider", "steps"] = "slider"
    """Trust probes from 0 to 100, or on seven steps."""
    attention_least: int = 0
    """So many attention pages have to be right where the page "attention_failed" stands; 0: all."""
    demo: bool = False
    leave: Mapping[str, str] = {}
    """Outcome -> completion URL."""

    @property
    def rule(self) -> Rule:
        """How places are given, quotas included."""
        return msgspec.structs.replace(self.assignment, quotas=(*self.assignment.quotas, *self.quota))


class Invalid(ValueError):
    """A study file with mistakes; `problems` lists all of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def parse(text: str) -> Study:
    """Read a study file; raises Invalid with every problem of form (spelling, types, missing keys), each with its line."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = next((int(part) for part in str(error).replace(",", " ").split() if part.isdigit()), 0)
        raise Invalid([Problem("study.toml", line, str(error), "TOML: text stands in quotes, lists in [ ]")]) from error
    return read(table, line_index(text))


def read(table: Mapping[str, Any], lines: Mapping[str, int]) -> Study:
    """Build a study from the tables of its file; raises Invalid. `lines`: path -> line, for the problems."""
    problems: list[Problem] = []
    given = table.get("format")
    study = convert(upcast(table), Study, "", lines, problems)
    if isinstance(given, int) and not 1 <= given <= FORMAT:
        what = f"format {given} is not known"
        problems.append(Problem("format", lines.get("format", 1), what, f"this version reads formats 1 to {FORMAT}"))
    if problems or study is None:
        raise Invalid(problems)
    return study
