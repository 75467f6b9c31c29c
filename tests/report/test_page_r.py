"""analysis.R computes tables that need no random draw (runs, measures, lens, methods, moves); a changed number, and it fails."""

import csv
import re
import shutil
import subprocess

import pytest
from click.testing import CliRunner

from server.commands.export import open_logs
from server.commands.simulate import simulate
from server.report.page import data, measures, methods, records, runs, scripts, transitions, weights
from server.report.page.gather import Asked, gather
from server.report.page.judge import judge
from server.report.page.story import story
from server.report.plate import write_files
from server.report.tables import Bootstrap

RSCRIPT = shutil.which("Rscript")
pytestmark = pytest.mark.skipif(RSCRIPT is None, reason="there is no Rscript here: install R to run analysis.R")


@pytest.fixture(scope="module")
def folder(root, tmp_path_factory):
    """A report without its page and figures: its data, five of its tables, its scripts."""
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
    write_files(
        made,
        [
            runs.changing(told),
            measures.table(told, others),
            methods.agreed(told),
            weights.weighed(told),
            transitions.moved(told),
        ],
    )
    data.write(made / "data" / data.NAME, told.rounds)
    records.write(made / "data", told)
    measures.write(made / "data" / measures.NAME, others)
    scripts.write(made / "analysis", told)
    return made


@pytest.mark.slow
def test_r_finds_what_is_not_equal_and_nothing_else(folder):
    """One run of the script: three numbers of methods are changed, all others have to be equal."""
    changed = ("gee", "small_clusters by participant", "mixed_logit")
    path = folder / "tables/T13.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = [next(row for row in rows if row["by"] == by and row["high"]) for by in changed]
    for row in chosen:
        row["high"] = str(float(row["high"]) * 1.05 + 0.05)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    done = subprocess.run([RSCRIPT, folder / "analysis/analysis.R"], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert sorted(re.findall(r"differs: (.*)\|1 (\w+) report", done.stdout)) == sorted(
        (f"tables/T13.csv {row['outcome']}|{row['condition']}|{row['against']}|{row['by']}", "high") for row in chosen
    )
    counts = re.findall(r"^tables/(\w+)\.csv: (\d+) of (\d+) numbers", done.stdout, re.MULTILINE)
    lacks = {name: int(whole) - int(equal) for name, equal, whole in counts}
    assert lacks == {"T8b": 0, "T11": 0, "T13": len(changed), "T15": 0, "T16": 0}
    assert all(int(whole) >= 50 for *_, whole in counts), counts
    assert "R draws other numbers" in done.stdout
