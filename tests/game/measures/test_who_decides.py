"""Hazards, thrift, aversion, hard cases and classes: why there is no value, and what the hand table does not show."""

import pytest
from msgspec.structs import replace

from game.estimate import wilson
from game.measures.discerning import recalls
from game.measures.hazard import hazards, risks
from game.registry import measure
from tests.game.measures.hand import CLASSES, NAMED
from tests.game.measures.hand_team import FOUR, decided, handed, warned
from tests.game.measures.table import a_round, alone


def why(name, rounds):
    return measure[name].thing(rounds).why_undefined


def test_the_life_table_by_hand():
    made = hazards(FOUR, "handed_over")
    assert [(each.round, each.at_risk, each.acted) for each in made] == [(1, 4, 0), (2, 4, 1), (3, 2, 1), (4, 1, 0)]
    assert made[2].hazard == 1 / 2
    assert hazards([a_round(1)], "delegated") == []


def test_only_errors_that_were_told_go_before():
    told = warned("handed_over")
    assert sum(each.after_error for each in risks(told, "handed_over")) == 200
    silent = [replace(each, feedback="none") for each in told]
    assert not any(each.after_error for each in risks(silent, "handed_over"))
    assert "told" in why("handover_hazard_error", silent)
    far = [replace(each, round=each.round + 5) if each.handover_offered else each for each in told]
    assert not any(each.after_error for each in risks(far, "handed_over")), "another round lies between"


def test_hazards_that_cannot_be_told():
    assert "never offered" in why("handover_hazard", [a_round(1)])
    assert "never offered" in why("delegation_hazard_trend", [a_round(1)])
    assert "fewer than 10" in why("handover_hazard_trend", handed("p", 3, 2))
    nobody = [each for n in range(5) for each in handed(f"p{n}", 4, 0)]
    assert measure["handover_hazard"].thing(nobody).value == 0
    assert "nobody" in why("handover_hazard_trend", nobody)
    once = [each for n in range(12) for each in handed(f"p{n}", 1, n % 2)]
    assert "first ones" in why("handover_hazard_trend", once)


def test_thrift_needs_arms_that_differ():
    assert "two conditions" in why("delegation_per_second_saved", decided("natural", 8, 10))
    assert "two conditions" in why("delegation_per_second_saved", decided("natural", 8, 10) + decided("other", 5, 10))
    assert "two conditions" in why("delegation_per_second_saved", decided("natural", 8, 10) + decided("all", 10, 10))
    assert "delegation_price" in why("delegation_per_point", decided("free", 8, 10))
    same = decided("a", 8, 10, delegation_price=1.0) + decided("b", 3, 10, delegation_price=1.0)
    assert "two conditions" in why("delegation_per_point", same)


def test_aversion_compares_the_same_advice_only():
    assert "attributed" in why("aversion", [a_round(1)])
    assert "both" in why("aversion", NAMED[4:5] + NAMED[6:])
    other = [replace(each, ai_confidence=0.6 if each.attributed == "ai" else 0.9) for each in NAMED]
    assert "both" in why("aversion", other), "advice of another confidence is other advice"
    wrong = [replace(each, ai_correct=False) for each in NAMED]
    assert "both" in why("aversion", wrong)


def test_hard_cases_are_those_of_others():
    offer = {"protocol": "delegation", "delegation_offered": True}
    mine = [alone(1, "p", specimen="e"), a_round(2, "p", specimen="e", delegated=True, **offer)]
    assert "others" in why("difficulty_targeting", mine), "one's own answer tells nothing of others"
    known = [alone(1, "q", specimen="e"), *mine]
    assert "all or none" in why("difficulty_targeting", known)


def test_each_class_by_hand():
    made = recalls(CLASSES)
    assert {name: (each.numerator, each.denominator) for name, each in made.items()} == {"a": (8, 10), "b": (1, 2)}
    assert "one class" in why("lowest_recall", CLASSES[:10])


def test_the_interval_of_one_persons_share():
    low, high = wilson(8, 10)  # (0.8 + z^2/20 -+ z sqrt(0.016 + z^2/400)) / (1 + z^2/10), z = 1.96
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(0, 5)[0] == pytest.approx(0)
    assert wilson(5, 5)[1] == pytest.approx(1)
    assert str(wilson(0, 0)) == "(nan, nan)"
