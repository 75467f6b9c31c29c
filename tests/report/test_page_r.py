"""analysis.R computes the tables that need no random draw (runs, other measures, the lens, methods); a number changed, and it fails."""

import csv
import re
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from server.commands.export import open_logs
from server.commands.simulate import simulate
from server.report.page import data, measures, methods, records, runs, scripts, weights
from server.report.page.gather import Asked, gather
from server.report.page.judge import judge
from server.report.page.story import story
from server.report.plate import write_files
from server.report.tables import Bootstrap

RSCRIPT = shutil.which("Rscript")
pytestmark = pytest.mark.skipif(RSCRIPT is None, reason="there is no Rscript here: install R to run analysis.R")


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """A report without its page and figures: its data, four of its tables, its scripts."""
    log, made = tmp_path_factory.mktemp("log") / "moths.log.jsonl", tmp_path_factory.mktemp("r") / "report"
    done = CliRunner().invoke(
        simulate, [str(root / "game/studies/moths"), "-n", "6", "-o", str(log), "--seed", "3", "--cores", "1"]
    )
    assert done.exit_code == 0, done.output
    with open_logs(str(log)) as logs:
        told = story(gather(logs, Asked()), Bootstrap(1, 40))
    judge(told)
    others = measures.lines(told)
    (made / "data").mkdir(parents=True)
    write_files(made, [runs.changing(told), measures.table(told, others), methods.agreed(told), weights.weighed(told)])
    data.write(made / "data" / data.NAME, told.rounds)
    records.write(made / "data", told)
    measures.write(made / "data" / measures.NAME, others)
    scripts.write(made / "analysis", told)
    return made


def ran(folder):
    """Run the script; return its exit code, what it said, and table -> (equal, all) numbers."""
    done = subprocess.run([RSCRIPT, folder / "analysis/analysis.R"], capture_output=True, text=True, check=False)
    counts = re.findall(r"^tables/(\w+)\.csv: (\d+) of (\d+) numbers", done.stdout, re.MULTILINE)
    return done.returncode, done.stdout + done.stderr, {name: (int(one), int(all_)) for name, one, all_ in counts}


def test_r_computes_what_no_draw_decides(folder):
    code, said, counts = ran(folder)
    assert code == 0, said
    assert set(counts) == {"T8b", "T11", "T13", "T15"}
    assert all(equal == whole for equal, whole in counts.values())
    assert all(whole >= 50 for _, whole in counts.values()), counts
    assert "R draws other numbers" in said


def test_numbers_changed_and_r_fails(folder, tmp_path):
    changed = ("gee", "small_clusters by participant", "mixed_logit")
    copy = shutil.copytree(folder, tmp_path / "copy")
    with (copy / "tables/T13.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for by in changed:
        chosen = next(row for row in rows if row["by"] == by and row["high"])
        chosen["high"] = str(float(chosen["high"]) * 1.05 + 0.05)
    with (copy / "tables/T13.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    code, said, counts = ran(copy)
    assert code == 1
    assert re.findall(r"differs: tables/T13\.csv .*\|([a-z_ ]+)\|1 high report", said) == sorted(
        changed, key=[row["by"] for row in rows].index
    )
    assert counts["T13"][1] - counts["T13"][0] == len(changed)
