"""The Frictionless Data Package 2.0 profile, from its documented rules, and what its keys, types and constraints promise."""

import csv
import hashlib
import json
import re
from datetime import datetime

import pytest

from tests.server.exported import exported, log, package, person

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is in the extra `test`")

TYPES = (
    "string number integer boolean object array list datetime date time year yearmonth duration geopoint geojson any"
)
TEXT = {"type": "string", "minLength": 1}
FIELD = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "type": {"enum": TYPES.split()},
        "title": TEXT,
        "description": TEXT,
        "constraints": {
            "type": "object",
            "properties": {
                "required": {"type": "boolean"},
                "unique": {"type": "boolean"},
                "enum": {"type": "array", "minItems": 1, "uniqueItems": True},
                "minimum": {"type": "number"},
                "maximum": {"type": "number"},
                "pattern": TEXT,
            },
        },
        "categories": {
            "type": "array",
            "minItems": 1,
            "items": {
                "anyOf": [
                    TEXT,
                    {"type": "integer"},
                    {"type": "object", "required": ["value"], "properties": {"label": TEXT}},
                ]
            },
        },
    },
}
SCHEMA = {
    "type": "object",
    "required": ["fields"],
    "properties": {
        "fields": {"type": "array", "minItems": 1, "items": FIELD},
        "missingValues": {"type": "array"},
        "primaryKey": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
        "foreignKeys": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["fields", "reference"],
                "properties": {
                    "fields": {"type": "array", "items": TEXT, "minItems": 1},
                    "reference": {
                        "type": "object",
                        "required": ["fields"],
                        "properties": {"resource": TEXT, "fields": {"type": "array"}},
                    },
                },
            },
        },
    },
}
RESOURCE = {
    "type": "object",
    "required": ["name"],
    "oneOf": [{"required": ["path"]}, {"required": ["data"]}],
    "properties": {
        "name": TEXT,
        "path": {"type": "string", "pattern": r"^(?=^[^./~])(^((?!\.{2}).)*$).*$"},
        "type": {"enum": ["table"]},
        "format": TEXT,
        "mediatype": {"type": "string", "pattern": r"^(.+)/(.+)$"},
        "encoding": TEXT,
        "bytes": {"type": "integer", "minimum": 0},
        "hash": {"type": "string", "pattern": r"^sha256:[0-9a-f]{64}$"},
        "schema": SCHEMA,
    },
}
PROFILE = {
    "type": "object",
    "required": ["$schema", "resources"],
    "properties": {
        "$schema": {"const": "https://datapackage.org/profiles/2.0/datapackage.json"},
        "name": {"type": "string", "pattern": r"^[a-z0-9._-]+$"},
        "id": TEXT,
        "title": TEXT,
        "description": TEXT,
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT.*Z$"},
        "licenses": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "anyOf": [{"required": ["name"]}, {"required": ["path"]}]},
        },
        "contributors": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "minProperties": 1, "properties": {"roles": {"type": "array"}}},
        },
        "keywords": {"type": "array", "minItems": 1, "items": TEXT},
        "resources": {"type": "array", "minItems": 1, "items": RESOURCE},
    },
}


@pytest.fixture(scope="module", params=["plain", "release"])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    source = log(folder / "x.log.jsonl", person("p1"), person("p2", seed=2))
    about = folder / "about.toml"
    about.write_text('[[author]]\nname = "A. Myrmeca"\n')
    options = ["--release"] if request.param == "release" else []
    return exported(source, folder / "out", "--about", about, *options)


def resources(folder):
    return [each for each in package(folder)["resources"] if each.get("type") == "table"]


def records(folder, each):
    with (folder / each["path"]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_profile_holds(made):
    jsonschema.Draft202012Validator.check_schema(PROFILE)
    jsonschema.validate(package(made), PROFILE)


def test_the_profile_refuses_what_is_wrong(made):
    good = package(made)
    for change in ({"resources": []}, {"name": "Ä b"}, {"licenses": [{}]}, {"created": "yesterday"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(good | change, PROFILE)


def test_names_are_unique_and_files_are_as_described(made):
    names = [each["name"] for each in package(made)["resources"]]
    assert len(set(names)) == len(names)
    for each in package(made)["resources"]:
        data = (made / each["path"]).read_bytes()
        assert (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}") == (each["bytes"], each["hash"])
    listed = {each["path"] for each in package(made)["resources"]}
    data = {
        p.relative_to(made).as_posix()
        for p in (made / "data").rglob("*")
        if p.is_file() and not p.name.endswith("_data.json")
    }
    assert data <= listed


def test_headers_and_keys_are_those_of_the_schema(made):
    for each in resources(made):
        rows = records(made, each)
        fields = [field["name"] for field in each["schema"]["fields"]]
        assert list(rows[0]) == fields
        keys = [tuple(row[name] for name in each["schema"]["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys), each["name"]
        assert all(all(key) for key in keys), each["name"]


def test_foreign_keys_lead_somewhere(made):
    by_name = {each["name"]: each for each in resources(made)}
    seen = set()
    for each in by_name.values():
        for key in each["schema"].get("foreignKeys", ()):
            other = by_name[key["reference"]["resource"]]
            known = {tuple(row[name] for name in key["reference"]["fields"]) for row in records(made, other)}
            assert {tuple(row[name] for name in key["fields"]) for row in records(made, each)} <= known
            seen.add((each["name"], other["name"]))
    assert {
        ("trials", "sessions"),
        ("trials", "stimuli"),
        ("roundvalues", "trials"),
        ("explanations", "stimuli"),
    } <= seen


def wrong(text, field):
    """Return what is wrong with a cell, "" for nothing."""
    limits = field.get("constraints", {})
    if not text:
        return "required" if limits.get("required") else ""
    if "enum" in limits and text not in limits["enum"]:
        return "not in enum"
    match field["type"]:
        case "boolean":
            return "" if text in ("true", "false") else "no boolean"
        case "datetime":
            return "" if text.endswith("Z") and datetime.fromisoformat(text) else "no moment"
        case "integer":
            if not re.fullmatch(r"-?\d+", text):
                return "no integer"
    if field["type"] in ("integer", "number"):
        low, high = limits.get("minimum", float("-inf")), limits.get("maximum", float("inf"))
        return "" if low <= float(text) <= high else "out of bounds"
    return ""


def test_cells_are_of_their_types_and_within_their_constraints(made):
    found = [
        (each["name"], field["name"], row[field["name"]], why)
        for each in resources(made)
        for row in records(made, each)
        for field in each["schema"]["fields"]
        if (why := wrong(row[field["name"]], field))
    ]
    assert not found


def test_classes_have_their_names_as_labels(made):
    trials = next(each for each in resources(made) if each["name"] == "trials")
    field = next(each for each in trials["schema"]["fields"] if each["name"] == "final_label")
    assert {"value": "ardena", "label": "Ardena"} in field["categories"]
    assert "ardena" in field["constraints"]["enum"]


def test_the_citation_is_yaml_with_what_cff_requires(made):
    lines = (made / "CITATION.cff").read_text("utf-8").splitlines()
    keys = {line.split(":")[0]: line.split(": ", 1)[-1] for line in lines if not line.startswith(" ")}
    assert keys["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= keys.keys()
    assert all(json.loads(keys[name]) for name in ("message", "title", "version"))
    assert '  - name: "A. Myrmeca"' in lines


@pytest.mark.slow
def test_the_official_validator_agrees(made):
    import frictionless

    path = made.with_name(f"{made.name}.json")
    tables = {**package(made), "resources": resources(made)}  # Parquet needs one more package of theirs
    path.write_text(json.dumps(tables), "utf-8")
    report = frictionless.Package(json.loads(path.read_text("utf-8")), basepath=str(made)).validate()
    assert report.valid, report.flatten(["name", "type", "message"])
