"""`coplay check`: problems go to stderr with line and hint, the design to stdout, as a page or as JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from game.design import Arm, Design
from server.commands.check import check, finds

MOTHS = Path(__file__).parents[2] / "game/studies/moths"


@pytest.mark.slow
def test_the_design_of_the_demo_fits_on_one_page():
    done = CliRunner().invoke(check, [str(MOTHS), "--sessions", "3"])
    assert done.exit_code == 0
    assert "18 cells, 30 scored rounds per person" in done.stdout
    assert "expected denominator per person" in done.stdout
    assert len(done.stdout.splitlines()) < 50
    assert "RAIR and RSR cannot be computed" in " ".join(done.stderr.split())


@pytest.mark.slow
def test_json_has_problems_and_design():
    done = CliRunner().invoke(check, [str(MOTHS), "--json", "--sessions", "2"])
    made = json.loads(done.stdout)
    assert made["design"]["cells"] == 18
    counts = {(p["measure"], p["condition"]): p["denominator"] for p in made["design"]["promises"]}
    assert counts["accuracy_alone", "alone"] == 10
    assert all(problem["warning"] for problem in made["problems"])


def test_a_broken_study_has_no_design(tmp_path: Path):
    shutil.copy(MOTHS / "study.toml", tmp_path)
    text = (tmp_path / "study.toml").read_text().replace('pack = "pack"', f'pack = "{MOTHS / "pack"}"')
    (tmp_path / "study.toml").write_text(text.replace('workflow = "concurrent"', 'workflow = "concurent"', 1))
    done = CliRunner().invoke(check, [str(tmp_path)])
    assert done.exit_code == 1
    told = " ".join(done.stderr.split())
    assert "did you mean 'concurrent'?" in told
    assert "the study cannot be played" in told


def test_what_a_design_finds_depends_on_the_planned_n():
    def design(n: int) -> Design:
        return Design("s", ("en",), 2, n, (27, 27), 20.0, (), 0.0, 0.0, (), 9000)

    arm = Arm("map", "concurrent", rounds=27, share=0.5)
    assert finds(design(0), arm) == "-"
    assert finds(design(100), arm) == "9.6 points", "50 per group, as in game/power.py"
