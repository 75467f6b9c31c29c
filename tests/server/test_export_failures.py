"""`coplay export` of bad input, and when it is killed: said, never crashed, nothing half-written."""

import fcntl
import os

import pytest

from tests.server.exported import erased, everything, exported, log, person, run, table


@pytest.fixture(scope="module")
def one():
    return person("p1")


def refused(tmp_path, source, *options, code=1):
    """Export, which must be refused and leave nothing; return what was said."""
    target = tmp_path / "out"
    done = run(source, target, *options)
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert not target.exists()
    assert not list(tmp_path.glob(".out*")), "no draft is left"
    return done.stderr


def test_a_truncated_log_is_refused(one, tmp_path):
    path = log(tmp_path / "x.log.jsonl", one)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    assert "cannot be read" in refused(tmp_path, path) or "cut off" in refused(tmp_path, path)
    path.write_bytes(b"\n".join(data.splitlines()[:-2]) + b"\n")
    assert "the file was cut off" in refused(tmp_path, path)


NEWER = b'{"format":"coplay-log","version":99,"core":1,"streams":{}}\n'


@pytest.mark.parametrize("data", [b"", b"\x00\xff\xfe", b'{"format": "other"}\n', b"a,b\n1,2\n", NEWER])
def test_foreign_files_are_refused(tmp_path, data):
    path = tmp_path / "x.log.jsonl"
    path.write_bytes(data)
    assert "line 1" in refused(tmp_path, path)


def test_an_altered_log_is_refused_with_the_row(one, tmp_path):
    path = log(tmp_path / "x.log.jsonl", one)
    path.write_bytes(path.read_bytes().replace(b"65_", b"25_34").replace(b'\\"ms\\":450', b'\\"ms\\":451', 1))
    said = refused(tmp_path, path)
    assert "its data were changed after it was written" in said
    assert "coplay verify" in said


def test_empty_sources_are_refused_with_the_reason(one, tmp_path):
    assert "no session to export" in refused(tmp_path, log(tmp_path / "none.log.jsonl"))
    assert "1 left out because its data were erased" in refused(tmp_path, log(tmp_path / "e.log.jsonl", erased(one)))
    pilots = log(tmp_path / "p.log.jsonl", person("a", "pilot"))
    assert "--prefix pilot exports those" in refused(tmp_path, pilots)
    assert "no session of nobody" in refused(tmp_path, log(tmp_path / "x.log.jsonl", one), "--participant", "nobody")
    (tmp_path / "empty").mkdir()
    assert "is it a data folder?" in refused(tmp_path, tmp_path / "empty")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "coplay.db").write_bytes(b"SQLite format 3\x00" + b"\x01" * 200)
    assert "broken" in refused(tmp_path, broken)


def test_wrong_usage_is_said(one, tmp_path):
    source = log(tmp_path / "x.log.jsonl", one)
    assert "does not exist" in refused(tmp_path, tmp_path / "nowhere", code=2)
    refused(tmp_path, source, "--participant", "p1", "--release", code=2)
    refused(tmp_path, source, "--release", "--include-withdrawn", code=2)
    about = tmp_path / "about.toml"
    about.write_text('licence = "MINE"')
    assert "needs licence_url" in refused(tmp_path, source, "--about", about)
    about.write_text('titel = "x"')
    assert "titel" in refused(tmp_path, source, "--about", about)


def test_other_folders_are_never_replaced(one, tmp_path):
    source = log(tmp_path / "x.log.jsonl", one)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    assert "--force" in run(source, mine).stderr
    assert "is no export" in run(source, mine, "--force").stderr
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_force_replaces_an_export_and_keeps_its_history(one, tmp_path):
    out = exported(log(tmp_path / "x.log.jsonl", one), tmp_path / "out")
    more = log(tmp_path / "y.log.jsonl", one, person("p2"))
    assert run(more, out).exit_code == 1
    assert len(table(exported(more, out, "--force"), "sessions")) == 2
    changes = (out / "CHANGES.md").read_text()
    assert changes.index("## 1.1.0") < changes.index("## 1.0.0")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "x.log.jsonl", "y.log.jsonl"]


def test_a_failed_force_keeps_the_earlier_export(one, tmp_path):
    out = exported(log(tmp_path / "x.log.jsonl", one), tmp_path / "out")
    before = everything(out)
    assert run(log(tmp_path / "none.log.jsonl"), out, "--force").exit_code == 1
    assert everything(out) == before


def test_two_exports_to_one_folder_do_not_meet(one, tmp_path):
    draft = tmp_path / ".out.draft"
    draft.mkdir()
    (draft / "theirs").write_text("x")
    lock = os.open(draft, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    done = run(log(tmp_path / "x.log.jsonl", one), tmp_path / "out")
    os.close(lock)
    assert done.exit_code == 1
    assert "another export is writing" in done.stderr
    assert (draft / "theirs").exists()
