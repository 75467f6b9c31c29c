"""Power by simulation: it agrees with the formula, with itself, and with the size of the test."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from game.study import parse
from server.report.inference.clustered import cluster_robust
from server.report.inference.comparison import compare
from server.report.inference.outcomes import outcome_of
from server.report.inference.quick import pairs, quick
from server.report.power import Answers, Pool, Price, Setup, point, pool_of
from server.report.power_figure import draw
from server.report.power_search import cheapest
from server.resized import Fixed, resized
from tests.bench.inference import world
from tests.report.test_against import BODY, made
from tests.tiny import Tiny

SETUP = Setup(20, 0.3)
PRICE = Price(12, "GBP")


def pool(people: int = 200, rounds: int = 20, rate: float = 0.4, spread: float = 0.1, *, within: bool = False,
         items: int = 300, ease: float = 0.0) -> Pool:  # fmt: skip
    """Return people whose rates differ, the same ones in both conditions; `ease`: SD of the specimens' rates."""
    rng = np.random.default_rng(1)
    rates, easy = rng.normal(rate, spread, people), rng.normal(0, ease, items)
    person, item = np.repeat(np.arange(people), rounds), rng.integers(0, items, people * rounds)
    chance = np.clip(rates[person] + easy[item], 0.02, 0.98)
    sides = [Answers((rng.random(len(chance)) < chance).astype(float), person, item) for _ in range(2)]
    share = (1.0, 1.0) if within else (0.5, 0.5)
    return Pool(
        setup=SETUP, reference=sides[0], contrast=sides[1 if within else 0], people=people, within=within, share=share, minutes=10
    )  # fmt: skip


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("effect", [0.1, -0.1])
def test_it_agrees_with_the_formula(within, effect):
    made = pool(within=within)
    for n in (40, 80, 120):
        found = point(made, effect, n, PRICE, runs=300)
        assert found.power == pytest.approx(found.formula, abs=0.12)


@pytest.mark.parametrize("within", [False, True])
def test_without_an_effect_it_finds_one_as_often_as_alpha_says(within):
    found = [point(pool(within=within), 0.0, n, PRICE, seed=n, runs=600).power for n in (40, 100)]
    assert all(0.02 < power < 0.09 for power in found)


def test_more_people_and_larger_effects_are_found_more_often():
    powers = [point(pool(), 0.1, n, PRICE, runs=400).power for n in (20, 60, 160)]
    assert powers == sorted(powers)
    assert point(pool(), 0.2, 60, PRICE, runs=400).power > powers[1]
    assert point(pool(), 0.1, 60, PRICE, runs=400) == point(pool(), 0.1, 60, PRICE, runs=400)


@pytest.mark.slow
def test_the_cheapest_design_is_the_cheapest_that_is_enough():
    short, long = pool(rounds=10), pool(rounds=40)
    long = Pool(**{f: getattr(long, f) for f in long.__struct_fields__} | {"setup": Setup(40, 0.3), "minutes": 60.0})
    found = cheapest([short, long], 0.12, 0.8, PRICE, runs=300)
    assert found.setup == SETUP  # six times as long for a somewhat smaller n is dear
    assert found.power >= 0.8
    assert found.drawn
    assert found.cost == pytest.approx(found.n * 10 / 60 * 12)
    below = point(short, 0.12, int(found.n * 0.75), PRICE, runs=300)
    assert below.power < 0.8
    assert cheapest([short], 0.001, 0.9, PRICE, runs=20).n == 0


def test_more_people_than_were_simulated_are_told_from_the_variance():
    few = pool(people=60)
    for n in (80, 120):
        far, near = point(few, 0.1, n, PRICE), point(pool(), 0.1, n, PRICE, runs=400)
        assert not far.drawn
        assert near.drawn
        assert math.isnan(far.error)
        assert far.power == pytest.approx(near.power, abs=0.12)
    found = cheapest([few], 0.05, 0.8, PRICE, runs=50)
    assert not found.drawn
    assert found.n > 60


def codes(comparison):
    return comparison.person, comparison.item, pairs(comparison.person, comparison.item)


def test_studies_are_analysed_as_a_report_does_by_default():
    rounds = world(5, people=24, rounds=10, items=15, effect=0.5)
    comparison = compare(rounds, "accuracy", "map", "plain")
    default = cluster_robust(comparison)
    made = quick(comparison.y, comparison.x == 1, *codes(comparison))
    assert (made.difference, made.error, made.df) == pytest.approx((default.estimate, default.se, default.df))
    one = compare([replace(each, specimen="x") for each in rounds], "accuracy", "map", "plain")
    alone, same = cluster_robust(one), quick(one.y, one.x == 1, *codes(one))
    assert (same.error, same.df) == pytest.approx((alone.se, alone.df))


def test_few_shared_specimens_cost_power():
    shared, fresh = (pool(items=items, ease=0.2, rounds=8) for items in (8, 300))
    assert point(shared, 0.12, 100, PRICE, runs=400).power < point(fresh, 0.12, 100, PRICE, runs=400).power


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


@pytest.mark.slow
def test_the_figure_is_the_same_for_the_same_points(tmp_path):
    points = [point(pool(), e, n, PRICE, runs=50) for e in (0.1, 0.2) for n in (20, 40)]
    for name in ("a.svg", "b.svg", "c.png"):
        draw(points, tmp_path / name, "power")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "c.png").stat().st_size > 5000
