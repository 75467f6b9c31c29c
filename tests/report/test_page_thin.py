"""Too few draws, people or rounds for a number: what is printed has a word for it, and never `nan`."""

import math

import numpy as np
import pytest
from click.testing import CliRunner

from server.commands.measure import measure
from server.commands.report import report
from server.report.figures import accuracy, flow, joined, modes, quality, revision, times
from server.report.inference.comparison import compare
from server.report.inference.permuted import max_t
from server.report.inference.small import small_clusters, wild_bootstrap
from server.report.page import checks, strips
from server.report.page.gather import Gathered
from server.report.page.judge import judge
from server.report.page.prose import methods
from server.report.page.story import resampled, story
from server.report.page.summary import cover, notices
from server.report.tables import Bootstrap


def told(rounds, resamples=0):
    made = story(Gathered(rounds=list(rounds)), Bootstrap(1, resamples))
    judge(made)
    return made


@pytest.fixture
def two(one_round):
    return [
        one_round(n, f"{arm}{who}", correct=(n + who) % 3 > 0, ai_correct=n % 2 > 0, condition=arm, total_ms=900 + 70 * n)
        for arm in ("none", "x") for who in range(4) for n in range(1, 7)
    ]  # fmt: skip


def test_no_draws_give_no_interval():
    ends = resampled(np.array([1.0, 2.0, 4.0]), np.ones(3), Bootstrap(1, 0))
    assert all(math.isnan(end) for end in ends)
    rare = resampled(np.array([1.0, *[0.0] * 40]), np.array([1.0, *[0.0] * 40]), Bootstrap(2, 1))
    assert all(math.isnan(end) for end in rare), "the one draw met nobody who counts"


@pytest.mark.slow
def test_a_report_without_draws_says_so(two):
    made = told(two)
    assert any(each.title == "No draws." for each in notices(made))
    head = cover(made, None, "").summary
    assert "no draws for an interval" in head
    assert "too few people" not in head
    assert "Means have no intervals, as no draws were asked for." in methods(made)


def test_a_permutation_without_draws_has_no_p(two):
    (made,) = max_t([compare(two, "accuracy", "x", "none")], resamples=0)
    assert math.isnan(made.p)
    assert made.estimate == 0.0
    assert made.warnings == ("no draws were asked for, and its p comes from these",)


@pytest.mark.parametrize("command", [report, measure])
def test_too_few_draws_for_an_interval_are_refused(command, tmp_path):
    path = tmp_path / "x.rounds.jsonl"
    path.write_text("")
    more = ["-o", str(tmp_path / "out")] if command is report else []
    done = CliRunner().invoke(command, [str(path), *more, "--resamples", "2"])
    assert done.exit_code == 2
    assert "2 draws are too few for an interval: 20 or more, or 0 for no intervals" in " ".join(done.output.split())


def test_few_draws_are_told(two):
    assert any(each.title == "Few draws." for each in notices(told(two, 40)))
    assert not any(each.title == "Few draws." for each in notices(told(two, 400)))


def test_times_without_an_interval_print_none(two):
    words = times.plate(told(two)).alt
    assert "suggested 1.1 s, 8 people" in words
    assert "nan" not in words


@pytest.mark.slow
def test_rounds_without_scores_are_no_crash(one_round):
    made = told([one_round(n, scored=False) for n in (1, 2)])
    for figure in (flow, quality, modes, times):
        plate = figure.plate(made)
        assert plate.pictures is not None or plate.missing
    assert quality.plate(made).missing == "there is no scored round"
    assert "there is no scored round" in flow.plate(made).title
    assert strips.strips(made) == ""
    assert "No condition has a scored round." in methods(made)
    assert "none has a value here" in methods(made)


@pytest.mark.slow
def test_rounds_that_nobody_decided_have_no_mode(one_round):
    rounds = [one_round(n, f"p{who}", correct=None, followed=None, final=None) for who in (1, 2) for n in (1, 2)]
    assert modes.plate(told(rounds)).missing == "in no round with an AI is it known that anybody decided"
    some = [one_round(n, f"q{who}", condition="other") for who in (1, 2) for n in (1, 2)]
    assert "arm: no decided round." in modes.plate(told([*rounds, *some])).alt


def test_a_correlation_without_an_interval_says_so():
    words = joined._alt([("mass", "accuracy", 0.5, math.nan, math.nan, 4)])
    assert words == "mass with accuracy: 0.50 (no interval, 4 cells)."


@pytest.mark.parametrize(("people", "count"), [(2, 4), (2, 15), (3, 7), (5, 15)])
def test_a_bootstrap_whose_draws_have_no_spread_has_no_ends(one_round, people, count):
    """Turning the signs of a few equal people leaves draws without any spread, or with one of rounding: their t is infinite."""
    rounds = [
        one_round(n, f"{arm}{who}", correct=n > 1 + (arm == "x" and who > 0), condition=arm)
        for arm in ("none", "x") for who in range(people if arm == "none" else 2) for n in range(1, count + 1)
    ]  # fmt: skip
    made = wild_bootstrap(compare(rounds, "accuracy", "x", "none"))
    assert made.defined
    assert math.isnan(made.low)
    assert math.isnan(made.high)
    assert any("no ends" in word for word in made.warnings)


def test_clusters_that_are_all_alike_leave_no_variance(one_round):
    """Everybody is right in one round of two in one condition and in three of four in the other."""
    rounds = [
        one_round(n, f"{arm}{who}", correct=n % (4 if arm == "x" else 2) > 0, condition=arm, specimen=f"{arm}{who}{n}")
        for arm in ("none", "x") for who in range(4) for n in range(1, 5)
    ]  # fmt: skip
    side = compare(rounds, "accuracy", "x", "none")
    (largest,) = max_t([side], resamples=20)
    assert largest.estimate == 0.25
    assert math.isnan(largest.p), "no 1: it is not known"
    for made in (small_clusters(side), wild_bootstrap(side)):
        assert made.undefined_because == "the clusters leave no variance to judge by"


@pytest.mark.slow
def test_a_first_answer_that_never_met_a_wrong_ai_was_not_spoiled_in_0_of_0(one_round):
    rounds = [one_round(n, f"p{who}", protocol="two_stage", own_correct=n > 1) for who in (1, 2) for n in (1, 2, 3)]
    seen = revision.plate(told(rounds)).title
    assert seen == "arm: 2 of 2 wrong first answers put right with a right AI, no right one met a wrong AI."


def test_own_answers_are_weighted_in_a_condition_without_a_name(one_round):
    rounds = [
        one_round(n, f"p{who}", condition="", protocol="delegation", delegated=n < 3, shadow=n == 1, own_correct=who > n,
                  propensities={"shadow": 0.5})
        for who in range(1, 5) for n in range(1, 5)
    ]  # fmt: skip
    rows = [row for row in checks.checked(told(rounds)).rows if row[0] == "own answers, weighted (shadow)"]
    assert len(rows) == 1
    assert 0 < rows[0][4] < 1


def test_people_who_are_all_alike_have_no_interval_in_words(one_round):
    rounds = [one_round(n, f"p{who}", correct=True, ai_correct=n > 1) for who in (1, 2, 3) for n in (1, 2)]
    made = told(rounds, 40)
    assert "95 % interval" not in accuracy.plate(made).alt
    assert "no spread among people to make an interval of" in accuracy.plate(made).alt
    assert "followed <b>0%" not in cover(made, None, "").summary
    assert "(0 to 0)" not in cover(made, None, "").summary
