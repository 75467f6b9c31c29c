"""Sudden turns of following: by hand, and as often as p says where there is none."""

import math

import numpy as np
import pytest

from game.measures.turns import follow_rates, turn_of
from game.registry import measure
from tests.game.measures.table import a_round


def following(flags, who="p", start=1):
    return [a_round(n, who, final="a" if flag else "b") for n, flag in enumerate(flags, start)]


def test_the_size_of_a_turn_by_hand():
    # five followed, five not: F - mean is +-1/2, its sum 2.5 in the middle, over sd 1/2 times sqrt(10)
    assert measure["follow_turn"].thing(following([1] * 5 + [0] * 5)).value == pytest.approx(
        2.5 / (0.5 * math.sqrt(10))
    )
    # by turns: the sum never leaves 0 to 1/2
    assert measure["follow_turn"].thing(following([1, 0] * 5)).value == pytest.approx(1 / math.sqrt(10))
    assert "fewer than 10" in measure["follow_turn"].thing(following([1, 0] * 4)).why_undefined
    assert "departs" in measure["follow_turn"].thing(following([1] * 12)).why_undefined


def test_the_share_of_people_who_turn_by_hand():
    # p turns for good, q goes by turns, r always follows and so departs from nothing, s played too little; nobody else meets
    # the specimens of p and q: one of two
    mine = [each for at, (who, flags) in enumerate(
        {"p": [1] * 12 + [0] * 12, "q": [1, 0] * 12, "r": [1] * 24, "s": [1, 0]}.items()
    ) for each in following(flags, who, start=100 * at)]  # fmt: skip
    made = measure["turn_share"].thing(mine)
    assert (made.value, made.numerator, made.denominator) == (0.5, 1, 2)
    assert "fewer than 10" in measure["turn_share"].thing(following([1, 0])).why_undefined


def test_a_turn_that_all_make_on_the_same_specimens_is_the_specimens():
    mine = [each for who in "pqr" for each in following([1] * 12 + [0] * 12, who)]
    made = measure["turn_share"].thing(mine)
    assert made.denominator == 0
    assert "departs" in made.why_undefined


def test_a_turn_is_found_where_it_was_made():
    made = turn_of(following([1] * 12 + [0] * 12), {})
    assert made.round == 13
    assert made.p < 0.01
    steady = turn_of(following([1, 0] * 12), {})
    assert steady.p > 0.5
    assert "10" in turn_of(following([1, 0]), {})
    assert "departs" in turn_of(following([1] * 12), {})


def test_items_that_everybody_follows_are_no_turn():
    others = [a_round(1, "q", specimen=f"x{n}", final="a" if n <= 12 else "b") for n in range(1, 25)]
    rates = follow_rates([*others, *following([1] * 24)], without="p")
    assert rates["x1"] == 1
    assert rates["x24"] == 0
    assert "departs" in turn_of(following([1] * 12 + [0] * 12), rates)


def test_turns_are_told_by_chance_as_often_as_p_says():
    rng = np.random.default_rng(5)
    found = [turn_of(following(rng.random(24) < 0.6), {}, draws=199, seed=s).p < 0.1 for s in range(80)]
    assert 0.02 <= np.mean(found) <= 0.2
