"""A preregistration as data: what `coplay prereg` wrote before the data came, and what `coplay report --against` reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

FORMAT = "coplay-prereg"
VERSION = 1
FILE = "prereg.json"
"""Its name in the folder that `coplay prereg` writes."""


class PlannedArm(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One condition as it was planned; numbers are per person who plays it."""

    condition: str
    workflow: str
    protocol: str
    model: str = ""
    method: str = ""
    rounds: float = 0
    """Scored rounds."""
    ai_wrong: float | None = None
    """Of them, with a wrong AI; None without an AI."""
    share: float = 1
    """Share of participants who play it."""


class PlannedTest(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One test: an outcome by its published column, where it is counted, and what is compared with what."""

    outcome: str
    """Name as in `Effect.outcome` of `server.report.inference`."""
    columns: tuple[str, ...]
    """Published columns that it reads, as `server.report.columns` names them."""
    where: str
    """Rounds that count, in words and columns."""
    contrast: str
    reference: str
    family: Literal["confirmatory", "exploratory"] = "confirmatory"
    margin: float | None = None
    """Smallest difference that matters, on the outcome's own scale; None where none was declared."""
    margin_scale: str = "difference"
    declared: bool = False
    """The researchers gave the margin; else it is our default."""


class PlannedPower(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What the planned number of people finds."""

    outcome: str
    effect: float
    n: int
    power: float
    how: str
    """Simulated (with the command) or by the normal approximation."""


class Planned(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The whole preregistration. `file` is the study file as read, so that every later change of it is found."""

    format: str = FORMAT
    version: int = VERSION
    coplay: str = ""
    study: str = ""
    digest: str = ""
    """sha256 of the study file as read; logs name the same."""
    manifest: str = ""
    frozen: int = 0
    """Version in `study.lock.json`; 0 where the study was not frozen."""
    n: int = 0
    stopping: str = ""
    alpha: float = 0.05
    arms: tuple[PlannedArm, ...] = ()
    tests: tuple[PlannedTest, ...] = ()
    exclusions: tuple[str, ...] = ()
    """Rules, each from what is known before the assignment."""
    rules: tuple[tuple[str, float], ...] = ()
    """Rules by which results are shown a second time, without some people: name as in `inference.exclusions.RULES`, and limit."""
    modes: Mapping[str, float] = {}
    """Thresholds by which rounds are coded: fields of `game.measures.modes.Rule`."""
    besides: tuple[str, ...] = ()
    """Outcomes of the design that no test of two conditions is about, in words."""
    power: tuple[PlannedPower, ...] = ()
    file: Mapping[str, Any] = {}


class BadPlan(ValueError):
    """A file that is no preregistration of coplay; the message says which, why, and what to give instead."""


def read(path: Path) -> Planned:
    """Read a preregistration, the JSON file or the folder it is in; raises BadPlan, or OSError where it cannot be opened."""
    path = path / FILE if path.is_dir() else path
    data = path.read_bytes()
    if path.suffix != ".json":
        raise BadPlan(f"{path} is a form for people: give {FILE}, which `coplay prereg` writes beside it")
    try:
        made = msgspec.json.decode(data, type=Planned)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadPlan(f"{path} cannot be read as a preregistration: {error}") from error
    if made.format != FORMAT or b'"format"' not in data:
        raise BadPlan(f"{path} is no preregistration of coplay: give the {FILE} that `coplay prereg` wrote")
    if made.version != VERSION:
        raise BadPlan(f"{path} has version {made.version} of the format; this coplay reads version {VERSION}")
    return made


def write(planned: Planned) -> bytes:
    """Return the file's bytes: indented JSON with sorted keys, the same for the same plan."""
    fields = {"format": FORMAT, "version": VERSION} | msgspec.to_builtins(planned)
    return msgspec.json.format(msgspec.json.encode(fields, order="sorted"), indent=1) + b"\n"
