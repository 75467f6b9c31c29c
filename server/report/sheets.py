"""The tables of an export: their columns, keys and foreign keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import msgspec

from game.blocks import Display
from server.report.columns import LISTS, Column, Kind, Sheet, about_list, of_rounds

KINDS: dict[str, str] = {"real": "", "pilot": "", "preview": "", "simulated": "", "imported": ""}
KEYS = (
    Column("study_id", "string", "Name of the study.", required=True),
    Column("study_version", "integer", "Version of the frozen study; 0 where it was not frozen.", least=0),
    Column("ui_version", "string", "First 12 digits of the digest of the files that drew the screens."),
    Column("subject_id", "string", "Random code of the participant; no platform knows it.", required=True),
    Column("session_id", "string", "Stream of the log that holds the session.", required=True),
)
PACK = Column("pack_id", "string", "First 12 digits of the digest of the pack's manifest.")
DATA = Column(
    "data_kind", "string", "What the data are; kinds are never pooled unless that was asked for.", levels=KINDS
)
LABELS = ("initial_label", "ai_label", "final_label", "truth", "predicted")
"""Columns of trials whose values are classes."""


def _c(name: str, kind: Kind, about: str, unit: str = "", **more: object) -> Column:
    least = 0 if name.endswith("_ms") or unit in ("CSS px", "count") else None
    return msgspec.structs.replace(Column(name, kind, about, unit, least=least), **more)


_TRIP = _c(
    "rtt_ms", "integer", "Time on the network, there and back: the server's sending of a screen to its painting, less the decoding "
    "of pictures, by the server's clock and lengths that the browser tells. Drawing is in it, so it is an upper bound; median "
    "over screens (of a session: from 5 on).",
    "ms",
)  # fmt: skip

SESSIONS = Sheet(
    "sessions", "One row per session.",
    (
        *KEYS, DATA, PACK,
        _c("core", "integer", "Version of the rules that the session was played by."),
        _c("cell", "string", "Combination of orders and rotations that the session was placed in."),
        _c("outcome", "string", "How the session ended; empty where it did not."),
        _c("withdrew", "boolean", "The person took part no more, or never agreed to."),
        _c("recruiter", "string", "Platform that sent the person; never an id."),
        _c("locale", "string", "Language on the screen at the end."),
        _c("started_at", "datetime", "First event, UTC."),
        _c("duration_ms", "integer", "First to last event.", "ms"),
        _c("rounds", "integer", "Rounds that were met.", "count"),
        _c("rounds_scored", "integer", "Of them, those that count.", "count"),
        _c("events", "integer", "Rows of the log.", "count"),
        _c("reconnects", "integer", "Times that a browser connected after the first.", "count"),
        _TRIP,
        _c("viewport_w", "integer", "Width of the browser's window.", "CSS px"),
        _c("viewport_h", "integer", "Height of the browser's window.", "CSS px"),
        _c("dpr", "number", "Device pixels per CSS pixel."),
        _c("pointer", "string", "Main pointer.", levels={"mouse": "", "touch": ""}),
        _c("theme", "string", "Light or dark."),
        _c("consent_reuse", "boolean", "Agreed that answers may be shared with other researchers."),
        _c("consent_at", "datetime", "When the person agreed or refused, UTC; empty where nothing was decided."),
        _c("consent_texts", "string", "Digest of all texts in the language in which consent was asked."),
        _c("consent_debrief", "string", "Answer at the debrief: may the answers be used?", levels={"keep": "", "delete": ""}),
        _c("focus_losses", "integer", "Times that the window was left or the connection lost.", "count"),
        _c("focus_lost_ms", "integer", "For how long in all.", "ms"),
        _c("flags", "string", "Kinds of reasons to look twice, a space between; flags leave nobody out of anything."),
        _c("flag_reasons", "string", "These reasons in words, a semicolon between."),
        _c("head_hash", "string", "Hash of the log's last row: with it, nobody can change the log unseen."),
    ),
    ("session_id",),
)  # fmt: skip

_DERIVED = (
    _c("changed", "boolean", "The final answer is not the first one; empty where one of them was not asked or given."),
    _c(
        "mode", "string", "How the round was decided: the last that holds of alone, suggested (the AI's answer was painted), "
        "explained, delegated, handed_over.",
        levels=dict.fromkeys(("alone", "suggested", "explained", "delegated", "handed_over"), ""),
    ),
    _c("ai_offered", "boolean", "The AI's answer was shown, could be asked for, or the AI could decide."),
    _c("rt_server_ms", "integer", "Painting of the first screen to the final answer, by the server's clock.", "ms"),
    _c("t_image_ms", "integer", "Receipt of the round's first screen to its picture decoded.", "ms"),
    _c("reconnects", "integer", "Times that the browser connected again in this round.", "count"),
    _TRIP,
    _c(
        "explanation_view", "string", "How the map was drawn: the person's last choice in the round, else as the condition has it; "
        "empty where no map was on the screen.", levels=dict.fromkeys(get_args(Display), ""),
    ),
    _c("viewport_w", "integer", "Width of the browser's window.", "CSS px"),
    _c("viewport_h", "integer", "Height of the browser's window.", "CSS px"),
    _c("pointer", "string", "Main pointer.", levels={"mouse": "", "touch": ""}),
)  # fmt: skip
_OWN = tuple(column for column in of_rounds() if column.name not in {"study_id", "subject_id"})

ROUNDS = Sheet(
    "trials", "One row per session and round: the table to analyse.",
    (*KEYS, DATA, PACK, Column("trial_id", "string", "Session and round.", required=True), *_OWN, *_DERIVED),
    ("trial_id",), ((("session_id",), "sessions"), (("pack_id", "stimulus_id"), "stimuli")),
)  # fmt: skip

ROUNDVALUES = Sheet(
    "roundvalues", "One row per value of a round's fields that have several.",
    (
        *KEYS,
        Column("trial_id", "string", "Session and round.", required=True),
        Column("round_index", "integer", "Number of the round in its session.", least=1),
        Column(
            "field", "string", "Which field: " + " ".join(f"{name}: {about_list(name)}" for name in LISTS),
            levels={name: about_list(name) for name in LISTS}, required=True,
        ),
        Column("place", "integer", "1, 2, ... in the field's order.", least=1, required=True),
        Column("key", "string", "Name of the value, where the field names them."),
        Column("value", "string", "The value."),
    ),
    ("trial_id", "field", "place"), ((("trial_id",), "trials"),),
)  # fmt: skip

EVENTS = Sheet(
    "events", "One row per event of the log, one per gesture of a batch.",
    (
        *KEYS,
        Column("event_index", "integer", "Place in the log of the session.", least=0, required=True),
        Column("item_index", "integer", "Place in a batch of gestures, else 0.", least=0, required=True),
        Column("kind", "string", "Kind of event, as in documentation/event-vocabulary.md.", required=True),
        _c("by", "string", "Who: participant, ai, clock, system or a researcher."),
        _c("t_ms", "integer", "Since the session's first event, by the server's clock.", "ms"),
        _c("at", "datetime", "When it was stored, UTC."),
        _c("step", "integer", "Step of the session that it belongs to."),
        _c("stage", "string", "Stage of that step."),
        _c("turn", "integer", "Screen that it belongs to: number of the event that brought it up."),
        _c("name", "string", "What was answered or done."),
        _c("value", "string", "The answer, or the gesture's value."),
        _c(
            "ms", "integer", "answered, gestured: painting of the screen to it, by the browser's clock; shown: how long ago "
            "the screen was painted.", "ms",
        ),
        _c("image_ms", "integer", "Receipt of a screen to its picture decoded.", "ms"),
        _c("overlay_ms", "integer", "Receipt of a screen to its map decoded.", "ms"),
        _c("viewport_w", "integer", "Width of the browser's window.", "CSS px"),
        _c("viewport_h", "integer", "Height of the browser's window.", "CSS px"),
        _c("image_css_w", "integer", "Width of the picture's panel.", "CSS px"),
    ),
    ("session_id", "event_index", "item_index"), ((("session_id",), "sessions"),),
)  # fmt: skip

RESPONSES = Sheet(
    "responses", "One row per answer on a page: consent, quiz, questionnaires, debrief.",
    (
        *KEYS,
        Column("event_index", "integer", "Place in the log of the session.", least=0, required=True),
        _c("phase", "string", "Phase of the study."),
        _c("page", "string", "Step that asked."),
        _c("stage", "string", "Screen of that step."),
        Column("item", "string", "Name of the question.", required=True),
        _c("item_text", "string", "The question as it was read, in the session's language."),
        _c("response_kind", "string", "How it was asked."),
        _c("value", "string", "The answer's code; words of the person's own as they are."),
        _c("value_number", "number", "The answer, where it is a number."),
        _c("value_label", "string", "The answer as it was read, where it has a name."),
        _c("least", "number", "Lowest possible answer."),
        _c("most", "number", "Highest possible answer."),
        _c("withheld", "boolean", "There are words of the person's own that a release does not show."),
        _c("response_ms", "integer", "Painting of the screen to the answer, by the browser's clock.", "ms"),
        _c("t_ms", "integer", "Since the session's first event, by the server's clock.", "ms"),
    ),
    ("session_id", "event_index"), ((("session_id",), "sessions"),),
)  # fmt: skip

_SPECIMEN = Column("stimulus_id", "string", "Id of the specimen in its pack.", required=True)
_PACK = msgspec.structs.replace(PACK, required=True)
SPECIMENS = Sheet(
    "stimuli", "One row per specimen of the packs that were played.",
    (
        _PACK, _SPECIMEN,
        _c("pack", "string", "Name of the pack."),
        _c("truth", "string", "Right answer."),
        _c("split", "string", "study, practice or twin."),
        _c("image_sha256", "string", "Digest of the picture."),
        _c("licence", "string", "Licence of the picture."),
        _c("artist", "string", "Who made the picture."),
        _c("origin", "string", "Where the picture came from."),
        _c("solo_rate", "number", "Share of people who answer rightly without help.", least=0, most=1),
        _c("difficulty", "number", "0 clear to 1 ambiguous.", least=0, most=1),
        _c("disagreement", "number", "How far the methods disagree on it, 0 to 1.", least=0, most=1),
        _c("twin_of", "string", "Specimen that it equals but for one cue."),
        _c("twin_cue", "string", "That cue."),
    ),
    ("pack_id", "stimulus_id"),
)  # fmt: skip

EXPLANATIONS = Sheet(
    "explanations", "One row per specimen, model and method.",
    (
        _PACK, _SPECIMEN,
        Column("model", "string", "The model that is explained.", required=True),
        Column("method", "string", "How the explanation was computed.", required=True),
        _c("family", "string", "Family of the method."),
        _c("kind", "string", "map or picture."),
        _c("target", "string", "Class that is explained."),
        _c("logit", "number", "The model's output for that class."),
        _c("gap", "number", "Fidelity: completeness or convergence gap; empty where the method has none."),
        _c("baseline", "string", "What the picture was compared with."),
        _c("seed", "integer", "Seed of the method's draws."),
        _c("signed", "boolean", "Values below the middle speak against the class."),
        _c("wall_ms", "number", "How long it took.", "ms"),
        _c("device", "string", "What it was computed on."),
        _c("params", "string", "Parameters, key=value, a space between."),
        _c("file", "string", "File in the pack's folder."),
    ),
    ("pack_id", "stimulus_id", "model", "method"), ((("pack_id", "stimulus_id"), "stimuli"),),
)  # fmt: skip

OF_LOGS = (SESSIONS, ROUNDS, ROUNDVALUES, EVENTS, RESPONSES)
OF_ROUNDS = (SESSIONS, ROUNDS, ROUNDVALUES)


def with_labels(sheet: Sheet, names: Mapping[str, str]) -> Sheet:
    """Return the table of trials with the classes as levels of the columns that hold them."""
    columns = (
        msgspec.structs.replace(column, levels=names) if column.name in LABELS else column for column in sheet.columns
    )
    return msgspec.structs.replace(sheet, columns=tuple(columns))
