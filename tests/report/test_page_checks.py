"""Table T7: the effects by other readings of who counts and who was exposed, each with a number or a reason."""

import pytest
from msgspec.structs import replace

from game.round import Round
from server.report.page.checks import ASSIGNED, COMPLIERS, LEAVE_OUT, TREATED, UNFLAGGED, WITHOUT, checked
from server.report.page.gather import Gathered
from server.report.page.judge import judge
from server.report.page.story import story
from server.report.tables import Bootstrap
from tests.bench.inference import world


def told(rounds):
    made = story(Gathered(rounds=list(rounds)), Bootstrap(1, 20))
    judge(made)
    return made


def rows(rounds, check, outcome="accuracy"):
    table = checked(told(rounds))
    made = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return [row for row in made if row["check"] == check and outcome in row["outcome"].split(", ")]


def alone(who, number, condition, **fields):
    return Round(
        study="w", participant=who, condition=condition, round=number, protocol="alone", specimen=f"a{number}",
        source="simulated", decided_by="participant", **fields,
    )  # fmt: skip


@pytest.fixture(scope="module")
def rounds():
    """24 people; those in "map" looked at two explanations of three."""
    made = world(2, people=24, rounds=12, items=12)
    return [
        replace(each, round=each.round + 10, explanation_shown=each.condition == "map" and each.round % 3 > 0)
        for each in made
    ]


def test_the_first_way_is_the_effect_of_the_report(rounds):
    made = told(rounds)
    effect = next(each for each in made.effects if each.outcome == "accuracy")
    row = rows(rounds, ASSIGNED)[0]
    assert (row["estimate"], row["low"], row["p"], row["causal"]) == (effect.estimate, effect.low, effect.p, True)


def test_exposure_is_told_apart_from_assignment(rounds):
    assigned, treated, compliers = (rows(rounds, name)[0] for name in (ASSIGNED, TREATED, COMPLIERS))
    assert treated["causal"] is False
    assert "people chose what they looked at" in treated["beware"]
    assert compliers["estimate"] == pytest.approx(assigned["estimate"] * 12 / 8, rel=0.05)


def test_exposure_as_assigned_says_nothing_more(rounds):
    same = [replace(each, explanation_shown=each.condition == "map") for each in rounds]
    for name in (TREATED, COMPLIERS):
        row = rows(same, name)[0]
        assert row["estimate"] != row["estimate"]
        assert row["beware"] == "everybody was exposed exactly as assigned, so this is the estimate as assigned"


def test_no_compliers_where_more_than_the_explanation_differs(rounds):
    asked = [replace(each, protocol="two_stage") if each.condition == "map" else each for each in rounds]
    row = rows(asked, COMPLIERS)[0]
    assert row["estimate"] != row["estimate"]
    assert "differ in protocol" in row["beware"]
    assert rows(asked, TREATED)[0]["causal"] is False


def test_without_rounds_before_the_ai_no_rule_reads_anything(rounds):
    row = rows(rounds, WITHOUT)[0]
    assert row["beware"] == "there is no round before the AI, and rules read only those"
    assert row["people"] is None


def test_who_is_left_out_before_the_ai_is_counted(rounds):
    names = {each.participant: each.condition for each in rounds}
    early = [
        alone(who, n, names[who], total_ms=5000 if at else 400, scored=False)
        for at, who in enumerate(sorted(names)) for n in (1, 2)
    ]  # fmt: skip
    everybody, kept = (rows([*early, *rounds], name)[0] for name in (ASSIGNED, WITHOUT))
    assert kept["people"] == everybody["people"] - 1
    assert "people left out:" in kept["beware"]
    late = [replace(each, total_ms=400) for each in rounds]
    assert "leave nobody out" in rows([*early[2:], *late], WITHOUT)[0]["beware"]


def test_flagged_people_are_a_check_and_no_rule(rounds):
    first = rounds[0].participant
    marked = [replace(each, flags=("odd",)) if each.participant == first else each for each in rounds]
    row = rows(marked, UNFLAGGED)[0]
    assert row["causal"] is False
    assert "1 person flagged (odd)" in row["beware"]
    assert not rows(rounds, UNFLAGGED)


def test_own_answers_are_weighted_by_their_logged_probability(rounds):
    drawn = [
        replace(each, propensities={"shadow": 0.5}, delegated=True, shadow=each.round % 2 == 0,
                own_correct=each.round % 4 == 0 if each.round % 2 == 0 else None)
        for each in rounds
    ]  # fmt: skip
    made = rows(drawn, "own answers, weighted (shadow)", "own accuracy")
    assert {(row["condition"], row["against"]) for row in made} >= {("map", None), ("plain", None), ("map", "plain")}
    assert all(row["estimate"] == pytest.approx(0.5, abs=0.2) for row in made if row["against"] is None)
    assert "nothing to weight" in rows(rounds, "own answers, weighted (shadow)", "own accuracy")[0]["beware"]


def test_one_condition_and_one_person_are_said(one_round):
    assert checked(told([one_round(n) for n in (1, 2)])).rows[0][0] == "own answers, weighted (shadow)"
    only = [replace(each, protocol="alone", ai_shown=False) for each in (one_round(1), one_round(2))]
    made = checked(told(only))
    assert made.rows == []
    assert "one condition only" in made.missing


def test_rules_are_told_with_their_limits(rounds):
    note = checked(told(rounds)).note
    assert all(f"{rule.limit:g}" in note for rule in LEAVE_OUT)
