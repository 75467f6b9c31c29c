"""Table T8: three readings of who decides, by condition, each with values or a reason, and never without the notice."""

import pytest
from msgspec.structs import replace

from game.measures.modes import NOTICE
from server.report.page.gather import Gathered
from server.report.page.known import notice
from server.report.page.readings import BITS, CODED, HIDDEN, LEAD, read
from server.report.page.story import story
from server.report.tables import Bootstrap


def rows(rounds, reading=""):
    table = read(story(Gathered(rounds=list(rounds)), Bootstrap(1, 20)))
    made = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return [row for row in made if reading in row["reading"]]


@pytest.fixture
def rounds(one_round):
    """Four people with 10 rounds alone at 4 s and 10 with the AI: two take 3 s, two 1.5 s, and all follow."""
    alone = [one_round(n, f"p{who}", protocol="alone", ai_shown=False, ai_correct=None, condition="solo", final_ms=4000)
             for who in range(4) for n in range(1, 11)]  # fmt: skip
    return alone + [one_round(10 + n, f"p{who}", followed=True, final_ms=3000 if who < 2 else 1500)
                    for who in range(4) for n in range(1, 11)]  # fmt: skip


def test_codes_stand_beside_half_and_double_thresholds(rounds):
    made = {row["value of"]: row for row in rows(rounds, CODED)}
    assert made.keys() == {"accepted", "mediated"}
    mediated = made["mediated"]
    assert (mediated["value"], mediated["thresholds halved"], mediated["thresholds doubled"]) == (0.5, 1, 0)
    assert (mediated["people"], mediated["rounds"]) == (4, 40)


def test_the_pace_is_of_the_rounds_before_any_ai(rounds):
    late = [replace(each, round=each.round + 50) if each.protocol == "alone" else each for each in rounds]
    assert {row["value of"]: row["value"] for row in rows(late, CODED)} == {"mediated": 1}


def test_shares_of_hidden_states_sum_to_one(rounds):
    made = rows(rounds, HIDDEN)
    assert sum(row["value"] for row in made) == pytest.approx(1)
    named = {row["value of"]: row["value"] for row in made}
    assert named["mediation"] == pytest.approx(0.5, abs=0.1)


def test_bits_are_told_where_people_answered_first(one_round):
    pairs = [("a", "b"), ("b", "a"), ("a", "a"), ("b", "b")]
    made = [
        one_round(n, f"p{who}", protocol="two_stage", own=pairs[n % 4][0], ai=pairs[n % 4][1], final=pairs[n % 4][1],
                  own_correct=True, final_ms=2000)
        for who in range(8) for n in range(1, 21)
    ]  # fmt: skip
    bits = {row["value of"]: row["value"] for row in rows(made, BITS)}
    assert bits["AI's answer"] > 0.9
    assert bits["own answer"] < 0.05


def test_unknown_times_give_reasons_and_no_shares(rounds):
    blind = [replace(each, final_ms=None) for each in rounds]
    coded, hidden = rows(blind, CODED), rows(blind, HIDDEN)
    assert [row["value"] for row in (*coded, *hidden)] == [None, None]
    assert all("times are not known" in row["beware"] for row in (*coded, *hidden))
    assert "one_stage" in rows(blind, BITS)[0]["beware"]


def test_it_is_never_shown_as_validated(rounds):
    assert read(story(Gathered(rounds=rounds), Bootstrap(1, 20))).note == NOTICE
    assert notice([]) == NOTICE
    assert LEAD
    assert rows([each for each in rounds if each.protocol == "alone"]) == []
