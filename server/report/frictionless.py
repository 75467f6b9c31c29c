"""Frictionless Data Package 2.0: `datapackage.json`.

https://datapackage.org/standard/data-package/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from server.report.about import About
from server.report.columns import Column, Sheet

PROFILES = "https://datapackage.org/profiles/2.0"
MEDIA = {
    "csv": "text/csv", "parquet": "application/vnd.apache.parquet", "json": "application/json", "gz": "application/gzip",
    "md": "text/markdown", "toml": "application/toml", "html": "text/html", "svg": "image/svg+xml", "png": "image/png",
    "pdf": "application/pdf", "ipynb": "application/x-ipynb+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


class Written(msgspec.Struct, frozen=True):
    """A file of the export: path from its root, size, digest, and for tables what they are."""

    path: str
    bytes: int
    sha256: str
    sheet: Sheet | None = None
    rows: int = 0


def field(column: Column) -> dict[str, Any]:
    """Return a column as a field: `enum` for tools of version 1, `categories` with their labels for those of version 2."""
    made: dict[str, Any] = {"name": column.name, "type": column.kind, "description": column.about}
    limits: dict[str, Any] = {"required": True} if column.required else {}
    if column.least is not None:
        limits["minimum"] = column.least
    if column.most is not None:
        limits["maximum"] = column.most
    if column.levels:
        limits["enum"] = list(column.levels)
        made["categories"] = [{"value": value, "label": label or value} for value, label in column.levels.items()]
    if column.unit:
        made["unit"] = column.unit
    return made | ({"constraints": limits} if limits else {})


def schema(sheet: Sheet, known: Sequence[str]) -> dict[str, Any]:
    """Return a table's schema; foreign keys only into the tables `known`."""
    made: dict[str, Any] = {
        "$schema": f"{PROFILES}/tableschema.json", "missingValues": [""],
        "fields": [field(column) for column in sheet.columns], "primaryKey": list(sheet.key),
    }  # fmt: skip
    keys = [
        {"fields": list(names), "reference": {"resource": other, "fields": list(names)}}
        for names, other in sheet.points
        if other in known
    ]
    return made | ({"foreignKeys": keys} if keys else {})


def resource(written: Written, known: Sequence[str]) -> dict[str, Any]:
    """Return one file as a resource."""
    kind = written.path.rsplit(".", 1)[-1]
    name = written.path.lower().replace("/", "-")
    name = "".join(each for each in name if each.isascii() and (each.isalnum() or each in ".-_"))
    made: dict[str, Any] = {
        "name": name, "path": written.path, "format": kind, "mediatype": MEDIA.get(kind, "text/plain"),
        "bytes": written.bytes, "hash": f"sha256:{written.sha256}",
    }  # fmt: skip
    if written.sheet is None or kind != "csv":
        return made
    dialect = {"$schema": f"{PROFILES}/tabledialect.json", "delimiter": ",", "lineTerminator": "\n", "header": True}
    table = {
        "$schema": f"{PROFILES}/dataresource.json", "name": written.sheet.name, "type": "table",
        "encoding": "utf-8", "description": written.sheet.about,
        "dialect": dialect, "schema": schema(written.sheet, known),
    }  # fmt: skip
    return made | table


def package(
    about: About, title: str, text: str, name: str, files: Sequence[Written], more: Mapping[str, Any]
) -> dict[str, Any]:
    """Return `datapackage.json`."""
    known = [each.sheet.name for each in files if each.sheet and each.path.endswith(".csv")]
    people = [{"title": each.name, "roles": ["author"]} for each in about.author]
    found: dict[str, Any] = {
        "$schema": f"{PROFILES}/datapackage.json", "name": name, "title": title, "description": text,
        "licenses": [{"name": about.licence, "path": about.licence_address, "title": about.licence_title}],
        "keywords": list(about.keywords), "contributors": people, "homepage": about.url, "id": about.identifier,
    }  # fmt: skip
    kept = {key: value for key, value in found.items() if value}
    return kept | dict(more) | {"resources": [resource(each, known) for each in files]}
