"""oTree's wide table: a row a participant, a column for each field of each round, `APP.ROUND.player.FIELD`.

Columns in mapping.toml are named as in one round (`player.choice`, `subsession.round_number`, `group.x`), or as they are
where they belong to the person (`participant.code`, `session.code`). `app` says whose rounds are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from game.registry import importer
from server.report import mapping as by_file
from server.report.imported import BadData, Imported, Record, records

PERSON = ("participant.", "session.")
VISITED = "participant._index_in_pages"
NOTES = (
    "read from oTree's wide table by a mapping file",
    "rounds that a person never reached are left out: all their mapped columns are empty",
)


@importer(
    "otree",
    title="oTree's wide CSV (all_apps_wide), with a mapping.toml that says which field is what",
    cite="doi:10.1016/j.jbef.2015.12.001",
    licence="as the data's",
    url="https://www.otree.org",
    files=("mapping.toml",),
)
def otree(folder: Path, keep_excluded: bool) -> Imported:  # noqa: ARG001 - [where] leaves out whom it should
    """Read mapping.toml and the wide table that it names."""
    said = by_file.read(folder)
    path = folder / said.table
    if not said.app:
        raise BadData(folder / by_file.FILE, 0, 'app is missing: write app = "NAME", the app whose rounds are read')
    return Imported(rounds=by_file.rounds_of(said, _rounds(path, said)), notes=NOTES)


def _rounds(path: Path, said: by_file.Mapping) -> Iterator[Record]:
    """Yield one record per person and round, its cells named as in one round."""
    pattern = re.compile(rf"{re.escape(said.app)}\.(\d+)\.(.+)")
    mine = [name for name in by_file.columns_of(said) if not name.startswith(PERSON)]
    for row in records(path, [n for n in by_file.columns_of(said) if n.startswith(PERSON)]):
        found: dict[int, dict[str, str]] = {}
        for column, text in row.cells.items():
            if match := pattern.fullmatch(column):
                found.setdefault(int(match[1]), {})[match[2]] = text
        if not found:
            apps = sorted({name.split(".")[0] for name in row.cells if name.count(".") >= 3})
            raise BadData(
                path, 1, f"no column begins with {said.app}.1.; the apps there are {', '.join(apps) or 'none'}"
            )
        for number in sorted(found):
            cells = found[number]
            if lacking := [name for name in mine if name not in cells]:
                raise BadData(path, 1, f"the column {said.app}.{number}.{lacking[0]} is missing")
            if any(cells[name] not in by_file.EMPTY for name in mine if name != "subsession.round_number"):
                yield Record(row.path, row.line, {**row.cells, **cells})
