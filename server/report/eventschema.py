"""The JSON Schema of a log's events, published with every export and in the reference."""

from __future__ import annotations

import json

import msgspec

from game.events import CORE, SessionEvent, StudyEvent
from game.logfile import VERSION

FILE = "event.schema.json"
ID = f"urn:coplay:events:{VERSION}.{CORE}"
"""One id for each version of the log's format and of the rules."""


def schema() -> str:
    """Return the schema, draft 2020-12: an event of a session or of a study, told apart by `kind`."""
    parts, kinds = msgspec.json.schema_components((SessionEvent, StudyEvent), ref_template="#/$defs/{name}")
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": ID, "title": "Events of coplay",
        "description": "One event: `data` of a row of a log, together with the row's `kind`, `at` and `by`.",
        "anyOf": list(parts), "$defs": kinds,
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
