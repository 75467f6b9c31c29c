"""References are printed whole, and when results were first seen is what the researchers state."""

import datetime as dt
import re

import pytest

from game.measures.scales import ALPHA
from server.report.page import prose
from server.report.page.bibliography import BOOKS, entry, link, references
from server.report.page.gather import Gathered
from server.report.page.story import story
from server.report.plate import Table
from server.report.tables import Bootstrap

DAY = 86_400_000_000


@pytest.fixture
def told(one_round):
    rounds = [one_round(n, f"p{who}", started_at=20_000 * DAY + n) for who in (1, 2) for n in (1, 2)]
    return story(Gathered(rounds=rounds), Bootstrap(1, 10))


def test_a_reference_has_author_year_title_and_venue(told):
    found = references(told)
    bansal = next(text for text in found if "3411764.3445717" in text)
    assert bansal.startswith("Bansal, Wu, ")
    assert "(2021), Does the Whole Exceed its Parts?" in bansal
    assert bansal.endswith("For: accuracy_team and accuracy_ai.")
    assert '<a href="https://doi.org/10.1145/3411764.3445717">' in link(bansal)


def test_every_book_is_whole():
    for cite, text in BOOKS.items():
        assert re.match(r"[^(]+ \(\d{4}\), .{20,}, .+", text), cite
        assert entry(cite, "x").endswith(f". {cite}. For: x.")
    assert entry("10.1/unknown", "x") == "10.1/unknown. For: x."


def test_tables_bring_their_sources(told):
    columns = ("check", "outcome", "condition", "against", "estimate")
    rows = [
        ("effect on compliers (CACE)", "accuracy", "a", "b", 0.1),
        ("own answers, weighted (shadow)", "own", "a", "b", None),
    ]
    tables = [
        Table(id="T7", topic="x", columns=columns, rows=rows),
        Table(id="T9", topic="x", columns=("a",), rows=[("scale",)]),
    ]
    found = " ".join(references(told, tables))
    assert "Angrist, Imbens and Rubin (1996)" in found
    assert "Horvitz" not in found
    assert ALPHA in found
    assert "Angrist" not in " ".join(references(told))


def test_when_results_were_first_seen_is_stated_not_guessed(told):
    assert "not in the log" in prose.unblinding(told)
    told.unblinded = dt.date(2024, 10, 4)
    assert prose.unblinding(told).endswith("on 4 October 2024; the last round was played on 4 October 2024, and no round was played"
                                           " after that day.")  # fmt: skip
    told.unblinded = dt.date(2024, 10, 1)
    assert "4 of 4 rounds were played after that day" in prose.unblinding(told)
