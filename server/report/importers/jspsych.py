"""jsPsych's data as JSON: an array of trials, or one array a participant, or one trial a line.

Columns in mapping.toml are the names of a trial's data; those inside objects are reached with dots (`response.choice`).
`[where]` keeps the trials that are decisions, e.g. `task = "decide"`. Times of jsPsych are in milliseconds already.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgspec

from game.registry import importer
from server.report import mapping as by_file
from server.report.imported import BadData, Imported, Record

NOTES = ("read from jsPsych's JSON by a mapping file", "line counts trials, from 1")


@importer(
    "jspsych",
    title="jsPsych's JSON data, with a mapping.toml that says which name is what",
    cite="doi:10.21105/joss.05351",
    licence="as the data's",
    url="https://www.jspsych.org",
    files=("mapping.toml",),
)
def jspsych(folder: Path, keep_excluded: bool) -> Imported:  # noqa: ARG001 - [where] leaves out whom it should
    """Read mapping.toml and the file, or the files (`table = "*.json"`), that it names."""
    said = by_file.read(folder)
    paths = sorted(folder.glob(said.table))
    if not paths:
        raise FileNotFoundError(2, "no such file", str(folder / said.table))
    rows = [row for path in paths for row in _trials(path, said)]
    return Imported(rounds=by_file.rounds_of(said, rows), notes=NOTES)


def _trials(path: Path, said: by_file.Mapping) -> Iterator[Record]:
    wanted = by_file.columns_of(said)
    for number, trial in enumerate(_flat(_documents(path)), 1):
        cells = dict(_cells(trial, ""))
        if any(cells.get(name) != by_file.plain(value) for name, value in said.where.items()):
            continue
        if lacking := [name for name in wanted if name not in cells]:
            raise BadData(path, number, f"the trial has no {lacking[0]!r}; it has {', '.join(sorted(cells)[:12])}")
        yield Record(path, number, cells)


def _documents(path: Path) -> list[Any]:
    """Return the JSON documents of a file: one, or one a line."""
    data = path.read_bytes()
    try:
        return [msgspec.json.decode(data)]
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    try:
        return [msgspec.json.decode(line) for line in data.splitlines() if line.strip()]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadData(path, 0, f"not JSON, nor one JSON document a line: {error}") from error


def _flat(documents: list[Any]) -> Iterator[dict[str, Any]]:
    for each in documents:
        if isinstance(each, dict):
            yield cast("dict[str, Any]", each)
        elif isinstance(each, list):
            yield from _flat(cast("list[Any]", each))


def _cells(value: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    """Yield (dotted name, text) of everything in a trial; lists as JSON."""
    for name, each in value.items():
        if isinstance(each, dict):
            yield from _cells(cast("dict[str, Any]", each), f"{before}{name}.")
        else:
            yield f"{before}{name}", by_file.plain(each)
