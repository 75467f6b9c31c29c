"""Rounds as a pandas frame, with the column names that the export publishes: what is shown here runs on the exported files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from game.round import Round
from server.report.columns import JOINED, NAMES, of_rounds
from server.report.inference.libraries import library

DTYPES = {"string": "string", "integer": "Int64", "number": "Float64", "boolean": "boolean", "datetime": "Int64"}
"""Kind of a column -> its nullable type: what is not known is <NA>, never 0 or False."""


def frame(rounds: Sequence[Round]) -> Any:
    """Return a `pandas.DataFrame`, one row a round in the given order, with the published column names.

    Fields of several values are left out, those of few are joined as in the export; `started_at` stays in microseconds UTC.
    Raises Missing without pandas.
    """
    pandas = library("pandas")
    fields = {NAMES.get(name, name): name for name in Round.__struct_fields__}
    unrecorded = [frozenset(each.unrecorded.split()) for each in rounds]
    made: dict[str, Any] = {}
    for column in of_rounds():
        name = fields[column.name]
        values: list[Any] = [
            None if name in blank else _cell(name, getattr(each, name))
            for each, blank in zip(rounds, unrecorded, strict=True)
        ]
        made[column.name] = pandas.array(values, dtype=DTYPES[column.kind])
    return pandas.DataFrame(made)


def _cell(name: str, value: Any) -> Any:
    if name not in JOINED:
        return value
    if isinstance(value, Mapping):
        return " ".join(f"{key}={one}" for key, one in cast("Mapping[str, Any]", value).items()) or None
    return " ".join(value) or None
