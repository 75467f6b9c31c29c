"""Columns of exported tables: name, type, unit, levels and meaning; those of rounds are read from `Round`."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from game.round import Round

Kind = Literal["string", "integer", "number", "boolean", "datetime"]


class Column(msgspec.Struct, frozen=True):
    """One column. An empty cell means not asked, not shown or not known, never zero."""

    name: str
    kind: Kind
    about: str
    unit: str = ""
    levels: Mapping[str, str] = {}
    """Value -> label; empty where values are open."""
    least: float | None = None
    most: float | None = None
    required: bool = False


class Sheet(msgspec.Struct, frozen=True):
    """One table: what stands in a file's name after `description-`, its columns, keys, and where they point to."""

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    points: tuple[tuple[tuple[str, ...], str], ...] = ()
    """(columns, other sheet), where the columns are that sheet's key."""


NAMES = {
    "study": "study_id", "participant": "subject_id", "condition": "condition_id", "round": "round_index",
    "specimen": "stimulus_id", "own": "initial_label", "own_confidence": "initial_conf", "own_ms": "initial_rt_ms",
    "ai": "ai_label", "ai_confidence": "ai_conf_shown", "final": "final_label", "final_confidence": "final_conf",
    "followed": "followed_ai", "requested": "ai_requested", "method": "explanation_method",
    "explanation_ms": "explanation_ms_visible", "final_ms": "rt_ms", "timed_out": "timeout", "away_ms": "focus_lost_ms",
    "side": "image_css_w", "lang": "locale", "flips": "peek_count", "options": "class_order", "reason": "reason_text",
}  # fmt: skip
"""Field of `Round` -> its column, where the standard or the field has a name of its own."""
LISTS = ("choices", "parts", "flags", "probabilities", "posterior", "scene", "propensities")
"""Fields of several values: one line each in the table `roundvalues`."""
JOINED = ("options", "context_shown")
"""Fields of few values, written in one cell with spaces between."""
PLAIN = {
    "study": "Name of the study.",
    "participant": "Random code of the participant; no platform knows it.",
    "condition": "Condition of this round.",
    "specimen": "Id of the specimen in its pack.",
    "phase": "Phase of the study.",
    "block": "Run of rounds in one condition.",
    "scored": "The round counts; practice and probes do not.",
    "source": "Where the round is from.",
    "protocol": "When the person answers and when the AI is seen.",
    "truth": "Right answer.",
    "own_confidence": "Confidence in the first answer, on the study's scale.",
    "ai_confidence": "The AI's confidence as it was, or would have been, shown.",
    "final": "Final answer.",
    "final_confidence": "Confidence in the final answer, on the study's scale.",
    "own_correct": "The first answer was right.",
    "ai_correct": "The AI's answer was right.",
    "delegation_offered": "The person could leave the case to the AI.",
    "delegated": "The person left the case to the AI.",
    "request_offered": "The person could ask for the AI's answer.",
    "requested": "The person asked for the AI's answer.",
    "handover_offered": "The person could hand all further decisions to the AI.",
    "predicted_confidence": "Confidence in that prediction, on the study's scale.",
    "method": "How the explanation was computed.",
    "explanation_kind": "What kind of explanation was on the screen.",
    "explanation_shown": "An explanation was painted.",
    "map_target": "Class that the map speaks of.",
    "map_gap": "Completeness or convergence gap of the map.",
    "map_plausibility": "How plausible the map was rated, or its overlap with the object; joined or imported.",
    "map_mass": "Share of the map's importance on the region asked about; joined or imported.",
    "guide_opens": "How often the field guide was opened.",
    "zooms": "How often the picture was enlarged.",
    "flips": "How often the picture was looked at without the map, or the map called back: peeks, and the panel turned on a phone.",
    "away_ms": "Time with the page hidden or the connection gone.",
    "options": "Classes in the order in which they were offered, a space between.",
    "posterior": "Ideal observer's posterior, in the order of the pack's classes.",
    "scene": "Scene parameters.",
    "propensities": "Random draw that came up and its probability.",
    "side": "Width of the picture's panel, in CSS pixels.",
    "dpr": "Device pixels per CSS pixel.",
    "theme": "Light or dark.",
    "lang": "Language on the screen.",
    "choices": "Every provisional choice of the final answer before Confirm.",
}
"""What the source does not say beside the field."""
BOUNDS: Mapping[str, tuple[float | None, float | None]] = {
    "round": (1, None), "ai_confidence": (0, 1), "own_probability": (0, 1), "final_probability": (0, 1),
    "dpr": (0, None), "accuracy_shown": (0, 1), "estimate": (0, 100), "agree": (1, 4),
}  # fmt: skip


def documented(struct: type) -> dict[str, str]:
    """Return field -> the docstring under it, on one line; "" where there is none."""
    body = ast.parse(textwrap.dedent(inspect.getsource(struct))).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    last = ""
    for statement in body.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            last = statement.target.id
            found[last] = ""
        elif last and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            found[last] = " ".join(str(statement.value.value).split())
    return found


def of_rounds() -> tuple[Column, ...]:
    """Return the columns that are fields of `Round`, in its order, those of several values left out."""
    texts = documented(Round)
    types = {field.name: field for field in msgspec.structs.fields(Round)}
    return tuple(_column(name, types[name].type, texts[name]) for name in texts if name not in LISTS)


def about_list(name: str) -> str:
    """Return what a field of several values means."""
    return documented(Round)[name] or PLAIN[name]


def _column(name: str, hint: Any, text: str) -> Column:
    said = (
        text
        if name in ("own", "ai", "followed")
        else text or PLAIN.get(name, name.replace("_", " ").capitalize() + ".")
    )
    said = PLAIN["options"] if name == "options" else f"{said} Key=value, a space between." if name in JOINED else said
    if name == "started_at":
        return Column("started_at", "datetime", "When the round's first screen was painted, UTC.")
    kind, levels = ("string", {}) if name in JOINED else _kind(hint)
    said = said.replace("None", "empty")
    least, most = BOUNDS.get(name, (0 if name.endswith("_ms") or kind == "integer" else None, None))
    unit = "ms" if name.endswith("_ms") else "CSS px" if name == "side" else ""
    required = name in ("study", "participant", "round", "specimen", "scored")
    return Column(NAMES.get(name, name), kind, said, unit, levels, least, most, required)


def _kind(hint: Any) -> tuple[Kind, dict[str, str]]:
    """Return the type of a field of `Round` and, for closed sets, its values."""
    info = msgspec.inspect.type_info(hint)
    parts = info.types if isinstance(info, msgspec.inspect.UnionType) else (info,)
    for part in parts:
        match part:
            case msgspec.inspect.LiteralType():
                return "string", {str(value): "" for value in part.values if value != ""}
            case msgspec.inspect.BoolType():
                return "boolean", {}
            case msgspec.inspect.IntType():
                return "integer", {}
            case msgspec.inspect.FloatType():
                return "number", {}
            case _:
                pass
    return "string", {}


__all__ = ["JOINED", "LISTS", "NAMES", "Column", "Kind", "Sheet", "about_list", "documented", "of_rounds"]
