"""`coplay measure` and `coplay import`: what is printed, and what is said of bad input."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from game import logfile, roundsfile
from game.roundsfile import Header
from server.commands.import_ import import_
from server.commands.measure import measure
from tests.game.session import STREAM, Session
from tests.tiny import Tiny, study


def run(command, *arguments):
    return CliRunner().invoke(command, [str(each) for each in arguments])


@pytest.fixture
def store(tmp_path):
    """Write rounds to a file and return its path."""

    def write(*rounds, name="x.rounds.jsonl"):
        path = tmp_path / name
        path.write_bytes(b"".join(roundsfile.encode(Header(), rounds)))
        return path

    return write


@pytest.fixture
def twelve(one_round, store):
    return store(*(one_round(n, f"p{who}", correct=n <= who) for who in range(1, 4) for n in range(1, 5)))


@pytest.mark.slow
def test_import_then_measure_prints_what_was_published(taesiri_folder, tmp_path):
    out = tmp_path / "t.rounds.jsonl"
    done = run(import_, "taesiri2022", taesiri_folder, "-o", out)
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert "13 participants (390 rounds)" in done.stderr
    done = run(measure, out, "--resamples", 100)
    assert done.exit_code == 0, done.output
    printed = [line.split() for line in done.stdout.splitlines() if line.startswith("accuracy_team")]
    values = {" ".join(words[2:5]) for words in printed}
    assert "81.56 ± 5.54" in values
    assert "69.72 ± 9.08" in values
    assert len(printed) == 12
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_json_is_the_public_schema(twelve):
    done = run(measure, twelve, "--json", "--seed", 7)
    document = json.loads(done.stdout)
    assert (document["format"], document["version"], document["by"]) == ("coplay-measures", 1, "condition")
    assert document["bootstrap"] == {"seed": 7, "resamples": 2000, "confidence": 0.95}
    rows = {row["measure"]: row for row in document["rows"]}
    assert {each["name"] for each in document["measures"]} == set(rows)
    assert rows["accuracy_team"]["mean"] == 0.5
    assert rows["rair"]["mean"] is None
    assert rows["rair"]["why_undefined"]
    assert document["source"]["path"] == str(twelve)


def test_csv_is_tidy_and_leaves_the_unknown_empty(twelve):
    done = run(measure, twelve, "--csv", "--by", "participant")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["participant"] for row in rows} == {"p1", "p2", "p3"}
    for row in rows:
        assert (row["value"] == "") == bool(row["why_undefined"])
    one = next(row for row in rows if (row["participant"], row["measure"]) == ("p2", "accuracy_team"))
    assert (one["value"], one["numerator"], one["denominator"], one["n"]) == ("0.5", "2.0", "4.0", "4")


def test_participants_are_printed_with_reasons(twelve):
    done = run(measure, twelve, "--by", "participant")
    assert "participant p1" in done.stdout
    assert "1/4" in done.stdout
    assert "undefined: over_reliance" in done.stdout
    assert "no round where the suggestion was wrong" in done.stdout


def test_practice_counts_only_when_asked_for(one_round, store):
    path = store(one_round(1), one_round(2, condition="warm-up", scored=False))
    done = run(measure, path)
    assert "warm-up" not in done.stdout
    assert "without a scored round: s: warm-up (1 others" in done.stderr
    assert "warm-up" in run(measure, path, "--include-practice").stdout


def test_nothing_scored_is_a_problem(one_round, store):
    for rounds in ([], [one_round(scored=False)]):
        done = run(measure, store(*rounds))
        assert done.exit_code == 1
        assert "no scored round" in done.stderr
        assert done.stdout == ""


BAD = {
    "truncated": lambda data: data[: len(data) // 2],
    "truncated at a line": lambda data: b"".join(data.splitlines(keepends=True)[:-1]),
    "foreign": lambda data: b"\x89PNG\r\n\x1a\n\x00\xff",
    "foreign json": lambda data: b'{"a": 1}\n',
    "a list": lambda data: b"[1, 2]\n",
    "another version": lambda data: data.replace(b'"version":1', b'"version":9', 1),
    "mixed versions": lambda data: data + data.replace(b'"version":1', b'"version":9', 1),
    "empty": lambda data: b"",
    "not unicode": lambda data: data.replace(b"arm", b"\xff\xfe"),
}


@pytest.mark.parametrize("kind", sorted(BAD))
@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)])
def test_bad_files_are_refused_with_the_line(twelve, kind, form):
    twelve.write_bytes(BAD[kind](twelve.read_bytes()))
    done = run(measure, twelve, *form)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert "line " in done.stderr
    assert done.stdout == ""


def test_paths_that_are_not_there(tmp_path):
    assert run(measure, tmp_path / "nothing").exit_code == 2
    done = run(measure, tmp_path)
    assert done.exit_code == 1
    assert "data folder" in done.stderr
    assert run(measure, "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1").exit_code == 3


def test_odd_names_are_printed_as_they_are(one_round, store):
    done = run(measure, store(one_round(condition="[bold]x[/]", who="=1+1"), one_round(2, condition="")))
    assert "[bold]x[/]" in done.stdout
    assert "(no name)" in done.stdout


def test_logs_are_measured_and_altered_ones_are_not(tmp_path):
    session = Session(Tiny(study("judge_advisor", rounds=6)))
    session.start()
    session.finish()
    path = tmp_path / "x.log.jsonl"
    data = b"".join(logfile.write({STREAM: session.rows}, session.tiny.blobs))
    path.write_bytes(data)
    done = run(measure, path, "--json", "--by", "participant")
    assert done.exit_code == 0, done.output
    rows = {row["measure"]: row for row in json.loads(done.stdout)["rows"]}
    assert rows["accuracy_ai"]["denominator"] == 6
    assert rows["own_ms_median"]["value"] == 450
    path.write_bytes(data.replace(b'\\"ms\\":450', b'\\"ms\\":451', 1))
    assert run(measure, path).exit_code == 1
    assert "changed" in run(measure, path).stderr
    path.write_bytes(b"".join(data.splitlines(keepends=True)[:-1]))
    assert "cut off" in run(measure, path).stderr


def test_a_database_is_measured_as_its_log(tmp_path):
    from server.blobs import Blobs
    from server.store_sqlite import SqliteStore

    session = Session(Tiny(study("delegation", rounds=6)))
    session.start()
    session.finish()
    database = SqliteStore(tmp_path / "coplay.db")
    database.append(session.rows)
    for blob in session.tiny.blobs.values():
        Blobs(tmp_path / "blobs").put(blob)
    for path in (tmp_path, tmp_path / "coplay.db"):
        done = run(measure, path, "--json")
        assert done.exit_code == 0, done.output
        rows = {row["measure"]: row for row in json.loads(done.stdout)["rows"]}
        assert rows["delegation_rate"]["denominator"] == 6
    assert json.loads(done.stdout)["source"]["notes"] == []
    database.erase(STREAM)
    database.close()
    done = run(measure, tmp_path)
    assert done.exit_code == 1
    assert "erased" in done.stderr


def test_import_says_what_it_does_not_know(tmp_path):
    done = run(import_, "taesiri", tmp_path, "-o", tmp_path / "x")
    assert done.exit_code == 2
    assert "did you mean 'taesiri2022'?" in done.stderr
    done = run(import_, "taesiri2022", tmp_path, "-o", tmp_path / "x")
    assert done.exit_code == 1
    assert "imagenet_trials.csv" in done.stderr
    assert run(import_, "taesiri2022", tmp_path / "no", "-o", "x").exit_code == 2
    assert not (tmp_path / "x").exists()


def test_import_needs_a_place_to_write(felix_folder, tmp_path):
    done = run(import_, "felix2024", felix_folder, "-o", tmp_path / "no" / "x.rounds.jsonl")
    assert done.exit_code == 3
    assert "No such file" in done.stderr
