"""Judging the AI, discerning reliance, unaided change, maps' scores: hand-made tables."""

import pytest
from msgspec.structs import replace

from game.registry import measure
from tests.game.measures.table import a_round, alone, rounds_from


def value(name, rounds):
    return measure[name].thing(rounds).value


def why(name, rounds):
    return measure[name].thing(rounds).why_undefined


def test_foreseeing_the_ai():
    rounds = [
        a_round(n, predicted="a" if n <= 3 else "b", predicted_confidence=5, options=("a", "b")) for n in range(1, 5)
    ]
    assert value("simulation_accuracy", rounds) == 0.75
    assert value("illusion_of_understanding", rounds) == pytest.approx(0.25)  # sure each time, right in 3 of 4
    assert "five steps" in why("illusion_of_understanding", [replace(each, options=()) for each in rounds])


def test_judging_its_answers():
    table = ((4, "a"), (2, "a"), (3, "b"), (1, "b"), (4, "b"))
    rounds = [a_round(n, agree=agree, ai=ai) for n, (agree, ai) in enumerate(table, 1)]
    assert value("verification_accuracy", rounds) == 2 / 5
    assert value("false_agreement", rounds) == 2 / 3
    assert why("false_agreement", rounds[:2]) == "no wrong answer was judged"
    assert value("distinction_accuracy", [replace(e, candidate="a") for e in rounds]) == 2 / 5
    assert value("deployment", [replace(e, deploy="yes" if e.round < 3 else "no") for e in rounds]) == 2 / 5


def test_right_answers_where_they_differ():
    rounds = rounds_from("a b a; b a b; a a a; b a a", protocol="two_stage")
    assert value("appropriate_reliance", rounds) == 2 / 3
    assert "differed" in why("appropriate_reliance", rounds[2:3])


def test_frequent_classes_count_no_more():
    rounds = [a_round(n, truth="a", final="a" if n < 9 else "b") for n in range(1, 11)]
    rounds += [a_round(n, truth="b", final="a") for n in (11, 12)]
    assert value("balanced_accuracy", rounds) == pytest.approx(0.4)  # (8/10 + 0/2) / 2
    assert why("balanced_accuracy", rounds[:10]) == "all rounds are of one class"


def test_who_heeds_confidence_follows_the_surer_one():
    def rounds(heeds):
        return [
            a_round(n, protocol="two_stage", own="b", ai="a", own_confidence=3, options=("a", "b"),
                    ai_confidence=0.6 + 0.3 * (n % 2), final="a" if (n % 2 if heeds else n % 4 < 2) else "b")
            for n in range(1, 41)
        ]  # fmt: skip

    assert value("confidence_heed", rounds(True)) > 5
    assert value("confidence_heed", rounds(False)) == pytest.approx(0, abs=1e-6)
    assert "fewer than 20" in why("confidence_heed", rounds(True)[:10])


def before_and_after(who, early, late, middle="one_stage"):
    made = [alone(n, who, final="a" if n <= early else "b", phase="pre") for n in range(1, 5)]
    made += [a_round(n, who, protocol=middle, phase="main", ai_shown=middle != "alone") for n in range(5, 9)]
    return made + [alone(n, who, final="a" if n - 8 <= late else "b", phase="post") for n in range(9, 13)]


def test_unaided_change_is_read_beside_an_arm_without_ai():
    aided = before_and_after("p", 2, 1) + before_and_after("q", 3, 3)
    assert value("unaided_change", before_and_after("p", 2, 1)) == -0.25
    assert "practice alone" in why("unaided_change_by_ai", aided)
    control = before_and_after("r", 2, 3, middle="alone")
    assert value("unaided_change", control) == 0.25
    assert value("unaided_change_by_ai", aided + control) == pytest.approx(-0.125 - 0.25)
    assert "fewer than 4" in why("unaided_change", before_and_after("p", 2, 1)[2:])
