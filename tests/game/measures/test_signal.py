"""d' and c by hand, refused for few rounds, and recovered from simulated people."""

import math
import statistics
from statistics import NormalDist

import numpy as np
import pytest

from game.measures.signal import fit, ignorer_point, log_linear
from game.measures.solo import estimated
from game.registry import measure
from tests.game.measures.table import a_round, alone

Z = NormalDist().inv_cdf


def rounds(hits, right, alarms, wrong, **fields):
    made = [a_round(n, ai="a", final="a" if n < hits else "b", **fields) for n in range(right)]
    return made + [a_round(100 + n, ai="b", final="b" if n < alarms else "a", **fields) for n in range(wrong)]


def test_by_hand():
    counted = rounds(9, 10, 2, 8)
    yes, no = Z(9.5 / 11), Z(2.5 / 9)
    assert measure["dprime"].thing(counted).value == pytest.approx(yes - no)
    assert measure["criterion"].thing(counted).value == pytest.approx(-(yes + no) / 2)
    assert measure["dprime"].thing(counted).n == 18


def test_extreme_players():
    follower, oracle = rounds(10, 10, 10, 10), rounds(10, 10, 0, 10)
    assert measure["dprime"].thing(follower).value == pytest.approx(0)
    assert measure["criterion"].thing(follower).value == pytest.approx(-Z(10.5 / 11))
    assert measure["dprime"].thing(oracle).value == pytest.approx(2 * Z(10.5 / 11))
    assert measure["criterion"].thing(oracle).value == pytest.approx(0)


def test_no_value_below_eight_and_eight():
    made = measure["dprime"].thing(rounds(7, 7, 0, 20))
    assert math.isnan(made.value)
    assert "7 right and 20 wrong" in made.why_undefined
    assert "8" in fit(rounds(7, 7, 0, 20))


def test_two_stage_counts_disagreements_only():
    same = rounds(8, 8, 0, 8, own="a", protocol="two_stage")
    assert "0 right and 8 wrong" in measure["criterion"].thing(same).why_undefined


def study(dprime, criterion, spread, people, each, seed=1, solo=None):
    rng = np.random.default_rng(seed)
    cdf = NormalDist().cdf
    made = []
    for p in range(people):
        u = spread * rng.standard_normal()
        for n in range(each):
            right = n % 3 != 0
            base = 0.0 if solo is None else solo[n % len(solo)]
            follow = rng.random() < cdf(-criterion + dprime * (right - 0.5) + base + u)
            ai = "a" if right else "b"
            made.append(a_round(n, f"p{p}", specimen=f"x{n}", ai=ai, final=ai if follow else ("b" if right else "a")))
    return made


def test_the_mixed_model_finds_what_was_put_in():
    made = fit(study(1.2, -0.4, 0.6, 80, 30))
    assert made.dprime == pytest.approx(1.2, abs=0.15)
    assert made.criterion == pytest.approx(-0.4, abs=0.2)
    assert made.spread == pytest.approx(0.6, abs=0.15)
    assert made.dprime_low < 1.2 < made.dprime_high
    assert not made.baseline
    assert (made.rounds, made.participants) == (2400, 80)
    small = measure["dprime_mixed"].thing(study(1.2, -0.4, 0.6, 20, 30))
    assert small.low < 1.2 < small.high
    assert small.value > 0.5
    assert measure["criterion_mixed"].thing(study(1.2, -0.8, 0.3, 20, 30)).value < -0.4


@pytest.mark.slow
def test_its_intervals_hold():
    inside = [
        made.dprime_low < 0.8 < made.dprime_high for s in range(12) if (made := fit(study(0.8, 0, 0.5, 25, 24, s)))
    ]
    assert sum(inside) >= 9


@pytest.mark.slow
def test_the_solo_rate_takes_out_what_the_ignorer_would_show():
    """People who never look at the AI: easy items make them agree with it where it is right."""
    rng = np.random.default_rng(7)
    made = []
    for p in range(240):
        for n in range(30):
            right = n % 3 != 0
            hard = 0.55 + 0.4 * (n // 3) / 9  # chance to know the truth
            made.append(alone(n, f"s{p}", specimen=f"x{n}", final="a" if rng.random() < hard else "b"))
            own = "a" if rng.random() < hard else "b"
            if p >= 60:
                continue
            made.append(a_round(n, f"p{p}", specimen=f"x{n}", ai="a" if right else "b", final=own))
    with_solo = fit(made)
    assert with_solo.baseline
    assert abs(with_solo.dprime) < 0.3
    without = fit([each for each in made if each.protocol != "alone"])
    assert without.dprime > 1
    h, fa = ignorer_point(made)
    assert h == pytest.approx(0.75, abs=0.03)
    assert fa == pytest.approx(0.25, abs=0.03)
    assert ignorer_point([a_round(1)]) is None


def fresh(dprime, seed, people=30, pool=300):
    """Everybody meets 12 items alone and 24 others with the AI, of a pool in which each has about one answer alone."""
    rng, cdf = np.random.default_rng(seed), NormalDist().cdf
    ease, right, made = rng.normal(0.7, 0.6, pool), rng.random(pool) < 0.7, []
    for p in range(people):
        u, items = 0.5 * rng.standard_normal(), rng.permutation(pool)
        for n, i in enumerate(items[:12]):
            wrong = "b" if rng.random() < 0.6 else "c"
            final = "a" if rng.random() < cdf(ease[i]) else wrong
            made.append(alone(n, f"p{p}", specimen=f"x{i}", final=final))
        for n, i in enumerate(items[12:36]):
            base = cdf(ease[i]) if right[i] else 0.6 * (1 - cdf(ease[i]))
            follows = rng.random() < cdf(Z(base) + dprime * (right[i] - 0.5) + u)
            ai = "a" if right[i] else "b"
            made.append(a_round(n, f"p{p}", specimen=f"x{i}", ai=ai, final=ai if follows else "c"))
    return made


@pytest.mark.slow
def test_few_answers_alone_leave_little_of_how_easy_right_items_are():
    worlds = [fresh(0.0, seed) for seed in range(4)]
    with_solo = [fit(each) for each in worlds]
    bare = fit([each for each in worlds[0] if each.protocol != "alone"])
    assert bare.dprime > 1.2
    assert all(made.baseline for made in with_solo)
    assert abs(statistics.fmean(made.dprime for made in with_solo)) < bare.dprime / 2
    assert sum(made.dprime_low < 0 < made.dprime_high for made in with_solo) >= 3
    found = fit(fresh(1.0, 1))
    assert found.dprime_low < 1 < found.dprime_high
    unknown = [each for each in worlds[0] if each.protocol != "alone" or each.specimen == "x1"]
    assert not fit(unknown).baseline  # seven answers alone are none


def test_solo_rates_are_found_again_and_what_nobody_answered_has_the_mean():
    rng, n = np.random.default_rng(3), 400
    right = np.arange(n) % 2 == 0
    z = np.where(right, 0.8, -0.9) + 0.5 * rng.standard_normal(n)
    answers = np.where(np.arange(n) < 20, 0, rng.integers(1, 6, n)).astype(float)
    chosen = rng.binomial(answers.astype(int), [NormalDist().cdf(one) for one in z]).astype(float)
    made = estimated(chosen, answers, right, np.ones(n))
    assert made.means == pytest.approx((-0.9, 0.8), abs=0.15)
    assert made.spread == pytest.approx(0.5, abs=0.15)
    assert made.z[:20] == pytest.approx(np.where(right[:20], made.means[1], made.means[0]), abs=1e-3)
    assert made.variance[:20] == pytest.approx(made.spread**2, rel=0.02)
    assert made.variance[20:].max() < made.spread**2
    assert statistics.correlation(made.z[right].tolist(), z[right].tolist()) > 0.4


def test_few_people_are_refused():
    assert "four participants" in fit(rounds(8, 10, 2, 10))
    assert log_linear(5, 10, 5, 10) == (0, 0)
