"""A whole report from a simulated log: figures, files, bytes, and scripts that compute its numbers again."""

import csv
import gzip
import hashlib
import io
import json
import re
import runpy
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from server.commands.export import export
from server.commands.report import report
from server.commands.simulate import simulate
from server.report.page.write import FIGURES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
IDS = {f"F{n:02}" for n in range(18)} | {
    "F12b",
    "F17b",
    "T1",
    "T2",
    "T3",
    "T4",
    "T5",
    "T7",
    "T8",
    "T8b",
    "T9",
    "T10",
    "T11",
    "T12",
    "T13",
    "T14",
    "T15",
    "T16",
    "T16b",
}


def run(command, *arguments):
    done = CliRunner().invoke(command, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(scope="module")
def log(tmp_path_factory, root):
    path = tmp_path_factory.mktemp("log") / "moths.log.jsonl"
    run(simulate, root / "game/studies/moths", "-n", 8, "-o", path, "--seed", "3")
    return path


@pytest.fixture(scope="module")
def made(log, root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "report"
    pack = root / "game/studies/moths/pack"
    run(report, log, "-o", folder, "--pack", pack, "--desk", "https://desk.example.org", "--resamples", 60)
    return folder


@pytest.fixture(scope="module")
def page(made):
    return (made / "report.html").read_text("utf-8")


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_every_figure_is_drawn_or_says_why(made, page):
    assert len(FIGURES) == 20
    for name in IDS:
        block = re.search(
            rf'<figure class="fig[^"]*" id="{name}">(.*?)(?=<figure class="fig|</section>)', page, re.DOTALL
        )
        assert block, name
        if "Not drawn:" in block[1] or "Empty:" in block[1]:
            continue
        assert "How to read this" in block[1], name
        if name.startswith("F"):
            assert "Text description" in block[1], name
            assert {f"{name}.{kind}" for kind in ("svg", "png", "pdf", "csv")} <= {
                p.name for p in (made / "figures").iterdir()
            }
    assert "Not drawn:</b> handing over was never offered" in page


def test_the_page_stands_alone(page):
    sources = re.findall(r'<(?:img|script|link|iframe)[^>]*(?:src|href)="([^"]{0,30})', page)
    assert sources
    assert all(source.startswith("data:") for source in sources)
    outside = re.findall(r'href="(https?://[^"]+)"', page)
    assert all(
        link.startswith(("https://doi.org/", "https://arxiv.org/", "https://desk.example.org/desk/replay/"))
        for link in outside
    )
    assert not re.search(r"<[a-z][^>]*\s(style|on[a-z]+)=", page)


def test_it_says_that_nobody_played(page):
    assert "(simulated data)" in page
    assert "No person played this." in page


def test_links_lead_into_the_replay(page):
    assert 'href="https://desk.example.org/desk/replay/sim00000"' in page
    assert re.search(r'<a href="https://desk\.example\.org/desk/replay/sim\d+#round=\d+">sim\d+, round \d+</a>', page)
    assert re.search(r'<a class="m-[a-z]( bad)?" href="https://[^"]+/sim00000#round=\d+" tabindex="-1"', page)


def test_no_claim_without_a_preregistration(page):
    assert "every comparison here is exploratory" in page


def test_equal_data_give_equal_bytes(log, root, made, tmp_path):
    run(
        report,
        log,
        "-o",
        tmp_path / "again",
        "--pack",
        root / "game/studies/moths/pack",
        "--desk",
        "https://desk.example.org",
        "--resamples",
        60,
    )
    assert digests(tmp_path / "again") == digests(made)


def test_the_script_computes_every_number_again(made):
    done = subprocess.run([sys.executable, made / "analysis/analysis.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"(\S+): (\d+) of (\d+) numbers are equal", done.stdout)
    assert all(equal == whole for _, equal, whole in told)
    assert {name: int(whole) for name, _, whole in told}["ALL"] > 2000
    files = {path.relative_to(made).as_posix() for path in made.rglob("*.csv")}
    assert "; 0 parts not computed again" in done.stdout
    assert {name for name, *_ in told} == files | {"ALL"}


def test_the_script_tells_scores_of_confidence_as_the_page(made, page):
    script = runpy.run_path(str(made / "analysis/analysis.py"))
    found = script["calibrated"](script["load"](made))
    assert len(found)
    for row in found.itertuples():
        assert f"{row.who}: Brier {row.brier:.3f}, ECE {row.ece:.3f}, {row.answers:,} answers" in page


def test_the_script_sees_what_differs(made, tmp_path):
    folder = tmp_path / "changed"
    shutil.copytree(made, folder)
    path = folder / "tables/numbers.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    rows[0]["mean"] = "0.123"
    matrix = folder / "figures/F03.csv"
    matrix.write_text("".join(matrix.read_text("utf-8").splitlines(keepends=True)[:-1]))
    (folder / "tables/new.csv").write_text("a\n1\n")
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = subprocess.run([sys.executable, folder / "analysis/analysis.py"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "mean report 0.123 here" in done.stdout
    assert re.search(r"figures/F03.csv: \n  differs: .* is only computed here", done.stdout)
    assert "not computed again: tables/new.csv: this script does not know it" in done.stdout


def test_the_script_computes_the_report_from_an_export(made, log, tmp_path):
    run(export, log, "-o", tmp_path / "export")
    done = subprocess.run(
        [sys.executable, made / "analysis/analysis.py", tmp_path / "export", "--report", made],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    equal, whole = re.search(r"ALL: (\d+) of (\d+) numbers are equal", done.stdout).groups()
    assert equal == whole
    assert int(whole) > 2000
    assert "not computed again: figures/F01.csv: an export leaves out people who withdrew" in done.stdout


def test_the_notebook_runs_as_plain_python(made, monkeypatch, capsys):
    book = json.loads((made / "analysis/report.ipynb").read_text("utf-8"))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    monkeypatch.chdir(made / "analysis")
    names = {"__name__": "notebook"}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    told = capsys.readouterr().out
    assert "differs" not in told
    assert told.count("numbers are equal") > 20
    assert len(names["found"]) > 10


def test_the_r_script_computes_the_same(made):
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("there is no Rscript here: install R to run analysis.R")
    done = subprocess.run([rscript, made / "analysis/analysis.R"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    equal, whole = re.search(r"ALL: (\d+) of (\d+) numbers are equal", done.stdout).groups()
    assert equal == whole
    assert int(whole) > 1000
    assert "this script does not know it" not in done.stdout


def test_the_data_hold_no_moment_and_no_words(made):
    with gzip.open(made / "data/trials.csv.gz", "rt", encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    assert not {"started_at", "reason_text"} & set(columns)
    assert {"subject_id", "condition_id", "stimulus_id", "correct"} <= set(columns)
