"""Tables by hand for measures that are tested elsewhere on simulated people or by their extremes only."""

import math
from itertools import product
from statistics import NormalDist

import pytest

from game.registry import measure
from tests.game.measures.table import a_round

EXTRA = 1 / (200 * math.log(2))
"""Miller and Madow's correction of 100 rounds, for each cell beyond the first."""


def value(name, rounds):
    return measure[name].thing(rounds).value


def hundred(rule):
    """25 rounds of each pair of own and AI's answer."""
    pairs = [pair for pair in product("ab", "ab") for _ in range(25)]
    return [a_round(n, protocol="two_stage", own=o, ai=a, final=rule(o, a)) for n, (o, a) in enumerate(pairs)]


def test_influence_of_who_always_follows():
    # beyond the AI's answer the own one tells 0; beyond the own one the AI's tells H = 1 and two corrections: (2 + 3e) + (2 + 3e)
    # - (2 + 3e) - (1 + e)
    rounds = hundred(lambda own, ai: ai)
    assert value("own_influence", rounds) == pytest.approx(0, abs=1e-9)
    assert value("ai_influence", rounds) == pytest.approx(1 + 2 * EXTRA)
    assert value("mediation_balance", rounds) == pytest.approx(0, abs=1e-9)


def either():
    """100 rounds in which the final answer is "a" if either says so."""
    return hundred(lambda own, ai: "a" if "a" in (own, ai) else "b")


def test_influence_where_both_have_a_say():
    # "a" if either says so: given b (half of the rounds) the other decides alone, given a nothing is open: 1/2 bit each.
    # H(final, AI) is 1.5 + 2e of cells 50, 25, 25; so (1.5 + 2e) + (2 + 3e) - (2 + 3e) - (1 + e)
    rounds = either()
    assert value("own_influence", rounds) == pytest.approx(0.5 + EXTRA)
    assert value("ai_influence", rounds) == pytest.approx(0.5 + EXTRA)
    assert value("mediation_balance", rounds) == pytest.approx(1)


def alike(hits, alarms):
    """Four people who all follow `hits` of 8 right and `alarms` of 8 wrong suggestions."""
    return [
        a_round(n, f"p{p}", specimen=f"p{p}x{n}", ai="a" if n < 8 else "b",
                final=("a" if n < hits else "c") if n < 8 else ("b" if n - 8 < alarms else "c"))
        for p in range(4) for n in range(16)
    ]  # fmt: skip


@pytest.mark.slow
def test_the_mixed_model_of_people_who_are_alike():
    # nobody differs, so it is the plain d' of 3/4 and 1/4 (or 3/4 and 3/4), without the log-linear correction
    z = NormalDist().inv_cdf(0.75)
    assert value("dprime_mixed", alike(6, 2)) == pytest.approx(2 * z, abs=0.01)
    assert value("criterion_mixed", alike(6, 2)) == pytest.approx(0, abs=0.01)
    assert value("dprime_mixed", alike(6, 6)) == pytest.approx(0, abs=0.01)
    assert value("criterion_mixed", alike(6, 6)) == pytest.approx(-z, abs=0.01)


def test_heed_of_confidence():
    # the AI says 0.6 or 0.9 against the same own confidence, and is followed in 1 of 4 and in 3 of 4: 2 log 3 logits over 0.3
    assert value("confidence_heed", heeding()) == pytest.approx(2 * math.log(3) / 0.3, rel=0.01)


def heeding():
    """1,200 disagreements of people who follow the surer AI thrice as often as not, and the other thrice as rarely."""
    return [
        a_round(n, protocol="two_stage", own="b", ai="a", own_confidence=3, options=("a", "b"),
                ai_confidence=0.9 if n % 2 else 0.6, final="a" if n // 2 % 4 < (3 if n % 2 else 1) else "b")
        for n in range(1200)
    ]  # fmt: skip
