"""The page that reports share: what stands in it, what it may do, and that its colours are the house's."""

import base64
import csv
import hashlib
import io
import re

import pytest

from server.report import ink, shell
from server.report.plate import Html, Pictures, Plate, Table, as_html, csv_of, tidy, write_files

PAGE = shell.Cover(title="A <b> title", study="s & t", summary=Html("<p>All <b>fine</b>.</p>"))
PICTURES = Pictures(b"<svg/>", b"png", b"pdf")


def tokens(text):
    return dict(re.findall(r"(--[\w-]+):\s+(light-dark\([^)]*\)|#[0-9a-f]{6});", text))


def test_colours_are_the_house_s(root):
    ours, house = tokens(shell.read("shell.css")), tokens((root / "static/style/tokens.css").read_text("utf-8"))
    assert len(ours) > 20
    assert {name: value for name, value in ours.items() if house.get(name) != value} == {}
    for mode, (letter, fill, letters) in ink.MODES.items():
        name = f"--mode-{letter.lower()}"
        assert (house[name], house[f"{name}-ink"]) == (fill, letters), mode


def test_figures_in_the_dark_take_the_dark_theme_s_colours(root):
    house = tokens((root / "static/style/tokens.css").read_text("utf-8")).values()
    known = {tuple(re.findall(r"#[0-9a-f]{6}", value)) for value in house if value.startswith("light-dark")}
    pairs = re.findall(r'\["(#[0-9a-f]{6})", "(#[0-9a-f]{6})"\]', shell.read("shell.js"))
    assert len(pairs) > 10
    assert set(pairs) <= known
    light = {pair[0] for pair in pairs}
    used = {ink.INK, ink.INK_2, ink.INK_3, ink.LINE, ink.EDGE, ink.PAPER, ink.INSET, ink.YOU, ink.AI, ink.OK, ink.BAD}
    assert used <= light


def test_policy_names_this_style_and_script_by_digest():
    page = shell.page(PAGE, [])
    for tag in ("style", "script"):
        inside = re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    assert "eval(" not in page


def test_text_is_escaped_and_html_is_not():
    page = shell.page(PAGE, [shell.Section("one", "x < y", "a & b", (Html("<p>made</p>"), "plain <i>"))])
    assert "<h1>A &lt;b&gt; title</h1>" in page
    assert "s &amp; t" in page
    assert "<p>All <b>fine</b>.</p>" in page
    assert "x &lt; y" in page
    assert "a &amp; b" in page
    assert "<p>made</p>plain &lt;i&gt;" in page


def test_a_plate_carries_its_files(tmp_path):
    plate = Plate(id="F02", topic="S", how="Read so.", alt="Four marks.", pictures=PICTURES, csv="a\n1\n")
    text = as_html(plate)
    assert 'alt="Four marks."' in text
    assert "How to read this" in text
    for kind, data in (("image/png", b"png"), ("application/pdf", b"pdf"), ("text/csv;charset=utf-8", b"a\n1\n")):
        assert f"data:{kind};base64,{base64.b64encode(data).decode()}" in text
    write_files(tmp_path, [plate])
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {"F02.svg", "F02.png", "F02.pdf", "F02.csv"}


def test_a_plate_without_data_says_why():
    text = as_html(Plate(id="F07", topic="S", missing="handing over was never offered"))
    assert "handing over was never offered" in text
    assert "<img" not in text


def test_a_large_file_is_linked_to():
    text = as_html(Plate(id="F13", topic="S", pictures=Pictures(b"<svg/>", b"p" * 500_000, b"pdf"), csv="a" * 500_000))
    assert 'href="figures/F13.png"' in text
    assert 'href="figures/F13.csv"' in text


def test_unknown_is_a_dash_and_an_empty_cell():
    table = Table(id="T1", topic="S", columns=("a", "b", "c"), rows=[("x", float("nan"), None), ("y", 0.0, True)])
    assert as_html(table).count(">-</td>") == 2
    assert csv_of(table) == "a,b,c\nx,,\ny,0,true\n"
    assert "Empty:" in as_html(Table(id="T2", topic="S", columns=("a",), rows=[], missing="nothing was left out"))


def test_tidy_keeps_numbers():
    text = tidy([{"value": 1 / 3, "n": 1200, "name": "a,b"}])
    assert next(csv.DictReader(io.StringIO(text))) == {"value": "0.3333333333", "n": "1200", "name": "a,b"}


@pytest.mark.slow
def test_equal_figures_give_equal_bytes():
    def drawn():
        with ink.style():
            figure = ink.blank(ink.HALF, 2)
            axes = figure.subplots()
            axes.plot([0, 1], [1, 0], marker="o", label="a")
            axes.legend()
            return ink.pictures(figure)

    one = drawn()
    assert one == drawn()
    assert b"<script" not in one.svg
    assert b"DejaVu" not in one.svg.replace(ink.SANS.encode(), b"")
