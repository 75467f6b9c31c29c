"""A mapping file: which column of somebody's table is which field of a round, and what its values mean.

    study = "my-study"
    table = "data.csv"          # a CSV file; of oTree and jsPsych see their importers
    protocol = "two_stage"
    [columns]                   # field of Round = column
    participant = "worker"
    round = "trial"
    specimen = "image"
    truth = "label"
    own = "first_choice"
    ai = "advice"
    final = "last_choice"
    final_ms = "rt"
    [values.final]              # what stands in the table = what it means
    0 = "left"
    [scale]                     # numbers times so much
    final_ms = 1000
    [where]                     # only rows in which these columns hold this
    phase = "main"
    [always]                    # fields that are the same in all rounds
    ai_shown = true

Whether answers are right, and whether the AI was followed, is worked out where both are known and no column says so.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from game.round import Round
from server.report.imported import UNRECORDED, BadData, Record

FILE = "mapping.toml"
NEEDED = ("participant", "specimen")
FIELDS = {field.name: field for field in msgspec.structs.fields(Round)}
TAKEN = ("study", "source", "protocol", "condition")
EMPTY = ("", "NA", "NaN", "nan", "null", "None")
YES, NO = ("1", "true", "TRUE", "True", "yes"), ("0", "false", "FALSE", "False", "no")


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a mapping file says."""

    study: str
    table: str
    protocol: Literal["alone", "one_stage", "two_stage", "on_request", "delegation", "other"]
    columns: dict[str, str]
    condition: str = "all"
    """Of everybody, where no column tells it."""
    values: dict[str, dict[str, Any]] = {}
    scale: dict[str, float] = {}
    where: dict[str, str | int | float | bool] = {}
    always: dict[str, Any] = {}
    app: str = ""
    """oTree: the app whose rounds are read."""


def read(folder: Path) -> Mapping:
    """Read `mapping.toml` of a folder; raises BadData that names the field, OSError where there is no file."""
    path = folder / FILE
    try:
        made = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Mapping)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise BadData(path, 0, str(error)) from error
    for name in (*made.columns, *made.values, *made.scale, *made.always):
        if name not in FIELDS:
            raise BadData(path, 0, f"no field of a round is called {name!r}; docs/reference/round.md lists them")
    if lacking := [name for name in NEEDED if name not in made.columns]:
        raise BadData(path, 0, f"[columns] lacks {', '.join(lacking)}: every round is somebody's, of something")
    if clash := [name for name in made.always if name in (*TAKEN[:3], *made.columns)]:
        raise BadData(path, 0, f"[always] gives {clash[0]!r}, which is said elsewhere already")
    return made


def rounds_of(mapping: Mapping, rows: Iterable[Record]) -> list[Round]:
    """Return the rounds of a table's rows, in its order; raises BadData that names line and column."""
    seen: Counter[str] = Counter()
    made: list[Round] = []
    for row in rows:
        if any(row.cells.get(column) != plain(wanted) for column, wanted in mapping.where.items()):
            continue
        fields = {name: _value(mapping, row, name) for name in mapping.columns}
        fields = {name: value for name, value in fields.items() if value is not None}
        who = str(fields.get("participant", ""))
        if not who or not fields.get("specimen"):
            raise row.wrong("participant or specimen is empty")
        seen[who] += 1
        told = {"condition": mapping.condition, "round": seen[who], **mapping.always, **fields}
        told["unrecorded"] = " ".join(name for name in UNRECORDED if name not in told)
        told |= {"study": mapping.study, "source": "imported", "protocol": mapping.protocol}
        try:
            made.append(_judged(msgspec.convert(told, Round)))
        except msgspec.ValidationError as error:
            raise row.wrong(str(error)) from error
    return made


def plain(value: Any) -> str:
    """Return a value as it stands in a table: as text, nothing as nothing, lists as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def columns_of(mapping: Mapping) -> tuple[str, ...]:
    """Return the columns that a table must have."""
    return tuple(dict.fromkeys((*mapping.columns.values(), *mapping.where)))


def _value(mapping: Mapping, row: Record, name: str) -> Any:
    """Return a cell as its field wants it; None where it says nothing."""
    text = row[mapping.columns[name]]
    meanings = mapping.values.get(name)
    if text in EMPTY:
        return None
    if meanings is not None:
        if text not in meanings:
            raise row.wrong(f"{mapping.columns[name]} is {text!r}; [values.{name}] knows {', '.join(meanings)}")
        return meanings[text]
    kinds = _kinds(name)
    if bool in kinds and str not in kinds:
        if text not in (*YES, *NO):
            raise row.wrong(f"{mapping.columns[name]} should be true or false, not {text!r}; or give [values.{name}]")
        return text in YES
    if int in kinds or float in kinds:
        number = row.number(mapping.columns[name]) * mapping.scale.get(name, 1)
        return round(number) if float not in kinds else number
    return text


def _kinds(name: str) -> set[type]:
    info = msgspec.inspect.type_info(FIELDS[name].type)
    parts = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    found: dict[type, type] = {
        msgspec.inspect.BoolType: bool, msgspec.inspect.IntType: int, msgspec.inspect.FloatType: float,
        msgspec.inspect.StrType: str, msgspec.inspect.LiteralType: str,
    }  # fmt: skip
    return {found[type(part)] for part in parts if type(part) in found}


def _judged(each: Round) -> Round:
    """Return the round with what follows from its labels, where nothing says otherwise."""
    known: dict[str, Any] = {}
    for field, label in (("own_correct", each.own), ("ai_correct", each.ai), ("correct", each.final)):
        if getattr(each, field) is None and label is not None and each.truth:
            known[field] = label == each.truth
    if each.followed is None and each.ai is not None and each.final is not None:
        known["followed"] = each.final == each.ai
    if not each.decided_by and each.final is not None:
        known["decided_by"] = "participant"
    return msgspec.structs.replace(each, **known)
