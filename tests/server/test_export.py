"""`coplay export`: what stands in the tables, who is left out, what a release hides, and that a log comes back whole."""

import csv
import gzip
import hashlib
import importlib.util
import io
import json
import shutil
import tempfile
import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from game import logfile, roundsfile
from game.log import session_events, verify_chain
from game.rounds import rounds_of
from game.roundsfile import Header
from server.report import parquet
from server.report.columns import NAMES, Column, Sheet
from server.report.lines import Lines
from server.report.sheets import ROUNDS
from tests.server.exported import (
    ANTS,
    data_folder,
    everything,
    exported,
    log,
    package,
    people,
    person,
    run,
    table,
    unzipped,
)


@pytest.fixture(scope="module")
def crowd():
    return people()


MOTHS = Path(__file__).resolve().parents[2] / "game" / "studies" / "moths"


@pytest.fixture
def one_round_each(crowd, tmp_path):
    """A rounds file with real and simulated rounds."""
    rounds = rounds_of(session_events(crowd["p1"]), ANTS.manifest)
    rounds += [msgspec.structs.replace(each, participant="sim", source="simulated") for each in rounds]
    path = tmp_path / "both.rounds.jsonl"
    path.write_bytes(b"".join(roundsfile.encode(Header(source="mixed"), rounds)))
    return path


@pytest.fixture(scope="module")
def source(crowd, tmp_path_factory):
    return log(tmp_path_factory.mktemp("log") / "x.log.jsonl", *crowd.values())


@pytest.fixture(scope="module")
def plain(source, tmp_path_factory):
    return exported(source, tmp_path_factory.mktemp("plain") / "out")


def test_only_real_people_who_stayed_are_in_the_tables(plain, source, tmp_path):
    assert [row["subject_id"] for row in table(plain, "sessions")] == ["p1", "p2", "private"]
    assert {row["data_kind"] for row in table(plain, "trials")} == {"real"}
    said = run(source, tmp_path / "again").stderr
    assert "3 sessions, 9 trials" in said
    assert "1 withdrawn, 4 left out" in said
    assert "it is pilot data (--prefix pilot exports those)" in said
    assert "asked at the debrief that the answers be deleted" in said
    assert "its data were erased" in said


def test_trials_are_the_rounds_of_the_log(plain, crowd):
    made = rounds_of(session_events(crowd["p1"]), ANTS.manifest)
    rows = [row for row in table(plain, "trials") if row["subject_id"] == "p1"]
    assert [(r["round_index"], r["stimulus_id"], r["truth"], r["initial_label"], r["final_label"]) for r in rows] == [
        (str(each.round), each.specimen, each.truth, each.own, each.final) for each in made
    ]
    assert [row["correct"] for row in rows] == [str(each.correct).lower() for each in made]
    assert [row["changed"] for row in rows] == [str(each.own != each.final).lower() for each in made]
    assert {row["rt_ms"] for row in rows} == {"450"}
    assert {row["explanation_view"] for row in rows} == {"beside"}
    assert {row["rtt_ms"] for row in rows} == {"500"}, "answered after 1 s, half of it painted"
    assert {(row["mode"], row["explanation_method"]) for row in rows} == {("explained", "gradcam")}
    assert {row["vetoed"] for row in rows} == {""}, "not asked is empty, never false"
    assert rows[0]["class_order"].split() == list(made[0].options)
    values = [row for row in table(plain, "roundvalues") if row["trial_id"] == rows[0]["trial_id"]]
    chances = [float(row["value"]) for row in values if row["field"] == "probabilities"]
    assert chances == [0.75, 0.15, 0.05, 0.05]


def test_the_trials_table_has_every_column_that_was_asked_for(plain):
    asked = """study_id study_version ui_version subject_id session_id condition_id block trial_id round_index stimulus_id
        class_order context_shown protocol mode ai_offered ai_requested ai_label ai_conf_shown ai_correct explanation_method
        explanation_view explanation_ms_visible peek_count initial_label initial_conf final_label final_conf changed followed_ai
        truth correct points rt_ms rt_server_ms t_image_ms timeout focus_lost_ms reconnects rtt_ms viewport_w viewport_h
        image_css_w dpr pointer theme locale"""
    assert set(asked.split()) <= table(plain, "trials")[0].keys()
    assert set(NAMES.values()) <= table(plain, "trials")[0].keys()


def test_responses_have_codes_and_what_was_read(plain):
    rows = {row["item"]: row for row in table(plain, "responses") if row["subject_id"] == "p2"}
    assert (rows["age"]["value"], rows["age"]["value_label"]) == ("65_", ANTS.texts["en"]["demographics.age.65_"])
    trust = rows["q.s_tias.trust"]
    assert (trust["value_number"], trust["least"], trust["most"]) == ("7", "1", "7")
    assert trust["item_text"] == ANTS.texts["en"]["q.s_tias.trust"]
    assert rows["consent_read"]["value"] == "true"
    assert "continue" not in rows


def test_awkward_text_comes_through(source, plain):
    words = [row["value"] for row in table(plain, "responses") if row["item"] == "gender_words"]
    assert all(word == "a, “quoted”\nname 🐜" for word in words)


def test_events_are_one_row_each_and_stimuli_have_what_the_models_said(plain, crowd):
    rows = [row for row in table(plain, "events") if row["subject_id"] == "p1"]
    assert [row["kind"] for row in rows] == [row.kind for row in crowd["p1"]]
    stimuli = table(plain, "stimuli")
    assert len(stimuli) == 8
    assert stimuli[0]["ai_net_label"] == ANTS.manifest.specimens[0].advice["net"].label
    assert len(table(plain, "explanations")) == 16


def test_the_raw_log_comes_back_and_verifies(plain, crowd, tmp_path):
    back = logfile.read(unzipped(plain / "data/raw/events.jsonl.gz"))
    assert set(back.streams) == {"ants/p1", "ants/p2", "ants/private", "ants/gone"}
    assert back.streams["ants/p1"] == crowd["p1"], "rows as stored"
    assert all(row.data is None for row in back.streams["ants/gone"]), "bodies of people who withdrew are erased"
    for rows in back.streams.values():
        verify_chain(rows)
    heads = json.loads((plain / "data/raw/heads.json").read_text())
    assert heads["ants/p1"] == {"rows": len(crowd["p1"]), "head": crowd["p1"][-1].hash, "state": "whole"}
    plain_log = tmp_path / "back.log.jsonl"
    plain_log.write_bytes(gzip.decompress((plain / "data/raw/events.jsonl.gz").read_bytes()))
    again = exported(plain_log, tmp_path / "again")
    assert table(again, "trials") == table(plain, "trials")


def test_a_rerun_gives_the_same_bytes(source, plain, tmp_path):
    assert everything(exported(source, tmp_path / "again")) == everything(plain)


def test_a_data_folder_gives_what_its_log_file_gives(crowd, plain, tmp_path):
    folder = data_folder(tmp_path / "data", *crowd.values())
    before = {path: path.read_bytes() for path in folder.rglob("*.db")}
    assert everything(exported(folder, tmp_path / "out")) == everything(plain)
    assert all(path.read_bytes() == data for path, data in before.items()), "reading writes nothing"


def test_checksums_hold(plain):
    for line in (plain / "SHA256SUMS").read_text().splitlines():
        digest, path = line.split("  ")
        assert hashlib.sha256((plain / path).read_bytes()).hexdigest() == digest
    listed = {line.split("  ")[1] for line in (plain / "SHA256SUMS").read_text().splitlines()}
    assert listed == everything(plain).keys() - {"SHA256SUMS"}


def test_kinds_are_mixed_only_when_asked(source, tmp_path):
    pilot = exported(source, tmp_path / "pilot", "--prefix", "pilot")
    assert [(row["subject_id"], row["data_kind"]) for row in table(pilot, "sessions")] == [("pi1", "pilot")]
    assert "pilot" in package(pilot)["title"]
    both = exported(source, tmp_path / "both", "--prefix", "real", "--prefix", "pilot")
    assert {row["data_kind"] for row in table(both, "trials")} == {"real", "pilot"}
    assert "kinds of data: pilot 1, real 3" in (both / "README.md").read_text()


def test_simulated_data_alone_are_exported_and_marked(crowd, tmp_path):
    made = exported(log(tmp_path / "s.log.jsonl", crowd["sim"]), tmp_path / "out")
    assert {row["data_kind"] for row in table(made, "sessions")} == {"simulated"}
    assert {row["source"] for row in table(made, "trials")} == {"simulated"}
    assert "simulated data" in json.loads((made / "dataset_description.json").read_text())["name"]


def test_withdrawn_people_stay_when_asked_for(source, tmp_path):
    made = exported(source, tmp_path / "out", "--include-withdrawn")
    assert {row["subject_id"]: row["withdrew"] for row in table(made, "sessions")}["gone"] == "true"


def test_what_people_were_told_is_there_in_every_language(plain):
    files = sorted(path.name[:11] for path in (plain / "documentation").glob("consent-*.md"))
    assert files == ["consent-en-", "consent-fr-"]
    told = "".join(path.read_text() for path in (plain / "documentation").glob("consent-en-*.md"))
    assert ANTS.texts["en"]["consent.reuse"] in told
    assert "About ardena." in (plain / "materials/class-guide.md").read_text()


def test_simulated_rounds_never_mix_with_others(one_round_each, tmp_path):
    made = exported(one_round_each, tmp_path / "out")
    assert {row["data_kind"] for row in table(made, "trials")} == {"real"}
    asked = exported(one_round_each, tmp_path / "all", "--prefix", "real", "--prefix", "simulated")
    assert {row["data_kind"] for row in table(asked, "trials")} == {"real", "simulated"}


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_any_text_comes_back_from_a_table(values):
    sheet = Sheet("x", "", tuple(Column(f"c{n}", "string", "") for n in range(len(values))), ())
    with tempfile.TemporaryDirectory() as folder:
        lines = Lines(Path(folder) / "x.csv", sheet)
        lines.write({f"c{n}": value for n, value in enumerate(values)})
        lines.close()
        data = (Path(folder) / "x.csv").read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (lines.bytes, lines.sha256)
    back = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))[1:]
    plain = [unicodedata.normalize("NFC", value).replace("\0", "") for value in values]
    assert back == [[value.replace("\r\n", "\n").replace("\r", "\n") for value in plain]]


def test_mixed_versions_are_said(tmp_path):
    source = log(tmp_path / "x.log.jsonl", person("a", version=1), person("b", version=2))
    done = run(source, tmp_path / "out")
    assert "mixed versions: study version 1, core 1: 1 sessions; study version 2, core 1: 1 sessions" in done.stderr
    assert {row["study_version"] for row in table(tmp_path / "out", "trials")} == {"1", "2"}


def test_without_the_pack_nothing_is_made_up(crowd, tmp_path):
    done = run(log(tmp_path / "x.log.jsonl", crowd["p1"], blobs={}), tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "without the pack's manifest" in done.stderr
    assert {row.get("ai_net_label", "") for row in table(tmp_path / "out", "stimuli")} == {""}
    assert {row["map_gap"] for row in table(tmp_path / "out", "trials")} == {""}


def test_a_rounds_file_is_exported_as_far_as_it_goes(crowd, tmp_path):
    rounds = rounds_of(session_events(crowd["p1"]), ANTS.manifest)
    path = tmp_path / "x.rounds.jsonl"
    path.write_bytes(
        b"".join(roundsfile.encode(Header(source="imported", cite="Somebody 2020", licence="MIT"), rounds))
    )
    made = exported(path, tmp_path / "out")
    assert [row["final_label"] for row in table(made, "trials")] == [each.final for each in rounds]
    assert gzip.decompress((made / "data/raw/rounds.jsonl.gz").read_bytes()) == path.read_bytes()
    assert "Somebody 2020" in (made / "README.md").read_text()
    assert not list((made / "data").glob("*events*"))


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed (extra `report`)")
def test_parquet_has_the_same_rows_with_types(plain):
    from pyarrow import parquet

    for name in ("sessions", "trials", "events", "responses", "stimuli", "explanations", "roundvalues"):
        assert parquet.read_metadata(plain / f"parquet/{name}.parquet").num_rows == len(table(plain, name))
    read = parquet.read_table(plain / "parquet/trials.parquet")
    assert [str(read.schema.field(name).type) for name in ("correct", "rt_ms", "ai_conf_shown", "started_at")] == [
        "bool", "int64", "double", "timestamp[ms, tz=UTC]",
    ]  # fmt: skip
    assert read["correct"].to_pylist() == [row["correct"] == "true" for row in table(plain, "trials")]
    assert read["vetoed"].null_count == len(read)


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed (extra `report`)")
def test_parquet_is_written_in_batches_that_lose_nothing(plain, tmp_path, monkeypatch):
    from pyarrow import parquet as arrow

    monkeypatch.setattr(parquet, "CELLS", 200)
    (path,) = (plain / "data").glob("*-trials_data.csv")
    parquet.mirror(path, tmp_path / "t.parquet", ROUNDS)
    assert arrow.read_metadata(tmp_path / "t.parquet").num_row_groups > 2
    assert arrow.read_table(tmp_path / "t.parquet").equals(arrow.read_table(plain / "parquet/trials.parquet"))


@pytest.mark.slow
def test_study_files_and_about_are_used(source, tmp_path):
    about = tmp_path / "about.toml"
    about.write_text(
        'title = "Ants: \\"pilot\\""\nlicence = "CC0-1.0"\nidentifier = "10.5281/zenodo.1"\n'
        '[[author]]\nname = "A. Myrmeca"\norcid = "0000-0002-1825-0097"\n'
    )
    study = tmp_path / "study"
    (study / "texts").mkdir(parents=True)
    assert "study.toml" in run(source, tmp_path / "no", "--study-folder", study).stderr, (
        "a folder that is no study is named"
    )
    shutil.copytree(MOTHS, study, dirs_exist_ok=True)
    (study / "screenshots").mkdir()
    (study / "screenshots" / "arm.png").write_bytes(b"picture")
    (study / "data").mkdir()
    (study / "data" / "secret").write_text("z")
    made = exported(source, tmp_path / "out", "--about", about, "--study-folder", study)
    assert (made / "materials/study.toml").read_bytes() == (MOTHS / "study.toml").read_bytes()
    assert (made / "materials/texts/fr.toml").is_file()
    assert (made / "materials/screenshots/arm.png").read_bytes() == b"picture"
    assert "moths" in (made / "documentation/gdpr-record.md").read_text()
    assert not (made / "materials/pack").exists(), "a pack has a licence of its own"
    assert not (made / "materials/data").exists()
    assert 'title: "Ants: \\"pilot\\""' in (made / "CITATION.cff").read_text()
    assert package(made)["licenses"][0]["name"] == "CC0-1.0"
    assert "CC0 1.0" in (made / "LICENSE.txt").read_text()
