"""An export that was stopped is taken up by the next one, and ends with the bytes of one that never stopped."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from game import roundsfile
from game.log import session_events
from game.rounds import rounds_of
from game.roundsfile import Header
from server.report import harvest, parquet, raw
from server.report.begun import FILE
from server.report.collect import Tables
from server.report.release import Crowd
from tests.server.exported import ANTS, data_folder, erased, everything, exported, log, person, run, table

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
from server.cli import main
from server.report import raw
from server.report.release import Crowd

raw.CUT, add = 1, Crowd.add

def stopping(crowd, visit):
    add(crowd, visit)
    if crowd.people == 4:
        os.kill(os.getpid(), signal.SIGKILL)

Crowd.add = stopping
main(["export", *sys.argv[1:]])
"""


@pytest.fixture(scope="module")
def people():
    return [person(f"p{n}", seed=n, withdraw=n == 2, screens=9 if n == 2 else 99) for n in range(6)]


@pytest.fixture(autouse=True)
def cuts(monkeypatch):
    """Settle after every session, and after every second round. Parquet is written after that, and takes its time."""
    monkeypatch.setattr(parquet, "available", lambda: False)
    monkeypatch.setattr(raw, "CUT", 1)
    monkeypatch.setattr(harvest, "SETTLE", 2)


def stopped(monkeypatch, owner, name, at, source, target, *options):
    """Export, and stop at the `at`-th call of a method as Ctrl-C does; return what it left."""
    real, calls = getattr(owner, name), []

    def stopping(*given):
        calls.append(1)
        if len(calls) == at:
            raise KeyboardInterrupt
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, stopping)
        assert run(source, target, *options).exit_code == 1
    assert not target.exists()
    draft = target.with_name(f".{target.name}.draft")
    assert (draft / FILE).exists()
    return draft


@pytest.mark.slow
def test_a_killed_export_leaves_nothing_of_its_name_and_the_next_one_goes_on(people, tmp_path):
    source = data_folder(tmp_path / "data", *people)
    whole = exported(source, tmp_path / "whole")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(source), "-o", str(tmp_path / "out")], cwd=ROOT, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    assert (tmp_path / ".out.draft" / FILE).exists()
    again = run(source, tmp_path / "out")
    assert "taken up where an export was stopped: 4 were written already" in again.stderr, "p2 has no row in the tables"
    assert everything(tmp_path / "out") == everything(whole)
    assert not (tmp_path / ".out.draft").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("at", "options"), [(2, ("--include-withdrawn",)), (4, ("--release", "-k", "2"))])
def test_it_goes_on_from_wherever_it_stopped(people, tmp_path, monkeypatch, at, options):
    source = log(tmp_path / "x.log.jsonl", *people)
    whole = run(source, tmp_path / "whole", *options)
    draft = stopped(monkeypatch, Crowd, "add", at, source, tmp_path / "out", *options)
    for path in draft.rglob("*.*"):
        if path.name != FILE:
            with path.open("ab") as file:
                file.write(b"half a li")
    (draft / "materials").mkdir()
    done = run(source, tmp_path / "out", *options)
    assert everything(tmp_path / "out") == everything(tmp_path / "whole")
    assert done.stderr.splitlines()[1:-1] == whole.stderr.splitlines()[:-1], "small cells of a release, too"


def test_another_source_or_another_choice_begins_anew(people, tmp_path, monkeypatch):
    source = log(tmp_path / "x.log.jsonl", *people)
    stopped(monkeypatch, Crowd, "add", 4, source, tmp_path / "out")
    log(source, erased(people[0]), *people[1:])
    done = run(source, tmp_path / "out")
    assert "taken up" not in done.stderr
    assert "p0" not in {row["subject_id"] for row in table(tmp_path / "out", "sessions")}, "erased meanwhile"
    stopped(monkeypatch, Crowd, "add", 4, source, tmp_path / "two")
    assert "taken up" not in run(source, tmp_path / "two", "--include-withdrawn").stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", ["*sessions_data.csv", "rows.part", "heads.part", FILE])
def test_a_draft_that_is_not_what_it_was_is_not_used(people, tmp_path, monkeypatch, name):
    source = log(tmp_path / "x.log.jsonl", *people[:3])
    whole = exported(source, tmp_path / "whole")
    draft = stopped(monkeypatch, Crowd, "add", 2, source, tmp_path / "out")
    (path,) = draft.rglob(name)
    path.write_bytes(path.read_bytes()[:40])
    done = run(source, tmp_path / "out")
    assert "taken up" not in done.stderr
    assert everything(tmp_path / "out") == everything(whole)


@pytest.fixture
def file(people, tmp_path):
    rounds = [each for rows in people[:2] for each in rounds_of(session_events(rows), ANTS.manifest)]
    path = tmp_path / "x.rounds.jsonl"
    path.write_bytes(b"".join(roundsfile.encode(Header(source="imported", importer="ants"), rounds)))
    return path


def test_a_rounds_file_is_taken_up_too(file, tmp_path, monkeypatch):
    whole = exported(file, tmp_path / "whole")
    stopped(monkeypatch, Tables, "meet", 4, file, tmp_path / "out")
    assert "taken up where an export was stopped: 2 were" in run(file, tmp_path / "out").stderr
    assert everything(tmp_path / "out") == everything(whole)


def test_a_rounds_file_is_read_line_by_line(file):
    lines = file.read_bytes().splitlines(keepends=True)
    read = []
    header, rounds = roundsfile.stream(read.append(at) or line for at, line in enumerate(lines))
    assert (header.rounds, read) == (6, [0])
    first = next(rounds)
    assert read == [0, 1]
    assert [first, *rounds] == roundsfile.decode(lines)[1]
    doubled = [*lines[:2], lines[1], *lines[3:]]
    late = roundsfile.stream(doubled)[1]
    assert next(late) == first
    with pytest.raises(roundsfile.BadFile, match=r"line 3: .* stands here twice"):
        next(late)
    with pytest.raises(roundsfile.BadFile, match="the file is truncated"):
        list(roundsfile.stream(lines[:-1])[1])
