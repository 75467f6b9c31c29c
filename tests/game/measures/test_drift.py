"""Slopes over rounds, by hand."""

import math

import pytest

from game.registry import measure
from tests.game.measures.table import a_round


def following(flags, start=1, **fields):
    return [a_round(n, final="a" if flag else "b", **fields) for n, flag in enumerate(flags, start)]


def test_slopes_by_hand():
    # rounds 1 and 11 (20 of each): followed 5 and 15 of 20, so the logit rises from log(1/3) to log 3 in 10 rounds
    rounds = [a_round(n, final="a" if k < most else "b") for n, most in ((1, 5), (11, 15)) for k in range(20)]
    assert measure["follow_trend"].thing(rounds).value == pytest.approx(2 * math.log(3), rel=0.01)
    assert measure["accuracy_trend"].thing(rounds).value == pytest.approx(2 * math.log(3), rel=0.01)


def test_slopes_that_cannot_be_told():
    assert "10 rounds" in measure["follow_trend"].thing(following([1, 0] * 4)).why_undefined
    assert "same" in measure["follow_trend"].thing(following([1] * 20)).why_undefined
    assert "number" in measure["follow_trend"].thing([a_round(1, final=f) for f in "ab" * 10]).why_undefined
    flat = following([1, 0, 0, 1] * 6)
    assert measure["follow_trend"].thing(flat).value == pytest.approx(0, abs=0.01)


def test_trust_probes():
    rounds = [a_round(n, trust=float(t)) for n, t in ((5, 50), (10, 60), (15, 70))]
    assert measure["trust_trend"].thing(rounds).value == pytest.approx(20)
    assert "three" in measure["trust_trend"].thing(rounds[:2]).why_undefined
