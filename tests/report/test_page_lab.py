"""The lab's results in a report of people: read as they are, joined by specimen, model and method, refused when they are others."""

import pytest
from msgspec.structs import replace

from server.report.figures import joined, methods
from server.report.page import lab, mapped
from server.report.page.gather import Gathered
from server.report.page.held import held
from server.report.page.story import story
from server.report.source import Unreadable
from server.report.tables import Bootstrap
from tests.report.lab.folder import make


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return lab.read(make(tmp_path_factory.mktemp("lab") / "lab"))


def told(results, one_round, name):
    specimen, model, method = min(next(iter(results.scores.values())))
    rounds = [
        one_round(n, f"p{who}", specimen=specimen if n == 1 else f"{name}{n}", model=model, method=method, explanation_shown=True)
        for who in (1, 2) for n in (1, 2)
    ]  # fmt: skip
    made = story(Gathered(rounds=rounds), Bootstrap(1, 20))
    made.lab = results
    return made


def test_scores_stand_beside_people(results, one_round):
    table = joined.table(told(results, one_round, "x"))
    first = next(row for row in table.rows if not row[0].startswith("x"))
    at = list(table.columns)
    metric = next(iter(results.scores))
    assert first[at.index(metric)] == results.scores[metric][first[0], first[1], first[2]]
    assert all(row[at.index(metric)] is None for row in table.rows if row[0].startswith("x"))


@pytest.mark.slow
def test_agreement_of_methods_is_drawn(results, one_round):
    plate = methods.plate(told(results, one_round, "x"))
    assert plate.pictures is not None
    assert "spearman" in plate.csv


def test_scores_of_maps_are_joined_to_the_rounds(results, one_round):
    known = {("x1", "m", "saliency"): 0.25, ("x2", "m", "saliency"): 0.75}
    found = replace(results, scores={mapped.MASS: known, mapped.OVERLAP: {("x1", "m", "saliency"): 0.5}})
    more = {"model": "m", "method": "saliency", "explanation_shown": True, "explanation_ms": 1000}
    rounds = [one_round(n, f"p{who}", map_mass=0.1, **more) for who in (1, 2) for n in (1, 2, 3)]
    for each in (rounds, held(rounds)):
        made = mapped.joined(each, found)
        assert [e.map_mass for e in made[:3]] == [0.25, 0.75, 0.1], "what the lab lacks is left as it was"
        assert [e.map_plausibility for e in made[:3]] == [0.5, None, None]
    table = mapped.table(story(Gathered(rounds=mapped.joined(rounds, found)), Bootstrap(1, 20)))
    told = {row[0]: row for row in table.rows}
    assert told["mass on the evidence"][2] == pytest.approx(1.1 / 3)
    assert told["overlap with the evidence"][7] == 2
    assert told["time on the evidence"][2] == pytest.approx(1100 / 3)
    assert told["plausibility bias"][2] is None
    assert "whose map has a score" in told["plausibility bias"][-1]


def test_without_scores_it_says_what_to_give(one_round):
    table = mapped.table(story(Gathered(rounds=[one_round(explanation_shown=True)]), Bootstrap(1, 20)))
    assert table.rows == []
    assert "--lab" in table.missing


def test_a_broken_summary_is_named(tmp_path):
    (tmp_path / "lab.json").write_text('{"format": "other"}')
    with pytest.raises(Unreadable, match=r"--lab .*"):
        lab.read(tmp_path)
