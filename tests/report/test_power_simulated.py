"""Power by simulation: it agrees with the formula, with itself, and with the size of the test."""

import math

import numpy as np
import pytest

from game.study import parse
from server.report.inference.outcomes import outcome_of
from server.report.power import Pool, Price, Setup, cheapest, point, pool_of
from server.report.power_figure import draw
from server.resized import Fixed, resized
from tests.report.test_against import BODY, made
from tests.tiny import Tiny

SETUP = Setup(20, 0.3)
PRICE = Price(12, "GBP")


def pool(people: int = 400, rounds: int = 20, rate: float = 0.4, spread: float = 0.1, *, within: bool = False) -> Pool:
    """Return people whose rates differ, the same ones in both conditions."""
    rng = np.random.default_rng(1)
    rates = np.clip(rng.normal(rate, spread, people), 0.02, 0.98)
    m = np.full(people, rounds)
    sides = [(rng.binomial(m, rates), m) for _ in range(2)] if within else [(rng.binomial(m, rates), m)] * 2
    share = (1.0, 1.0) if within else (0.5, 0.5)
    return Pool(setup=SETUP, reference=sides[0], contrast=sides[1], within=within, share=share, minutes=10)


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("effect", [0.1, -0.1])
def test_it_agrees_with_the_formula(within, effect):
    made = pool(within=within)
    for n in (40, 80, 120):
        found = point(made, effect, n, PRICE, runs=600)
        assert found.power == pytest.approx(found.formula, abs=0.12)


@pytest.mark.parametrize("within", [False, True])
def test_without_an_effect_it_finds_one_as_often_as_alpha_says(within):
    found = [point(pool(within=within), 0.0, n, PRICE, seed=n, runs=1500).power for n in (40, 100)]
    assert all(0.025 < power < 0.085 for power in found)


def test_more_people_and_larger_effects_are_found_more_often():
    powers = [point(pool(), 0.1, n, PRICE, runs=400).power for n in (20, 60, 180)]
    assert powers == sorted(powers)
    assert point(pool(), 0.2, 60, PRICE, runs=400).power > powers[1]
    assert point(pool(), 0.1, 60, PRICE, runs=400) == point(pool(), 0.1, 60, PRICE, runs=400)


def test_the_cheapest_design_is_the_cheapest_that_is_enough():
    short, long = pool(rounds=10), pool(rounds=40)
    long = Pool(**{f: getattr(long, f) for f in long.__struct_fields__} | {"setup": Setup(40, 0.3), "minutes": 60.0})
    found = cheapest([short, long], 0.1, 0.8, PRICE, runs=400)
    assert found.setup == SETUP  # six times as long for a somewhat smaller n is dear
    assert found.power >= 0.8
    assert found.cost == pytest.approx(found.n * 10 / 60 * 12)
    below = point(short, 0.1, int(found.n * 0.8), PRICE, runs=400)
    assert below.power < 0.8
    assert cheapest([short], 0.001, 0.9, PRICE, runs=20).n == 0


def test_the_impossible_has_no_power():
    assert math.isnan(point(pool(), 0.7, 100, PRICE, runs=20).power)  # 0.4 + 0.7 is more than 1
    assert math.isnan(point(pool(), 0.1, 3, PRICE, runs=20).power)


def test_a_pool_says_why_there_is_none():
    assert pool_of(([[]], [[]]), outcome_of("rair"), ("a", "b"), SETUP, (1, 1), 1.0) == (
        "in no round of a was the first answer wrong and the suggestion right: rair cannot be counted there"
    )


def test_a_study_is_resized_where_its_conditions_are_played():
    tiny: Tiny = made()
    small = resized(tiny.study, ("map",), 6, math.nan)
    assert (small.set[0].n, small.set[0].ai_wrong) == (6, 2)
    often = resized(tiny.study, ("map",), 0, 0.5)
    assert (often.set[0].n, often.set[0].ai_wrong) == (9, 4)
    assert resized(tiny.study, ("other",), 6, 0.5) == tiny.study
    listed = parse(BODY.format(n=8, rounds=9, method="gradcam").replace("n = 9", 'specimens = ["s001"]'))
    with pytest.raises(Fixed, match="lists its specimens"):
        resized(listed, ("map",), 6, 0.5)


def test_the_figure_is_the_same_for_the_same_points(tmp_path):
    points = [point(pool(), e, n, PRICE, runs=50) for e in (0.1, 0.2) for n in (20, 40)]
    for name in ("a.svg", "b.svg", "c.png"):
        draw(points, tmp_path / name, "power")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "c.png").stat().st_size > 5000
