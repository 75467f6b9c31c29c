"""Tables T15 and T16: the lens in numbers for a pack with cues, and moves between hidden states."""

import numpy as np
import pytest

from game.measures.hidden import STATES, modelled
from game.measures.modes import NOTICE
from server.report.page.gather import Gathered
from server.report.page.states import counted
from server.report.page.story import story
from server.report.page.transitions import ends, moved
from server.report.page.weights import weighed
from server.report.tables import Bootstrap


def test_without_a_packs_cues_there_is_no_lens(one_round):
    table = weighed(story(Gathered(rounds=[one_round(n) for n in range(1, 5)]), Bootstrap(1, 20)))
    assert table.rows == []
    assert table.missing == "no pack with cues is known"


@pytest.fixture
def told(one_round):
    """Four people who hand over after 10 of 20 rounds that they decided themselves."""
    rounds = [
        one_round(n, f"p{who}", final_ms=3000, handed_over=n > 10, protocol="delegation")
        for who in range(4)
        for n in range(1, 21)
    ]
    return story(Gathered(rounds=rounds), Bootstrap(1, 100))


def test_rows_of_transitions_sum_to_one_and_staying_lasts(told):
    table = moved(told)
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    for state in STATES:
        mine = [row for row in rows if row["from"] == state]
        assert sum(row["probability"] for row in mine) == pytest.approx(1)
        stay = next(row for row in mine if row["to"] == state)
        assert stay["rounds in a row"] == pytest.approx(1 / (1 - stay["probability"]))
    over = next(row for row in rows if (row["from"], row["to"]) == ("mediation", "substitution"))
    assert over["transitions"] == pytest.approx(4, abs=0.2)
    assert over["low"] == pytest.approx(over["probability"], abs=1e-4)  # all are alike
    assert all("prior" in row["beware"] for row in rows if row["from"] == "solo")
    assert table.note == NOTICE


def test_expected_transitions_are_one_less_than_the_rounds(told):
    made = modelled(told.rounds)
    assert {who: round(float(np.sum(moves)), 6) for who, moves in made.moves.items()} == {
        f"p{who}": 19 for who in range(4)
    }


def test_the_number_of_states_of_few_people_is_a_reason(told):
    table = counted(told)
    assert [row[-1] for row in table.rows] == ["4 people have 8 decided rounds with an AI; 10 are needed"]
    assert "seed 1" in table.note
    assert NOTICE in table.note


def test_one_person_has_no_interval():
    low, high = ends(np.ones((1, 4, 4)), Bootstrap(1, 50))
    assert np.isnan(low).all()
    assert np.isnan(high).all()
