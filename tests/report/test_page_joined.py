"""Whole pages with more than the rounds: the lab's results, a preregistration, and other people's data as they were published."""

import csv
import io
import re

import pytest
from click.testing import CliRunner

from game import roundsfile
from game.measures.modes import NOTICE
from game.roundsfile import Header
from server.commands.import_ import import_
from server.commands.prereg import prereg
from server.commands.report import report
from server.commands.simulate import simulate
from server.report.page import lab
from tests.report.lab.folder import make

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def run(command, *arguments):
    done = CliRunner().invoke(command, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return done


def table(folder, name):
    return list(csv.DictReader(io.StringIO((folder / f"tables/{name}.csv").read_text("utf-8"))))


def page_of(folder):
    text = (folder / "report.html").read_text("utf-8")
    assert not re.search(r">nan<|\bNone<", text)
    for name in ("T7", "T8", "T9"):
        assert text.count(f'id="{name}"') == 1
    return text


def test_the_lab_stands_beside_people(one_round, tmp_path):
    results = make(tmp_path / "lab")
    cells = sorted(next(iter(lab.read(results).scores.values())))
    rounds = [
        one_round(n, f"p{who}", specimen=cell[0], model=cell[1], method=cell[2], explanation_shown=True, condition=cell[2],
                  correct=(who + n) % 3 > 0, ai_correct=n % 2 == 0, final_ms=900 * who)
        for who in range(1, 7) for n, cell in enumerate(cells[who % 3 :: 9][:8], 1)
    ]  # fmt: skip
    path = tmp_path / "x.rounds.jsonl"
    path.write_bytes(b"".join(roundsfile.encode(Header(), rounds)))
    run(report, path, "-o", tmp_path / "out", "--lab", results, "--resamples", 20)
    page = page_of(tmp_path / "out")
    assert "no lab results were joined" not in page
    assert any(row["spearman" if "spearman" in row else "deletion_blur"] for row in table(tmp_path / "out", "T5"))
    assert (tmp_path / "out/figures/F12b.csv").exists()


def test_a_preregistration_marks_its_tests(root, tmp_path):
    study, log, plan = root / "game/studies/moths", tmp_path / "moths.log.jsonl", tmp_path / "plan"
    run(simulate, study, "-n", 6, "-o", log, "--seed", 5)
    run(prereg, study, "-o", plan)
    for name in ("out", "again"):
        run(report, log, "-o", tmp_path / name, "--against", plan, "--resamples", 20)
    page = page_of(tmp_path / "out")
    assert 'id="T6"' in page
    assert "Compared with the preregistration below." in page
    assert any(row["family"] == "confirmatory" for row in table(tmp_path / "out", "T3"))
    planned = {
        (row["outcome"], row["condition"], row["against"]): row["estimate"] for row in table(tmp_path / "out", "T3")
    }
    checks = [row for row in table(tmp_path / "out", "T7") if row["check"] == "as assigned, everybody"]
    assert checks
    for row in checks:
        assert row["estimate"] == planned[row["outcome"], row["condition"], row["against"]]
    assert (tmp_path / "again/report.html").read_bytes() == (tmp_path / "out/report.html").read_bytes()


def test_taesiri_as_published(taesiri_folder, tmp_path):
    path = tmp_path / "t.rounds.jsonl"
    run(import_, "taesiri2022", taesiri_folder, "-o", path)
    run(report, path, "-o", tmp_path / "out", "--study", "taesiri2022-cub", "--resamples", 20)
    page = page_of(tmp_path / "out")
    assert NOTICE in page
    assert "there is no round before the AI" in page
    rows = table(tmp_path / "out", "T7")
    assert {row["condition"] for row in rows if row["check"] == "as assigned, everybody"} == {
        "CHM-Corr", "CHM-NN", "EMD-Corr", "EMD-NN", "kNN"}  # fmt: skip
    assert all(not row["value"] and row["beware"] for row in table(tmp_path / "out", "T8"))


def test_felix_as_published(felix_folder, tmp_path):
    path = tmp_path / "f.rounds.jsonl"
    run(import_, "felix2024", felix_folder, "-o", path)
    done = run(report, path, "-o", tmp_path / "out", "--resamples", 20)
    page = page_of(tmp_path / "out")
    assert "there is one condition only" in page
    assert "there is no condition with an AI" in page
    assert "F06 not drawn: there is no condition with an AI" in done.output
