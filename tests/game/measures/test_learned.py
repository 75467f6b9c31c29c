"""How trust is gained and lost: rates by hand, and found again in simulation."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from game.measures.learned import Learning, learning, trusts
from game.registry import measure
from tests.game.measures.table import a_round


def played(right, followers, people=10):
    """Rounds of `people` who all meet an AI that is right as `right` says; `followers[n]` of them follow in round n + 1."""
    return [
        a_round(n, f"p{p}", ai="a" if was else "b", final=("a" if was else "b") if p < most else "c", feedback="both")
        for n, (was, most) in enumerate(zip(right, followers, strict=True), 1)
        for p in range(people)
    ]


def test_trust_by_hand():
    # 1/2; right: 1/2 + .2 x 1/2 = .6; wrong: .6 - .5 x .6 = .3; right: .3 + .2 x .7 = .44
    made = trusts(np.array([[True, False, True, True]]), 0.2, 0.5)
    assert made[0] == pytest.approx([0.5, 0.6, 0.3, 0.44])


RIGHT = [True, True, False, False, True, False, True, True, False, True, False, False, True, True, True]
LAST = [5] + [9 if was else 1 for was in RIGHT[:-1]]


def test_rates_by_hand_where_only_the_last_answer_counts():
    # 9 of 10 follow after a right answer, 1 of 10 after a wrong one, half before any: trust is 1, 0 and 1/2, so both rates
    # are 1, and trust moves following by 2 log 9 logits from none to full
    rounds = played(RIGHT, LAST)
    assert measure["trust_gain"].thing(rounds).value == 1
    assert measure["trust_loss"].thing(rounds).value == 1
    assert learning(rounds).weight == pytest.approx(2 * math.log(9), rel=0.01)


def test_what_is_never_forgiven_is_a_gain_of_nought():
    # trust falls to 0 with the first error and never comes back
    wrong = RIGHT.index(False)
    rounds = played(RIGHT, [5 if n <= wrong else 1 for n in range(len(RIGHT))])
    assert measure["trust_gain"].thing(rounds).value == 0
    assert measure["trust_loss"].thing(rounds).value == 1


def test_nothing_is_learned_from_what_is_not_told():
    # told of the first and the third round only: 1/2; .6; .6 (not told); .6 - .5 x .6 = .3
    made = trusts(np.array([[True, True, False, True]]), 0.2, 0.5, np.array([[True, False, True, True]]))
    assert made[0] == pytest.approx([0.5, 0.6, 0.6, 0.3])
    untold = [replace(each, feedback="none") for each in played(RIGHT, LAST)]
    unknown = [replace(each, feedback="") for each in untold]
    for name in ("trust_gain", "trust_loss"):
        assert measure[name].thing(untold).why_undefined == "after no round were people told who was right"
        assert measure[name].thing(unknown).why_undefined == "whether people were told who was right is not known"


def test_the_fitted_interval_stands_with_the_value():
    rounds = learners(0.1, 0.4, people=20)
    fitted, made = learning(rounds), measure["trust_loss"].thing(rounds)
    assert (made.low, made.high) == (fitted.loss_low, fitted.loss_high)
    assert made.low < made.value < made.high


def test_rates_that_cannot_be_told():
    for name in ("trust_gain", "trust_loss"):
        why = lambda rounds: measure[name].thing(rounds).why_undefined  # noqa: B023, E731
        assert "100" in why(played(RIGHT[:5], LAST[:5]))
        assert "same" in why(played(RIGHT, [10] * 15))
        assert "same" in why(played([True] * 15, LAST))
        assert "ai_correct" in why([a_round(1, truth="", ai_correct=None, feedback="ai")])
        assert "does not rise" in why(played(RIGHT, [10 - n for n in LAST]))


def learners(gain, loss, people=60, each=40, seed=2):
    rng = np.random.default_rng(seed)
    made = []
    for p in range(people):
        trust = 0.5
        for n in range(each):
            right = rng.random() < 0.7
            ai = "a" if right else "b"
            follow = rng.random() < 1 / (1 + math.exp(-(0.3 + 5 * (trust - 0.5))))
            made.append(a_round(n, f"p{p}", ai=ai, final=ai if follow else "c", feedback="ai"))
            trust = trust + gain * (1 - trust) if right else trust - loss * trust
    return made


@pytest.mark.parametrize(("gain", "loss"), [(0.1, 0.4), (0.3, 0.1)])
def test_gain_and_loss_are_found_again(gain, loss):
    made = learning(learners(gain, loss))
    assert isinstance(made, Learning)
    assert made.gain_low <= gain <= made.gain_high
    assert made.loss_low <= loss <= made.loss_high
    assert (made.gain < made.loss) == (gain < loss)
    assert made.weight == pytest.approx(5, abs=1.5)
    assert made.participants == 60
