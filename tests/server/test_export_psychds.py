"""Every rule of Psych-DS 1.5.0 that must hold, and what it recommends, checked on exports; then our own checker."""

import csv
import json
import re
import shutil

import pytest

from game.logfile import write
from server.report.psychds import file_name, problems
from tests.game.session import Session
from tests.server.exported import exported, log, person
from tests.tiny import Tiny, manifest, study

NAME = re.compile(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.csv")
DESCRIPTION = "dataset_description.json"
OFFICIAL = {"study", "site", "subject", "session", "task", "condition", "trial", "stimulus", "description"}


@pytest.fixture(scope="module", params=["log", "release", "participant"])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    source = log(folder / "x.log.jsonl", person("p1"), person("p2", seed=2))
    options = {"log": (), "release": ("--release",), "participant": ("--participant", "p2")}
    return exported(source, folder / "out", *options[request.param])


@pytest.fixture(scope="module")
def root(made):
    return json.loads((made / "dataset_description.json").read_text("utf-8"))


def tables(folder):
    return sorted(path for path in (folder / "data").rglob("*.csv") if "raw" not in path.parts)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def test_1_the_description_is_json_ld_in_the_root(root):
    assert root["@context"].rstrip("/") == "https://schema.org"


def test_2_it_has_the_required_fields_and_type(root):
    assert root["@type"] == "Dataset"
    assert all(root[name] for name in ("name", "description", "variableMeasured"))
    for each in root["variableMeasured"]:
        assert each["@type"] == "PropertyValue"
        assert each["name"]
        assert each["description"]


def test_3_and_4_data_files_are_in_data_and_called_by_keywords(made):
    names = [path.name for path in tables(made)]
    assert names
    assert all(NAME.fullmatch(name) for name in names), names
    assert {part.split("-")[0] for name in names for part in name.removesuffix("_data.csv").split("_")} <= OFFICIAL


def test_5_tables_are_utf_8_with_a_header_and_rows_of_its_length(made):
    for path in tables(made):
        data = path.read_bytes()
        assert not data.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in data
        header, *body = rows(path)
        assert all(header)
        assert len(set(header)) == len(header)
        assert {len(row) for row in body} <= {len(header)}
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in header)


def test_6_every_column_is_described_in_the_root_and_in_its_sidecar(made, root):
    union = {each["name"] for each in root["variableMeasured"]}
    for path in tables(made):
        side = json.loads(path.with_name(path.name.replace("_data.csv", "_data.json")).read_text("utf-8"))
        assert [each["name"] for each in side["variableMeasured"]] == rows(path)[0], "inheritance replaces: complete"
        assert set(rows(path)[0]) <= union


def test_7_row_ids_would_be_unique_and_there_are_none(made):
    assert all("row_id" not in rows(path)[0] for path in tables(made))


def test_what_is_recommended_is_there(made, root):
    for name in ("README.md", "CHANGES.md", ".psychds-ignore", "materials", "documentation"):
        assert (made / name).exists()
    for name in ("license", "keywords", "citation", "privacyPolicy"):
        assert root[name]
    wanted = {"study_id", "subject_id", "session_id", "condition_id", "trial_id", "stimulus_id"}
    assert wanted <= {each["name"] for each in root["variableMeasured"]}


ABOUT = """title = "Ants"
funder = "ANR, grant 1"
url = "https://osf.example/ants"
identifier = "10.5281/zenodo.1"
[[author]]
name = "A. Myrmeca"
orcid = "0000-0002-1825-0097"
affiliation = "Nest"
"""


def test_everything_that_is_recommended_of_the_whole_can_be_told(tmp_path):
    """The schema of version 1.5.0 asks of metadata: author, citation, license, funder, url, identifier, privacy, keywords."""
    (tmp_path / "about.toml").write_text(ABOUT)
    source = log(tmp_path / "x.log.jsonl", person("p1"))
    root = json.loads(
        (exported(source, tmp_path / "out", "--about", tmp_path / "about.toml") / DESCRIPTION).read_text("utf-8")
    )
    assert root["author"] == [
        {
            "@type": "Person", "name": "A. Myrmeca", "identifier": "https://orcid.org/0000-0002-1825-0097",
            "affiliation": {"@type": "Organization", "name": "Nest"},
        }
    ]  # fmt: skip
    assert (root["funder"], root["url"]) == ("ANR, grant 1", "https://osf.example/ants")
    assert root["identifier"] == "10.5281/zenodo.1"
    assert {"citation", "license", "privacyPolicy", "keywords"} <= root.keys()
    plain = json.loads((exported(source, tmp_path / "plain") / DESCRIPTION).read_text("utf-8"))
    assert {"author", "funder", "url", "identifier"}.isdisjoint(plain), "what nobody said is left out, never made up"


def test_the_codebook_has_every_column(made):
    text = (made / "documentation/codebook.md").read_text("utf-8")
    for path in tables(made):
        assert all(f"| `{name}` |" in text for name in rows(path)[0])
    assert "First answer, given before the AI's was seen (h0)." in text, "as the source of `Round` says"


def test_our_checker_agrees(made):
    assert problems(made) == []


@pytest.mark.parametrize("workflow", ["solo", "delegation", "on_request"])
def test_every_kind_of_round_gives_a_valid_data_set(tmp_path, workflow):
    session = Session(Tiny(study(workflow), manifest(8, 0))).finish(seed=2)
    path = tmp_path / "x.log.jsonl"
    path.write_bytes(b"".join(write({"session:tiny:p1": session.rows}, session.tiny.blobs)))
    assert problems(exported(path, tmp_path / "out")) == []


def broken(path, how):
    """Break one rule of a copy."""
    main = next(path.glob("data/*trials_data.csv"))
    root = path / "dataset_description.json"
    match how:
        case "no description":
            root.unlink()
        case "no JSON":
            root.write_text("{")
        case "no name":
            root.write_text(json.dumps({**json.loads(root.read_text()), "name": ""}))
        case "type":
            root.write_text(json.dumps({**json.loads(root.read_text()), "@type": "Thing"}))
        case "context":
            root.write_text(json.dumps({**json.loads(root.read_text()), "@context": "x"}))
        case "no data":
            shutil.rmtree(path / "data")
        case "file name":
            main.rename(main.with_name("study-a_b_data.csv"))
        case "ragged":
            main.write_text(main.read_text() + "1,2\n")
        case "header":
            main.write_text("a,a\n1,2\n")
        case "undescribed":
            main.write_text("invented\n1\n")
        case "not UTF-8":
            main.write_bytes(b"study_id\n\xff\n")
        case "row_id":
            main.with_name(main.name.replace(".csv", ".json")).write_text('{"variableMeasured": ["row_id"]}')
            main.write_text("row_id\n1\n1\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("no description", "the file is missing"), ("no JSON", "not JSON"), ("no name", "name is missing"),
        ("type", "@type should be Dataset"), ("context", "@context"), ("no data", "the directory is missing"),
        ("file name", "keys are lower-case"), ("ragged", "2 cells where"), ("header", "stands twice"),
        ("undescribed", "not in variableMeasured: invented"), ("not UTF-8", "not CSV in UTF-8"),
        ("row_id", "row_id 1 stands twice"),
    ],
)  # fmt: skip
def test_our_checker_names_what_is_broken(tmp_path, how, said):
    made = exported(log(tmp_path / "x.log.jsonl", person("p1")), tmp_path / "out")
    broken(made, how)
    assert any(said in each for each in problems(made)), problems(made)


@pytest.mark.parametrize("name", ["ants, pilot-3", "fourmis_été", "---", "a.b"])
def test_file_names_hold_for_any_study(name):
    assert NAME.fullmatch(file_name(name, "trials"))
