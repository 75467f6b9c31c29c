"""The gap of team and better member has its interval where solo rounds are of other specimens, too."""

import math

import pytest
from msgspec.structs import replace

from server.report.page.gap import team_gap, why_none
from server.report.page.gather import Gathered
from server.report.page.story import story
from server.report.tables import Bootstrap
from tests.bench.inference import world


def told(rounds):
    made = story(Gathered(rounds=rounds), Bootstrap(1, 100))
    return made, next(arm for arm in made.arms if not arm.alone)


@pytest.fixture
def rounds():
    """Two-stage rounds in which first answers are right in odd rounds, after rounds alone on other specimens."""
    made = [
        replace(each, condition="ai", protocol="two_stage", own="a", own_correct=each.round % 2 == 1)
        for each in world(2, people=10, rounds=8, items=8)
    ]
    bare = {"condition": "solo", "protocol": "alone", "own": None, "own_correct": None, "ai_correct": None}
    alone = [replace(each, specimen=f"other {each.specimen}", **bare) for each in made]
    return made, alone


def test_first_answers_stand_in_where_no_specimen_was_met_both_ways(rounds):
    made, alone = rounds
    side, low, high = team_gap(*told([*alone, *made]))
    assert side.own
    assert low < side.team - side.best < high
    assert (low, high) == team_gap(*told(made))[1:]


def test_shared_specimens_are_compared_with_people_alone(rounds):
    made, alone = rounds
    shared = [replace(each, specimen=each.specimen.removeprefix("other ")) for each in alone]
    side, low, high = team_gap(*told([*shared, *made]))
    assert not side.own
    assert low < side.team - side.best < high


def test_one_person_has_no_interval_and_the_reason(rounds):
    mine = [each for each in rounds[0] if each.participant == "p0"]
    made, arm = told(mine)
    _, low, high = team_gap(made, arm)
    assert math.isnan(low)
    assert math.isnan(high)
    assert why_none(arm, made.bootstrap) == "rounds of one person"
