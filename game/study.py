"""The study file: what a researcher writes. `parse` reads it and lists every mistake at once; nothing of a design is in code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Literal

import msgspec

from game.blocks import Display, Palette
from game.strict import Problem, convert, line_index

FORMAT = 1


class Condition(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One cell of the design: what the teammate may show, and when (the workflow)."""

    name: str
    workflow: str
    advice: Literal["none", "label", "confidence"] = "none"
    model: str = ""
    """Which of the pack's models speaks; needed where `advice` is not "none"."""
    explanation: str = ""
    """Method name of the pack; empty for none (a plain copy is shown instead)."""
    feedback: bool = False
    """Truth after every round."""
    confidence: bool = True
    """Ask how sure the person is."""
    tools: bool = False
    """The person may choose the display and its strength; leave off where arms are compared."""
    display: Display = "beside"
    """What is drawn over the first panel; the second one shows the map in any case."""
    palette: Palette = "inferno"
    """Colours of the map: "inferno" or "cividis"; "coolwarm" for signed maps, and only for those."""


class ItemSet(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A fixed set of specimens: listed by id, or drawn once for the whole study with a seed."""

    name: str
    specimens: tuple[str, ...] = ()
    n: int = 0
    ai_wrong: int = -1
    """How many of `n` the model gets wrong; -1 leaves it to chance."""
    model: str = ""
    split: str = "study"


class Phase(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A run of pages, or of blocks of rounds. `blocks` names conditions; `sets` the item sets they are played with."""

    name: str
    intake: bool = False
    """Shown before a place is taken (notice, consent); pages only."""
    pages: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    order: Literal["fixed", "all", "latin"] = "fixed"
    """Orders of the blocks over participants: as listed, every permutation, or the rotations of a Latin square."""
    rotate: bool = False
    """Item sets rotate over the conditions, so that no set belongs to one condition."""
    between: bool = False
    """Each participant plays one of `blocks` only."""
    scored: bool = True
    intro: bool = True
    """A page before each block: texts `block.<condition>.title` and `.text`."""
    tally: bool = True
    """A page after each block: how many answers were right."""


class Study(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The whole file."""

    format: int
    name: str
    pack: str
    languages: tuple[str, ...]
    condition: tuple[Condition, ...]
    phase: tuple[Phase, ...]
    set: tuple[ItemSet, ...] = ()
    seed: int = 1
    """Seed of the item sets that are drawn once for the study."""
    sci: bool = False
    """Class names are species names (set in italics)."""
    gate_ms: int = 0
    """Each panel must have been in view this long before an answer, in every arm."""
    demo: bool = False
    leave: Mapping[str, str] = {}
    """Outcome -> completion URL."""


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
    problems: list[Problem] = []
    study = convert(table, Study, "", line_index(text), problems)
    if study is not None and study.format != FORMAT:
        problems.append(
            Problem("format", 1, f"format {study.format} is not known", f"this version reads format {FORMAT}")
        )
    if problems or study is None:
        raise Invalid(problems)
    return study
