"""Any CSV table with one row a decision, by a mapping file beside it."""

from __future__ import annotations

from pathlib import Path

from game.registry import importer
from server.report import mapping as by_file
from server.report.imported import Imported, records

NOTES = ("read by a mapping file: whether it says what the table means, only its author knows",)


@importer(
    "mapping",
    title="Any CSV table with one row a decision, and a mapping.toml that says which column is what",
    cite="",
    licence="as the data's",
    url="",
    files=("mapping.toml",),
)
def mapping(folder: Path, keep_excluded: bool) -> Imported:  # noqa: ARG001 - [where] leaves out whom it should
    """Read mapping.toml and the table that it names."""
    said = by_file.read(folder)
    return Imported(rounds=by_file.rounds_of(said, records(folder / said.table, by_file.columns_of(said))), notes=NOTES)
