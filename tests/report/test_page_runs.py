"""Table T8b: codes by thirds of a person's rounds, and runs of 5, 8 and 12 unengaged acceptances, counted by hand."""

import pytest

from server.report.page.gather import Gathered
from server.report.page.runs import CODE, PEOPLE, ROUNDS, changing
from server.report.page.story import story
from server.report.tables import Bootstrap


@pytest.fixture
def rows(one_round):
    """Four people with 9 rounds in a block: one never engages, one not in the last 6, one always; the fourth has 3 rounds."""
    fast = {"p0": 0, "p1": 3, "p2": 9, "p3": 9}
    rounds = [
        one_round(n + 1, who, followed=True, final_ms=300 if n >= slow else 3000)
        for who, slow in fast.items()
        for n in range(3 if who == "p3" else 9)
    ]
    table = changing(story(Gathered(rounds=rounds), Bootstrap(1, 40)))
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_codes_change_over_thirds(rows):
    made = {row["where"]: row for row in rows if (row["reading"], row["value of"]) == (CODE, "accepted")}
    assert [made[where]["value"] for where in made] == [3 / 10, 6 / 10, 6 / 10]
    assert all((row["people"], row["rounds"]) == (4, 10) for row in made.values())
    assert list(made) == ["first third", "middle third", "last third"]


def test_runs_of_three_lengths_over_people_who_could_have_them(rows):
    people = {row["value of"]: row for row in rows if row["reading"] == PEOPLE}
    assert people["at least 5"]["value"] == pytest.approx(2 / 3)
    assert people["at least 8"]["value"] == pytest.approx(1 / 3)
    assert (people["at least 8"]["people"], people["at least 8"]["rounds"]) == (3, 27)
    assert (people["at least 8"]["thresholds halved"], people["at least 8"]["thresholds doubled"]) == (
        0,
        pytest.approx(1 / 3),
    )
    assert people["at least 12"]["value"] is None
    assert people["at least 12"]["beware"] == "nobody had a block of 12 decided rounds"
    rounds = {row["value of"]: row["value"] for row in rows if row["reading"] == ROUNDS}
    assert rounds == {"at least 5": 15 / 30, "at least 8": 9 / 30, "at least 12": None}
