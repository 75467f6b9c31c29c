"""Table T11: measures that no other table shows, with intervals over participants, by hand and from the data beside it."""

import csv
import gzip
import math

import pytest
from msgspec.structs import replace

from game.estimate import wilson
from game.registry import measure
from server.report.page import measures
from server.report.page.gather import Gathered
from server.report.page.story import MEASURES, story
from server.report.tables import Bootstrap
from tests.bench.inference import world


@pytest.fixture(scope="module")
def made():
    rounds = [
        replace(each, final_ms=each.total_ms, guide_opens=each.round % 2)
        for each in world(2, people=16, rounds=12, items=12)
    ]
    bare = {"protocol": "alone", "condition": "solo", "ai_shown": False, "ai_correct": None, "followed": None}
    alone = [replace(each, round=each.round + 50, **bare) for each in rounds]
    told = story(Gathered(rounds=[*rounds, *alone]), Bootstrap(1, 200))
    return told, measures.lines(told)


def rows(made):
    table = measures.table(*made)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_every_measure_is_here_or_in_another_table(made):
    told = {name for row in rows(made) for name in row["measure"].split(", ")}
    elsewhere = {*MEASURES, "accuracy_alone", "accuracy_team"}
    assert {entry.name.replace("_", " ") for entry in measure if entry.name not in elsewhere} <= told


def test_a_mean_over_people_has_the_interval_of_drawing_them(made):
    row = next(row for row in rows(made) if (row["measure"], row["condition"]) == ("correct per minute", "map"))
    line = next(each for each in made[1] if (each.measure, each.condition) == ("correct_per_minute", "map"))
    values = [one.value for _, one in line.parts]
    assert row["value"] == pytest.approx(sum(values) / len(values))
    assert min(values) < row["low"] < row["value"] < row["high"] < max(values)
    assert (row["interval"], row["people"], row["without"]) == ("people drawn", 8, 0)


def test_a_measure_of_everybody_has_the_jackknife_over_people(made):
    row = next(row for row in rows(made) if (row["measure"], row["condition"]) == ("gain over alone", "map"))
    line = next(each for each in made[1] if (each.measure, each.condition) == ("gain_over_alone", "map"))
    values = [one.value for _, one in line.parts]
    assert len(values) == 16  # those alone are left out in turn, too
    middle = sum(values) / 16
    se = math.sqrt(15 / 16 * sum((value - middle) ** 2 for value in values))
    assert row["high"] - row["value"] == pytest.approx(2.131 * se, rel=1e-3)
    assert row["interval"] == "people left out"


def test_what_nobody_has_says_why_and_is_no_zero(made):
    row = next(row for row in rows(made) if "shadow gain" in row["measure"].split(", "))
    assert (row["value"], row["low"]) == (None, None)
    assert row["beware"] == "nothing was delegated or handed over"


def test_wilson_stays_within_the_unit():
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def test_the_data_give_the_means_again(made, tmp_path):
    measures.write(tmp_path / "m.csv.gz", made[1])
    with gzip.open(tmp_path / "m.csv.gz", "rt") as file:
        listed = list(csv.DictReader(file))
    for row in rows(made):
        if row["interval"] == "people drawn":
            key = (row["measure"].replace(" ", "_"), row["condition"])
            values = [
                float(one["value"]) for one in listed if (one["measure"], one["condition_id"]) == key and one["value"]
            ]
            assert row["value"] == pytest.approx(sum(values) / len(values))
            assert row["people"] == len(values)
