"""Beside the tables of an export: a report, a workbook, the schema of events, and, apart from it, the file of platform ids."""

import csv
import gzip
import json
import shutil
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
from click.testing import CliRunner

from server.commands.report import report
from server.commands.validate import validate
from server.erasure import mentions
from server.people import People
from server.recruit import Arrival
from server.report import workbook
from server.report.columns import Column, Sheet
from server.report.eventschema import FILE
from server.report.lines import Lines
from server.settings import load, secret
from server.store_sqlite import SqliteStore
from tests.server.exported import data_folder, everything, exported, log, package, people, run, table

XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is in the extra `test`")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return log(tmp_path_factory.mktemp("log") / "x.log.jsonl", *people().values())


@pytest.fixture(scope="module")
def plain(source, tmp_path_factory):
    return exported(source, tmp_path_factory.mktemp("plain") / "out", "--excel")


def judged(folder):
    """Validate; return exit code and words."""
    done = CliRunner().invoke(validate, [str(folder)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stderr


def cells(path, name):
    """Return the rows of a sheet of a workbook, as what is stored."""
    with zipfile.ZipFile(path) as file:
        sheets = ET.fromstring(file.read("xl/workbook.xml")).find(f"{XML}sheets")
        at = [each.attrib["name"] for each in sheets].index(name) + 1
        page = ET.fromstring(file.read(f"xl/worksheets/sheet{at}.xml"))
    return [[(c.get("t", "n"), "".join(c.itertext())) for c in row] for row in page.iter(f"{XML}row")]


def test_the_workbook_has_every_table_with_its_types(plain, source, tmp_path):
    path = plain / "excel" / "ants.xlsx"
    rows = cells(path, "trials")
    told = table(plain, "trials")
    assert [text for _, text in rows[0]] == list(told[0])
    assert len(rows) == 1 + len(told)
    kinds = {"string": "inlineStr", "datetime": "inlineStr", "integer": "n", "number": "n", "boolean": "b"}
    (resource,) = (each for each in package(plain)["resources"] if each["name"] == "trials")
    types = {each["name"]: each["type"] for each in resource["schema"]["fields"]}
    written = [(kinds[types[name]], text) for name, text in told[0].items() if text]
    assert [(kind, {"1": "true", "0": "false"}[text] if kind == "b" else text) for kind, text in rows[1]] == written
    assert {text for row in cells(path, "columns")[1:] for _, text in row[:1]} == {
        "sessions", "trials", "roundvalues", "events", "responses", "stimuli", "explanations",
    }  # fmt: skip
    assert (exported(source, tmp_path / "again", "--excel") / "excel/ants.xlsx").read_bytes() == path.read_bytes()


def test_an_erasure_finds_every_file_of_an_export_that_has_the_person(plain):
    found = {path.relative_to(plain).as_posix() for path in mentions([plain], ["ants/p1"])}
    assert {"data/raw/events.jsonl.gz", "parquet/trials.parquet", "excel/ants.xlsx"} <= found
    assert "data/study-ants_description-trials_data.csv" in found
    assert "README.md" not in found
    assert not list(mentions([plain], ["ants/zq9zq7"]))


def test_an_export_is_valid(plain):
    assert judged(plain) == (0, f"{plain}: whole and valid: 28 files, 7 tables, 312 rows\n")


def test_a_long_table_goes_on_in_the_next_sheet_and_no_text_becomes_a_formula(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "ROWS", 3)
    sheet = Sheet("x", "", (Column("t", "string", ""), Column("n", "number", "")), ())
    lines = Lines(tmp_path / "x.csv", sheet)
    for text in ("=1+1", "https://a.example", "0123", "x" * 40_000, "last"):
        lines.write({"t": text, "n": float("inf")})
    lines.close()
    assert workbook.write(tmp_path / "x.xlsx", [(lines.path, sheet)]) == 1
    rows = cells(tmp_path / "x.xlsx", "x") + cells(tmp_path / "x.xlsx", "x 2") + cells(tmp_path / "x.xlsx", "x 3")
    assert [kind for row in rows for kind, _ in row] == ["inlineStr"] * 16
    assert [row[0][1][:18] for row in rows] == ["t", "=1+1", "https://a.example", "t", "0123", "x" * 18, "t", "last"]


def test_every_event_of_a_log_is_as_its_schema_says(plain):
    schema = json.loads((plain / "documentation" / FILE).read_text("utf-8"))
    judge = jsonschema.Draft202012Validator(schema)
    judge.check_schema(schema)
    rows = [row for each in ("p1", "gone", "study") for row in people()[each]]
    for row in rows:
        event = json.loads(row.data) | {"kind": row.kind, "at": row.at, "by": row.by}
        judge.validate(event)
        assert not judge.is_valid(event | {"at": "yesterday"})
    assert {row.kind for row in rows} >= {"opened", "assigned", "shown", "answered", "withdrawn", "placed"}


@pytest.fixture(scope="module")
def reported(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "out"
    done = CliRunner().invoke(report, [str(source), "-o", str(folder), "--resamples", "20", "--release"])
    assert done.exit_code == 0, done.output
    return folder


@pytest.mark.slow
def test_a_report_lies_in_results_and_its_scripts_in_analysis(source, reported, tmp_path):
    made = exported(source, tmp_path / "out", "--report", reported, "--release")
    assert judged(made)[0] == 0, "the folders that Psych-DS recommends for both are no trouble to it"
    files = everything(made)
    own = everything(reported)
    inside = {name if name.startswith("analysis/") else f"results/{name}": data for name, data in own.items()}
    assert {name: data for name, data in files.items() if name.startswith(("analysis/", "results/"))} == inside
    assert {"results/report.html", "results/figures/F03.csv", "analysis/analysis.py", "analysis/analysis.R"} <= set(
        inside
    )
    assert "results/report.html" in (made / "README.md").read_text("utf-8")
    assert {each["path"] for each in package(made)["resources"]} >= set(inside)
    told = gzip.decompress(files["results/data/sessions.csv.gz"]).decode()
    assert "p1" in told
    assert not any(name in told for name in ("private", "gone", "delete,")), "who did not agree to share"
    (home,) = (line for line in files["analysis/analysis.py"].decode().splitlines() if line.startswith("HOME ="))
    names = {"Path": Path, "__file__": str(made / "analysis/analysis.py")}
    exec(home, names)
    assert names["HOME"] == made / "results"


@pytest.mark.slow
def test_a_report_of_other_people_is_refused(source, reported, tmp_path):
    one = log(tmp_path / "one.log.jsonl", people()["p1"])
    done = run(one, tmp_path / "out", "--report", reported)
    assert done.exit_code == 1
    assert "3 of its 6 rounds are not in this export" in done.stderr
    assert not (tmp_path / "out").exists()
    assert "not a folder that `coplay report` wrote" in run(source, tmp_path / "out", "--report", tmp_path).stderr


@pytest.fixture
def installation(tmp_path):
    """A data folder with people whom platforms sent, and the secret that opens their ids."""
    folder = data_folder(tmp_path / "data", *(people()[name] for name in ("p1", "p2", "gone")))
    key = secret(msgspec.structs.replace(load(), data=str(folder)))
    database = SqliteStore(folder / "coplay.db")
    known = People(database, key)
    known.claim("ants", Arrival("prolific", "5f3a", "sub1", "st1"), "ants/p1")
    known.claim("ants", Arrival("prolific", "77aa", "sub2", "st1"), "ants/gone")
    database.close()
    return folder


def test_platform_ids_go_into_a_file_of_their_own(installation, tmp_path):
    ids = tmp_path / "ids.csv"
    done = run(installation, tmp_path / "out", "--include-recruit-ids", ids)
    assert done.exit_code == 0, done.output
    assert "WARNING" in done.stderr
    with ids.open(newline="") as file:
        assert [list(row.values()) for row in csv.DictReader(file)] == [
            ["ants/p1", "p1", "prolific", "5f3a", "sub1", "st1"]
        ]
    assert ids.stat().st_mode & 0o777 == 0o600
    assert not any(b"5f3a" in data for data in everything(tmp_path / "out").values())
    again = run(installation, tmp_path / "two", "--include-recruit-ids", ids)
    assert (again.exit_code, "exists: name another file" in again.stderr) == (2, True)


@pytest.mark.parametrize(("more", "said"), [(("--release",), "says who people are"), ((), "not into the export")])
def test_platform_ids_never_go_where_they_do_not_belong(installation, tmp_path, more, said):
    done = run(installation, tmp_path / "out", "--include-recruit-ids", tmp_path / "out" / "ids.csv", *more)
    assert (done.exit_code, said in done.stderr) == (2, True), done.output
    assert not (tmp_path / "out").exists()


def broken(folder, how):
    """Spoil one thing of a copy."""
    trials = next(folder.glob("data/*trials_data.csv"))
    match how:
        case "changed":
            (folder / "README.md").write_text("other")
        case "missing":
            (folder / "documentation/codebook.md").unlink()
        case "more":
            (folder / "data/notes.txt").write_text("mine")
        case "no sums":
            (folder / "SHA256SUMS").unlink()
        case "no package":
            (folder / "datapackage.json").write_text("{")
        case "twice":
            trials.write_text(trials.read_text() + trials.read_text().splitlines(keepends=True)[-1])
        case _:
            old, new = how
            trials.write_text(trials.read_text().replace(old, new, 1))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("changed", "README.md: changed since it was written"), ("missing", "codebook.md: listed in SHA256SUMS, and missing"),
        ("more", "data/notes.txt: not listed"), ("no sums", "this is no whole export"),
        ("no package", "cannot be read as a data package"),
        ("twice", "bytes, "), ((",true,", ",maybe,"), "changed since"), (("study_id", "study"), "not in variableMeasured: study"),
    ],
)  # fmt: skip
def test_a_spoilt_export_is_told(plain, tmp_path, how, said):
    made = Path(shutil.copytree(plain, tmp_path / "out"))
    broken(made, how)
    code, words = judged(made)
    assert (code, said in words) == (1, True), words
