"""Is a folder a whole and valid export? Checksums, the rules of Psych-DS, and what `datapackage.json` promises of tables."""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from server.report import psychds

SUMS, PACKAGE = "SHA256SUMS", "datapackage.json"
Keys = dict[tuple[str, tuple[str, ...]], set[bytes]]
"""(table, columns) -> the keys that stand there, short."""


class Found(msgspec.Struct):
    """What a check found."""

    problems: list[str]
    files: int = 0
    tables: int = 0
    rows: int = 0


def check(folder: Path) -> Found:
    """Check an export; every file is read, none is held in memory. Raises OSError where a file cannot be read."""
    found = Found(list(_sums(folder)))
    found.problems += psychds.problems(folder)
    try:
        package: dict[str, Any] = json.loads((folder / PACKAGE).read_text("utf-8"))
        resources: list[dict[str, Any]] = package["resources"]
        names = [each["path"] for each in resources if each.get("schema")]
    except (OSError, ValueError, KeyError, TypeError) as error:
        found.problems.append(f"{PACKAGE}: cannot be read as a data package: {error}")
        return found
    found.files, found.tables = len(resources), len(names)
    wanted = {
        (key["reference"]["resource"], tuple(key["reference"]["fields"]))
        for each in resources
        for key in each.get("schema", {}).get("foreignKeys", ())
    }
    known: Keys = {key: set() for key in wanted}
    whole = [each for each in resources if not (lacking := _file(folder, each)) or found.problems.append(lacking)]
    for each in whole:
        if "schema" in each:
            table = _Table(folder, each, known)
            found.problems += table.problems()
            found.rows += table.rows
    for each in whole:
        for key in each.get("schema", {}).get("foreignKeys", ()):
            found.problems += _leads(folder, each, key, known)
    return found


def _sums(folder: Path) -> Iterator[str]:
    try:
        lines = (folder / SUMS).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        yield f"{SUMS}: the file is missing: this is no whole export"
        return
    told = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {SUMS}
    yield from (f"{name}: listed in {SUMS}, and missing" for name in sorted(told.keys() - here))
    yield from (f"{name}: not listed in {SUMS}" for name in sorted(here - told.keys()))
    for name in sorted(here & told.keys()):
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != told[name]:
                yield f"{name}: changed since it was written"


def _file(folder: Path, resource: Mapping[str, Any]) -> str:
    """Return what is wrong with a resource's file, "" where it is as the package says."""
    name = str(resource.get("path", ""))
    if not name or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        return f"{PACKAGE}: {name or 'a resource'}: paths are relative, within the folder"
    path = folder / name
    if not path.is_file():
        return f"{name}: in {PACKAGE}, and missing"
    if path.stat().st_size != resource.get("bytes"):
        return f"{name}: {path.stat().st_size} bytes, {resource.get('bytes')} in {PACKAGE}"
    return ""


class _Table:
    """One table, read once."""

    def __init__(self, folder: Path, resource: Mapping[str, Any], known: Keys) -> None:
        self.name, self.path, self.rows = str(resource["name"]), folder / str(resource["path"]), 0
        self.schema: dict[str, Any] = resource["schema"]
        self.keys = [(columns, known[self.name, columns]) for name, columns in known if name == self.name]

    def problems(self) -> Iterator[str]:
        """Yield the first problem of each column, of the header and of the key."""
        fields = {str(each["name"]): each for each in self.schema["fields"]}
        primary, seen, told = tuple(self.schema.get("primaryKey", ())), set[bytes](), set[str]()
        for at, row in enumerate(_rows(self.path), 2):
            if at == 2 and list(row) != list(fields):
                yield f"{self.path.name}: its columns are not those of {PACKAGE}"
                return
            self.rows += 1
            for name, field in fields.items():
                if name not in told and (wrong := _wrong(row[name], field)):
                    told.add(name)
                    yield f"{self.path.name}, row {at}: {name} {wrong}"
            for columns, keys in self.keys:
                keys.add(_key(row, columns))
            key = _key(row, primary)
            if primary and key in seen:
                yield f"{self.path.name}, row {at}: {', '.join(primary)} stands twice"
                return
            seen.add(key)


def _wrong(text: str, field: Mapping[str, Any]) -> str:
    limits = field.get("constraints", {})
    if not text:
        return "is empty" if limits.get("required") else ""
    try:
        number = _typed(text, str(field.get("type", "string")))
    except ValueError:
        return f"is {text[:40]!r}, which is no {field['type']}"
    if "enum" in limits and text not in limits["enum"]:
        return f"is {text[:40]!r}, which is none of its values"
    if not limits.get("minimum", -math.inf) <= number <= limits.get("maximum", math.inf):
        return f"is {text}, out of its bounds"
    return ""


def _typed(text: str, kind: str) -> float:
    """Return a cell's number, 0 where it is none; raises ValueError where it is not of its type."""
    match kind:
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case "boolean":
            return ("false", "true").index(text)
        case "datetime":
            datetime.fromisoformat(text)
            return 0
        case _:
            return 0


def _leads(folder: Path, resource: Mapping[str, Any], key: Mapping[str, Any], known: Keys) -> Iterator[str]:
    to, columns = str(key["reference"]["resource"]), tuple(key["reference"]["fields"])
    there, path = known[to, columns], folder / str(resource["path"])
    for at, row in enumerate(_rows(path), 2):
        if all(row.get(name) for name in key["fields"]) and _key(row, key["fields"]) not in there:
            yield f"{path.name}, row {at}: {', '.join(key['fields'])} leads to no row of {to}"
            return


def _key(row: Mapping[str, str], columns: Sequence[str]) -> bytes:
    return hashlib.blake2b(repr([row.get(name) for name in columns]).encode(), digest_size=16).digest()


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
