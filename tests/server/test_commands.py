"""The commands: what they print, what they refuse, and with which exit code."""

import json
import os
import socket
import sqlite3
import stat
import sys
import time

import pytest
from click.testing import CliRunner

from server.cli import commands, main
from server.house import open_house
from server.settings import Settings
from server.studies import open_study
from tests.server.process import Process, Tab
from tests.server.small import Hand


@pytest.fixture
def run():
    runner = CliRunner()
    return lambda *arguments: runner.invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def played(study_folder, tmp_path_factory):
    """A data folder with one finished and one half-played session."""
    folder = tmp_path_factory.mktemp("played") / "data"
    house = open_house(Settings(data=str(folder)), [open_study(study_folder)])
    hands = [Hand(house.table, house.table.open_session("small", "en")) for _ in range(2)]
    assert hands[0].play() == "end/completed"
    hands[1].play(6)
    house.close()
    return folder, [hand.stream for hand in hands]


def test_all_commands_are_listed_and_load_alone(run):
    answer = run("--help")
    assert answer.exit_code == 0
    for name in commands():
        assert name in answer.output
    for name in ("demo", "serve", "verify", "sessions", "doctor"):
        assert run(name, "--help").exit_code == 0
    assert run("nothing").exit_code == 2


def test_verify_says_sound_for_folder_and_file(run, played, tmp_path):
    folder, (stream, _) = played
    answer = run("verify", folder)
    assert answer.exit_code == 0
    assert "3 streams, 0 broken" in answer.stderr
    assert "broken" not in answer.stdout
    file = tmp_path / "one.log.jsonl"
    assert run("sessions", folder, "--log", stream.rpartition("/")[2], "-o", file).exit_code == 0
    assert run("verify", file).exit_code == 0
    assert json.loads(run("verify", file, "--json").stdout)["stream"] == stream


def test_verify_names_the_first_thing_wrong(run, played, tmp_path):
    folder, (stream, _) = played
    file = tmp_path / "one.log.jsonl"
    run("sessions", folder, "--log", stream, "-o", file)
    lines = file.read_bytes().splitlines(keepends=True)
    row = next(i for i, line in enumerate(lines) if b'"kind":"answered"' in line)
    lines[row] = lines[row].replace(b'\\"step\\":', b'\\"step\\" :')
    file.write_bytes(b"".join(lines))
    answer = run("verify", file)
    assert answer.exit_code == 1
    assert f"{stream} row" in answer.stderr
    assert "chain: its data were changed after it was written" in answer.stderr
    file.write_bytes(b"".join(lines[:-3]))
    assert "cut off" in run("verify", file).stderr
    assert run("verify", file).exit_code == 1


def test_verify_finds_an_altered_row_in_a_database(run, played, tmp_path):
    folder, (stream, _) = played
    copy = tmp_path / "copy"
    copy.mkdir()
    with sqlite3.connect(folder / "coplay.db") as source, sqlite3.connect(copy / "coplay.db") as target:
        source.backup(target)
        target.execute("UPDATE log SET at = at + 1 WHERE stream = ? AND seq = 4", (stream,))
    source.close()
    target.commit()
    target.close()
    answer = run("verify", copy / "coplay.db")
    assert answer.exit_code == 1
    assert f"{stream} row 4" in answer.stderr


@pytest.mark.parametrize("content", [None, b"", b"text", b'{"format":"other"}\n'])
def test_what_is_no_log_is_said_so(run, tmp_path, content):
    path = tmp_path / "x.log.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert run("verify", path).exit_code in (1, 2)
    assert run("sessions", path).exit_code == 2
    assert run("verify", tmp_path).exit_code == 2


def test_sessions_are_listed_as_table_and_lines(run, played):
    folder, streams = played
    lines = [json.loads(line) for line in run("sessions", folder, "--json").stdout.splitlines()]
    assert {line["stream"]: line["outcome"] for line in lines} == {streams[0]: "completed", streams[1]: "open"}
    assert "2 sessions" in run("sessions", folder).stderr
    assert run("sessions", folder, "--log", "nobody").exit_code == 2


def test_doctor_looks_at_the_secret(run, played):
    folder, _ = played
    found = {f["what"]: f for f in map(json.loads, run("doctor", "--data", folder, "--json").stdout.splitlines())}
    assert found["secret"]["state"] == found["Python"]["state"] == found["write access"]["state"] == "ok"
    (folder / "secret").chmod(0o644)
    answer = run("doctor", "--data", folder, "--json")
    assert answer.exit_code == 3
    assert "chmod 600" in answer.stdout
    (folder / "secret").chmod(0o600)


def test_doctor_looks_at_keys_the_database_and_the_clock(run, played, tmp_path):
    def findings(folder):
        return [json.loads(line) for line in run("doctor", "--data", folder, "--json").stdout.splitlines()]

    folder, _ = played
    fine = {one["what"]: one for one in findings(folder)}
    assert (fine["database"]["state"], fine["packages"]["state"]) == ("ok", "ok")
    assert fine["clock"]["state"] in ("ok", "warn")
    (tmp_path / "sona-7.token").write_text("t")
    (tmp_path / "sona-7.token").chmod(0o640)
    (tmp_path / "coplay.db").write_bytes(b"no database at all " * 100)
    os.utime(tmp_path / "coplay.db", (time.time() + 3600,) * 2)
    bad = {one["what"]: one for one in findings(tmp_path) if one["state"] == "bad"}
    assert set(bad) == {"key", "database", "clock"}
    assert bad["key"]["mend"] == f"chmod 600 {tmp_path / 'sona-7.token'}"
    assert "not a database" in bad["database"]["found"]
    assert "seconds behind" in bad["clock"]["found"]


def test_serve_refuses_a_broken_study_with_all_problems(run, study_copy):
    next((study_copy / "pack" / "blobs").glob("*/*.png")).unlink()
    (study_copy / "texts" / "en.toml").write_text("x = 1", "utf-8")
    answer = run("serve", study_copy, "--port", "0")
    assert answer.exit_code == 1
    assert "is missing" in answer.stderr
    assert "not text" in answer.stderr
    assert run("serve", study_copy, "--workers", "4").exit_code == 2
    assert run("serve", study_copy / "nowhere").exit_code == 2


def test_serve_does_not_take_another_port_than_it_was_told(run, study_folder, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = run("serve", study_folder, "--port", port, "--data", tmp_path / "data")
    assert answer.exit_code == 3
    assert str(port) in answer.stderr


@pytest.mark.slow
def test_the_demo_prints_one_line_when_it_is_ready_and_takes_the_next_free_port(study_folder, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = Process.__new__(Process)
        process.study, process.data, process.variables = study_folder, tmp_path / "data", {}
        process.command = [
            sys.executable, "-m", "server.cli", "demo", "--no-open", "--json", "--port", str(port), "--data",
            str(tmp_path / "data"),
        ]  # fmt: skip
        process.start()
    try:
        assert set(process.links) == {"participant", "desk", "data"}
        assert f":{port}/" not in process.links["participant"]
        assert process.links["data"] == str(tmp_path / "data")
        assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600
        with Tab(process.base, process.begin()) as tab:
            assert tab.resume()["ok"]
    finally:
        code, said = process.stop()
    assert code == 0
    assert "Traceback" not in said
