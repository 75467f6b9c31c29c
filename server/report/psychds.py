"""Psych-DS 1.5: the description and sidecars of a data set, and a check of its seven rules that must hold.

https://psych-ds.github.io; the rules are those of the schema's version 1.5.0.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from server.report.about import About
from server.report.columns import Column

VERSION = "Psych-DS 1.5.0"
FILE = re.compile(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.csv")
IGNORE = "parquet/\nexcel/\nSHA256SUMS\ndatapackage.json\nCITATION.cff\nLICENSE.txt\ndata/raw/\n"


def slug(text: str) -> str:
    """Return a name as values of file names must be: letters and digits only.

    >>> slug("ants, pilot-3"), slug("--")
    ('antspilot3', 'study')
    """
    return re.sub(r"[^A-Za-z0-9]", "", text) or "study"


def file_name(study: str, sheet: str) -> str:
    """Return the name of a table's file."""
    return f"study-{slug(study)}_description-{sheet}_data.csv"


def variable(column: Column) -> dict[str, Any]:
    """Return a column as a schema.org PropertyValue."""
    made: dict[str, Any] = {"@type": "PropertyValue", "name": column.name, "description": column.about}
    if column.unit:
        made["unitText"] = column.unit
    if column.least is not None:
        made["minValue"] = column.least
    if column.most is not None:
        made["maxValue"] = column.most
    if column.levels:
        made["levels"] = "; ".join(f"{value}: {label}" if label else value for value, label in column.levels.items())
    return made


def description(
    about: About, title: str, text: str, columns: Iterable[Column], more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return `dataset_description.json`: the union of all columns, and what is known of the whole."""
    union = {column.name: column for column in columns}
    people = [
        {"@type": "Person", "name": each.name}
        | ({"identifier": f"https://orcid.org/{each.orcid}"} if each.orcid else {})
        | ({"affiliation": {"@type": "Organization", "name": each.affiliation}} if each.affiliation else {})
        for each in about.author
    ]
    found = {
        "@context": "https://schema.org/", "@type": "Dataset", "name": title, "description": text,
        "schemaVersion": VERSION, "author": people, "license": about.licence_address, "funder": about.funder,
        "keywords": list(about.keywords), "citation": about.citation or "CITATION.cff", "url": about.url,
        "identifier": about.identifier, "privacyPolicy": about.privacy,
    }  # fmt: skip
    kept = {name: value for name, value in found.items() if value}
    return kept | dict(more) | {"variableMeasured": [variable(column) for column in union.values()]}


def sidecar(about: str, columns: Iterable[Column]) -> dict[str, Any]:
    """Return a table's sidecar; inheritance replaces, so it lists all columns of its file."""
    return {
        "@context": "https://schema.org/", "@type": "Dataset", "description": about,
        "variableMeasured": [variable(column) for column in columns],
    }  # fmt: skip


def problems(folder: Path) -> list[str]:
    """Return what of the rules that must hold a folder breaks, each with its file; streams, so any size will do."""
    found: list[str] = []
    root = _read(folder / "dataset_description.json", found)
    if root is not None:
        found += _described(root)
    if not (folder / "data").is_dir():
        return [*found, "data: the directory is missing"]
    tables = [path for path in sorted((folder / "data").rglob("*_data.csv")) if "raw" not in path.parent.parts[-1:]]
    if not any(FILE.fullmatch(path.name) for path in tables):
        found.append("data: no file is named key-value_..._data.csv")
    for path in tables:
        if not FILE.fullmatch(path.name):
            found.append(f"{path.name}: keys are lower-case letters, values letters and digits")
        side = path.with_name(path.name.replace("_data.csv", "_data.json"))
        own = _read(side, found) if side.exists() else None
        found += _table(path, {**(root or {}), **(own or {})})
    return found


def _read(path: Path, found: list[str]) -> dict[str, Any] | None:
    try:
        made: Any = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        found.append(f"{path.name}: the file is missing")
        return None
    except (OSError, ValueError) as error:
        found.append(f"{path.name}: not JSON: {error}")
        return None
    if not isinstance(made, dict):
        found.append(f"{path.name}: not a JSON object")
        return None
    return cast("dict[str, Any]", made)


def _described(root: Mapping[str, Any]) -> Iterator[str]:
    where = "dataset_description.json"
    if str(root.get("@context", "")).rstrip("/").replace("http://", "https://") != "https://schema.org":
        yield f"{where}: @context should be https://schema.org/"
    if root.get("@type") != "Dataset":
        yield f"{where}: @type should be Dataset"
    for name in ("name", "description", "variableMeasured"):
        if not root.get(name):
            yield f"{where}: {name} is missing"


def _table(path: Path, meta: Mapping[str, Any]) -> Iterator[str]:
    told: list[Any] = list(meta.get("variableMeasured", ()))
    named = [cast("Mapping[str, Any]", each).get("name") if isinstance(each, Mapping) else each for each in told]
    names = {str(each) for each in named}
    with path.open(encoding="utf-8", newline="") as file:
        reader, seen, nothing = csv.reader(file, strict=True), set[str](), list[str]()
        try:
            header = next(reader, nothing)
            if not header or "" in header or len(set(header)) != len(header):
                yield f"{path.name}: the header is missing, or a name in it is empty or stands twice"
            if lacking := [name for name in header if name not in names]:
                yield f"{path.name}: not in variableMeasured: {', '.join(lacking)}"
            at = header.index("row_id") if "row_id" in header else -1
            for row in reader:
                if len(row) != len(header):
                    yield f"{path.name}, line {reader.line_num}: {len(row)} cells where the header has {len(header)}"
                    return
                if at >= 0 and row[at] in seen:
                    yield f"{path.name}, line {reader.line_num}: row_id {row[at]} stands twice"
                if at >= 0:
                    seen.add(row[at])
        except (csv.Error, UnicodeDecodeError) as error:
            yield f"{path.name}: not CSV in UTF-8: {error}"
