"""Tables: groups never mix, undefined stays undefined, intervals have a seed."""

import math

import pytest

from game.estimate import Estimate, undefined
from server.report.bootstrap import resample
from server.report.tables import Bootstrap, empty_conditions, group_rows, person_rows, pool


def rows_of(rounds, **settings):
    return {row.measure: row for row in group_rows(person_rows(rounds), Bootstrap(**settings))}


@pytest.fixture
def people(one_round):
    """Three participants of 4 rounds: 4, 2 and 1 right; the AI is wrong in one round each, for the third never."""
    return [
        one_round(n, who, correct=n <= right, ai_correct=who == "p3" or n != 4)
        for who, right in (("p1", 4), ("p2", 2), ("p3", 1))
        for n in range(1, 5)
    ]


def test_mean_sd_and_pooled(people):
    row = rows_of(people)["accuracy_team"]
    assert (row.participants, row.defined, row.undefined) == (3, 3, 0)
    assert row.mean == pytest.approx(7 / 12)
    assert row.sd == pytest.approx(math.sqrt(((5 / 12) ** 2 + (1 / 12) ** 2 + (4 / 12) ** 2) / 2))
    assert (row.numerator, row.denominator, row.pooled) == (7, 12, 7 / 12)


def test_undefined_participants_are_counted_and_left_out(people):
    row = rows_of(people)["over_reliance"]
    assert (row.defined, row.undefined) == (2, 1)
    assert row.denominator == 2
    assert row.mean == 0.5  # p1 rejects the wrong suggestion, p2 accepts it, p3 met none
    assert row.reasons == {"no round where the suggestion was wrong": 1}
    assert not row.why_undefined


def test_nobody_defined_is_nan_with_a_reason(people):
    row = rows_of(people)["rair"]
    assert math.isnan(row.mean)
    assert math.isnan(row.pooled)
    assert (row.numerator, row.denominator, row.defined) == (None, None, 0)
    assert "protocol" in row.why_undefined


def test_one_participant_has_no_sd_and_no_interval(people):
    row = rows_of(people[:4])["accuracy_team"]
    assert row.mean == 1
    assert all(math.isnan(each) for each in (row.sd, row.mean_low, row.mean_high, row.pooled_low))


def test_equal_answers_have_a_spread_of_zero(one_round):
    row = rows_of([one_round(n, who) for who in ("p1", "p2", "p3") for n in range(1, 4)])["accuracy_team"]
    assert (row.mean, row.sd, row.mean_low, row.mean_high) == (1, 0, 1, 1)


def test_intervals_depend_on_the_seed_only(people):
    one, again = rows_of(people, seed=3)["accuracy_team"], rows_of(people[::-1], seed=3)["accuracy_team"]
    assert one == again
    assert one.mean_low <= one.mean <= one.mean_high
    wide, narrow = (
        resample([[Estimate(n / 40, n, 40, 40) for n in range(40)]], 1, 500, c)[0].mean for c in (0.99, 0.5)
    )
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_interval_of_the_mean_has_the_textbook_width():
    values = [[Estimate(float(n % 2), n % 2, 1, 1) for n in range(400)]]
    low, high = resample(values, 1, 4000, 0.95)[0].mean
    assert high - low == pytest.approx(2 * 1.96 * 0.5 / 20, rel=0.06)


def test_groups_never_mix(one_round):
    rounds = [
        one_round(1),
        one_round(2, protocol="two_stage"),
        one_round(3, condition="other"),
        one_round(4, study="t"),
        one_round(5, source="simulated"),
    ]
    groups = {row.group for row in person_rows(rounds)}
    assert len(groups) == 5


def test_conditions_without_scored_rounds_are_told(one_round):
    rounds = [one_round(1), one_round(2, condition="warm-up", scored=False)]
    assert empty_conditions(rounds) == {"s: warm-up": 1}
    assert {row.group.condition for row in person_rows(rounds)} == {"arm"}


def test_only_ratios_of_sums_are_pooled():
    assert pool([Estimate(0.5, 1, 2, 2), Estimate(0.25, 1, 4, 4)]) == (2, 6)
    assert pool([Estimate(0.5, 1, 2, 2), Estimate(0.7, None, None, 4)]) == (None, None)
    assert pool([]) == (None, None)
    with pytest.raises(ValueError, match="reason"):
        undefined("")


def test_a_persons_share_has_wilsons_interval_and_nothing_else_has_one(one_round):
    rounds = [one_round(n, correct=n <= 8, ai_correct=True, final_ms=1000) for n in range(1, 11)]
    rows = {row.measure: row.estimate for row in person_rows(rounds)}
    made = rows["accuracy_team"]
    assert (round(made.low, 4), round(made.high, 4)) == (0.4902, 0.9433)
    assert rows["final_ms_mean"].low is None
    assert rows["over_reliance"].low is None, "it is not defined"
