"""Measures of rounds whose maps have a score, by hand."""

import math

import pytest

from game.measures.mapped import joined
from game.registry import measure
from tests.game.measures.table import a_round


def shown(number, follow, **fields):
    return a_round(number, ai="b", final="b" if follow else "a", explanation_shown=True, method="gradcam", **fields)


def test_plausible_maps_sell_wrong_answers_by_hand():
    # followed 3 of 12 with plain maps (0), 9 of 12 with plausible ones (1): logits -log 3 and log 3, and one standard deviation
    # of the score is 1/2, so the slope per deviation is log 3
    rounds = [shown(n, follow=n % 12 < (9 if n >= 12 else 3), map_plausibility=float(n >= 12)) for n in range(24)]
    made = measure["plausibility_bias"].thing(rounds)
    assert made.value == pytest.approx(math.log(3), rel=0.01)
    assert made.n == 24
    right = [a_round(n, explanation_shown=True, map_plausibility=5.0) for n in range(50, 90)]
    assert measure["plausibility_bias"].thing([*rounds, *right]).value == made.value


def test_a_bias_that_cannot_be_told():
    why = lambda rounds: measure["plausibility_bias"].thing(rounds).why_undefined  # noqa: E731
    assert "map_plausibility" in why([shown(n, follow=n % 2) for n in range(24)])
    assert "fewer than 20" in why([shown(n, follow=n % 2, map_plausibility=float(n)) for n in range(19)])
    assert "same in all" in why([shown(n, follow=n % 2, map_plausibility=1.0) for n in range(24)])
    assert "same in all" in why([shown(n, follow=True, map_plausibility=float(n)) for n in range(24)])
    assert "no round" in why([a_round(1, map_plausibility=1.0)])


def test_dwell_times_mass_by_hand():
    # (1000 ms x 0.5 + 3000 ms x 0.25 + 500 ms x 0) / 3; a map that was not shown is no part of it
    table = ((1000, 0.5), (3000, 0.25), (500, 0.0))
    rounds = [shown(n, follow=True, explanation_ms=ms, map_mass=mass) for n, (ms, mass) in enumerate(table)]
    hidden = a_round(9, method="gradcam", explanation_ms=0, map_mass=1.0)
    made = measure["dwell_on_mass"].thing([*rounds, hidden])
    assert (made.value, made.numerator, made.denominator) == (1250 / 3, 1250, 3)
    assert measure["dwell_on_mass"].thing([hidden]).why_undefined == "no map was shown"
    assert "map_mass" in measure["dwell_on_mass"].thing([shown(1, follow=True, explanation_ms=5)]).why_undefined


def test_scores_are_joined_by_specimen_and_method():
    rounds = [shown(1, follow=True, explanation_ms=1000), shown(2, follow=True, explanation_ms=2000, map_mass=0.1)]
    made = joined(rounds, mass={("x1", "gradcam"): 0.5, ("x2", "rise"): 1.0})
    assert [each.map_mass for each in made] == [0.5, None]
    assert measure["dwell_on_mass"].thing(made).value == 500
    assert [each.map_mass for each in joined(rounds, plausibility={})] == [None, 0.1]
