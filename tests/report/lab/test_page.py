"""The lab's report: what it says, what it writes, and that equal results give equal bytes."""

from __future__ import annotations

import base64
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from game.pairing import decode, pick
from server.commands.lab import lab
from server.report.lab import told
from server.report.lab.joining import of_rounds
from server.report.lab.numbers import numbers
from server.report.lab.page import write
from server.report.lab.results import Unreadable, read
from tests.report.lab.folder import METRICS, MODELS, make

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_equal_results_give_equal_bytes_whatever_the_order_of_sets(reported: Path, tmp_path: Path):
    again = make(tmp_path / "lab")
    code = "import sys; from pathlib import Path; from server.report.lab.page import write; write(Path(sys.argv[1]))"
    subprocess.run(
        [sys.executable, "-c", code, str(again)], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "7"}, check=True
    )
    made = sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    assert made == sorted(p.relative_to(reported) for p in reported.rglob("*") if p.is_file())
    assert [str(p) for p in made if (again / p).read_bytes() != (reported / p).read_bytes()] == []


def test_every_figure_has_its_three_formats_and_its_numbers(reported: Path):
    page = (reported / "report.html").read_text("utf-8")
    figures = {path.stem for path in (reported / "figures").glob("*.svg")}
    for start in (
        "agreement-moths-net",
        "grid-moths-fair",
        "profile-moths-biased",
        "curves-",
        "mprt-",
        "confounder-",
        "variance",
    ):
        name = min(one for one in figures if one.startswith(start))
        assert f'id="{name}"' in page
        assert (reported / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (reported / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert len((reported / "figures" / f"{name}.csv").read_text("utf-8").splitlines()) > 1
    alts = re.findall(r'<img class="art"[^>]*alt="([^"]*)"', page)
    assert len(alts) == len(figures)
    assert all(len(alt) > 60 for alt in alts)


def test_an_undefined_cell_is_empty_with_its_reason_and_its_share(reported: Path):
    cells = {(r["model"], r["method"], r["metric"]): r for r in rows(reported, "cells")}
    cell = cells["net", "vargrad", "deletion_blur"]
    assert (cell["images"], cell["undefined"], cell["undefined_because"]) == (
        "7",
        "1",
        "the map is the same everywhere",
    )
    assert float(cell["share_undefined"]) == 1 / 8
    assert float(cell["low"]) < float(cell["mean"]) < float(cell["high"])
    assert cells["net", "random", "deletion_blur"]["place"] == "", "controls have no place"
    assert cells["net", "occlusion", "deletion_blur"]["place"] == "1.0"
    assert cells["net", "saliency", "pointing_game"]["chance"] == "0.2"


def test_specimens_that_a_costly_metric_was_not_asked_about_are_not_counted_as_undefined(tmp_path: Path):
    folder = make(tmp_path / "lab")
    lines = (folder / "scores.csv").read_text("utf-8").splitlines()
    kept = [x for x in lines if not ("max_sensitivity" in x and x.split(",")[4] >= "s003")]
    (folder / "scores.csv").write_text("\n".join(kept) + "\n", "utf-8", newline="")
    made = numbers(read(folder))
    cell = next(c for c in made.cells if (c.model, c.method, c.metric) == ("net", "gradcam", "max_sensitivity"))
    assert (cell.spread.n, cell.spread.undefined) == (3, 0)
    parts = next(s for s in made.sources if (s.model, s.metric) == ("net", "max_sensitivity"))
    assert {c.source: c.n for c in parts.rows}["method"] == 4, (
        "four methods have all three; the fifth has a constant map"
    )


def test_contrasts_are_adjusted_within_a_metric_and_say_how_many_images_they_need(reported: Path):
    found = [r for r in rows(reported, "contrasts") if (r["model"], r["metric"]) == ("net", "deletion_blur")]
    assert len(found) == 10
    assert all(float(r["p"]) <= float(r["p_holm"]) <= 1 for r in found)
    assert all(int(r["images_needed"]) >= 2 for r in found)


def test_the_biased_model_is_exposed_by_some_methods_and_hidden_by_another(reported: Path):
    found = {r["method"]: r["verdict"] for r in rows(reported, "confounder")}
    assert (found["occlusion"], found["saliency"], found["random"]) == ("exposes", "hides", "hides")
    page = (reported / "report.html").read_text("utf-8")
    assert "The bias is exposed by 4 of 5 methods: occlusion" in page
    assert "it is hidden by 1 of 5 methods: saliency" in page
    assert "moths, biased (small_cnn)" in page


def test_variance_is_split_and_what_was_not_varied_is_not_zero(reported: Path):
    found = {
        r["source"]: r for r in rows(reported, "variance") if (r["model"], r["metric"]) == ("net", "deletion_blur")
    }
    assert float(found["method"]["share"]) > 0.5
    assert float(found["model seed"]["variance"]) > float(found["method seed"]["variance"]) > 0
    assert (found["checkpoint"]["variance"], found["checkpoint"]["undefined_because"]) == (
        "",
        "checkpoint was not varied",
    )


def test_parquet_holds_what_the_csv_holds(reported: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    for path in sorted((reported / "tables").glob("*.parquet")):
        table = parquet.read_table(path)
        lines = rows(reported, path.stem)
        assert table.num_rows == len(lines)
        assert table.column_names == list(lines[0])


def test_scores_join_with_rounds_by_specimen_model_and_method(reported: Path):
    scores = of_rounds(reported, "d" * 64)
    assert scores["s001", "net", "gradcam"]["item_disagreement"] == pytest.approx(0.12)
    assert "deletion_blur" in scores["s001", "net", "gradcam"]
    assert "deletion_blur" not in scores["s000", "net", "vargrad"], "undefined is left out, not zero"
    assert of_rounds(reported, "e" * 64) == {}
    line = next(r for r in rows(reported, "item_methods") if (r["stimulus_id"], r["model"]) == ("s001", "net"))
    assert (line["pack_id"], line["explanation_method"], line["highlighted"]) == ("d" * 12, "saliency", "wing")


def test_studies_read_pairs_of_methods_that_are_alike_and_differ(reported: Path):
    pairs = [p for p in decode((reported / "matched.json").read_bytes()).pairs if p.model == "net"]
    assert not any({p.first, p.second} & {"random", "ground_truth"} for p in pairs)
    assert not any(p.sane for p in pairs if "vargrad" in (p.first, p.second))
    best = pick(pairs, ["deletion_blur"], 4, sane=True)
    assert best is not None
    assert best.differ == 0.5


def test_recommendations_are_plain_sentences(reported: Path):
    couples = [c for c in numbers(read(reported)).couples if c.model == "net"]
    found = {(c.first, c.second): told.comparison(c) for c in couples}
    assert found["gradcam", "rise"] == (
        "On 50% of your items these show different things; at N = 191 per condition you could tell them apart (48 if only "
        "items on which they differ are played): gradcam and rise."
    )
    same = "These highlight the same part on all of 8 items: gradcam and occlusion."
    assert found["gradcam", "occlusion"].startswith(same)
    assert found["occlusion", "vargrad"].endswith("Not both pass a sanity check.")


def test_what_holds_for_several_pairs_is_said_once(reported: Path):
    couples = numbers(read(reported)).couples
    said = told.in_words(couples, where=True)
    heads = [one.partition(": ")[0] + one.rpartition(".")[0].rpartition(".")[2] for one in said]
    assert len(said) < len(couples)
    assert len(set(heads)) == len(said)
    for c in couples:
        assert sum(f"{told.plain(c.first)} and {told.plain(c.second)}" in one for one in said if c.model in one) >= 1
    listed = re.findall(r"<li>([^<]*)</li>", (reported / "report.html").read_text("utf-8"))
    assert any("moths net: " in one and "moths fair: " in one for one in listed)
    assert len(set(listed)) == len(listed)


def test_the_summary_and_the_methods_paragraph_say_what_was_run(reported: Path):
    made = json.loads((reported / "summary.json").read_text("utf-8"))
    model = made["models"][0]
    assert model["sentence"].startswith(("Metrics agree", "No single best method"))
    assert "vargrad fails (mprt_full 0.9 is above 0.7)" in model["sanity"]
    paragraph = " ".join(made["methods_paragraph"])
    assert all(m.cite in paragraph for m in METRICS if m.cite)
    assert "8 specimens, exact masks of wing, antenna" in paragraph


def test_a_light_page_shows_the_same_with_fewer_bytes_and_says_what_it_leaves_out(tmp_path: Path):
    folder = make(tmp_path / "lab", models=MODELS[:1])
    whole = write(folder).read_text("utf-8")
    ran = CliRunner().invoke(lab, [str(folder), "--light"])
    assert ran.exit_code == 0, ran.output
    page = (folder / "report.html").read_text("utf-8")
    assert 'href="figures/variance.pdf"' in page
    assert 'href="tables/scores-moths-net.csv"' in page
    assert len(page) < len(whole) / 3
    assert re.findall(r'<figure [^>]*id="([^"]*)"', page) == re.findall(r'<figure [^>]*id="([^"]*)"', whole)
    assert "The light page." in page
    assert "The light page." not in whole
    assert "4 of 8 specimens at half their grain" in page
    for name, drawn in svgs(page).items():
        told = ["".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
        assert told
        if not name.startswith("grid"):
            images = list(drawn.iter("{http://www.w3.org/2000/svg}image"))
            assert all(one.get("preserveAspectRatio") == "none" for one in images), (
                "one pixel a block has another shape"
            )
            assert bool(images) == name.startswith("agreement")
            full = ET.parse(folder / "figures" / f"{name}.svg").getroot()
            assert told == ["".join(text.itertext()) for text in full.iter("{http://www.w3.org/2000/svg}text")]


def svgs(page: str) -> dict[str, ET.Element]:
    """Return figure -> its drawing."""
    found = re.findall(r'<figure [^>]*id="([^"]*)">(?:(?!</figure>).)*?src="data:image/svg\+xml;base64,([^"]*)"', page)
    return {name: ET.fromstring(base64.b64decode(data)) for name, data in found}


def test_one_method_and_no_map_leave_reasons_where_figures_would_be(tmp_path: Path):
    folder = make(tmp_path / "lab", images=2, methods=("saliency",))
    shutil.rmtree(folder / "maps")
    page = write(folder).read_text("utf-8")
    assert "there are not two methods that are no controls" in page
    assert "methods: 1 of at least 3" in page
    assert "Few images." in page


def test_a_folder_that_is_none_is_refused_with_what_to_do(reported: Path, tmp_path: Path):
    with pytest.raises(Unreadable, match="is it a folder that coplay compare wrote"):
        read(tmp_path)
    folder = shutil.copytree(reported, tmp_path / "lab")
    (folder / "scores.csv").write_text("a,b\n", "utf-8")
    ran = CliRunner().invoke(lab, [str(folder)])
    assert ran.exit_code == 1
    assert "scores.csv has the columns a, b; expected task, model" in ran.output
