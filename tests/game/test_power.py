"""Power by the normal approximation, against simulated studies."""

import math
from random import Random
from statistics import NormalDist, fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.power import Assumed, detectable, power_of

PEOPLE, ROUNDS = st.integers(2, 500), st.integers(1, 200)


@given(n=PEOPLE, rounds=ROUNDS, within=st.booleans())
def test_the_detectable_difference_is_detected_with_that_power(n, rounds, within):
    found = detectable(n, rounds, within=within)
    assert math.isclose(power_of(found, n, rounds, within=within), 0.8, abs_tol=1e-3)
    assert math.isclose(power_of(0, n, rounds, within=within), 0.05, abs_tol=1e-9)


@given(n=PEOPLE, rounds=ROUNDS, within=st.booleans())
def test_more_people_and_more_rounds_find_smaller_differences(n, rounds, within):
    found = detectable(n, rounds, within=within)
    assert detectable(n + 1, rounds, within=within) < found
    assert detectable(n, rounds + 1, within=within) < found


def test_nobody_finds_nothing():
    assert math.isnan(detectable(1, 20, within=True))
    assert math.isnan(power_of(0.1, 20, 0, within=True))


@pytest.mark.slow
@pytest.mark.parametrize("within", [True, False])
def test_simulated_studies_find_it_as_often(within):
    rng, n, rounds, difference = Random(7), 60, 27, 0.06
    found = sum(_study(rng, n, rounds, difference, within, Assumed()) for _ in range(300)) / 300
    assert abs(found - power_of(difference, n, rounds, within=within)) < 0.09


def _study(rng, n, rounds, difference, within, assumed):
    """Play one study; tell whether a z test of the participants' means finds the difference."""

    def mean(p):
        return fmean(rng.random() < p for _ in range(rounds))

    def person():
        return rng.gauss(assumed.accuracy, assumed.between)

    def shifted(base, shift):
        return mean(base + shift + (rng.gauss(0, assumed.within) if within else 0))

    people = [(base := person(), base if within else person()) for _ in range(n)]
    a = [shifted(one, -difference / 2) for one, _ in people]
    b = [shifted(other, difference / 2) for _, other in people]
    spread = stdev([x - y for x, y in zip(a, b, strict=True)]) if within else math.hypot(stdev(a), stdev(b))
    return abs(fmean(b) - fmean(a)) / (spread / math.sqrt(n)) > NormalDist().inv_cdf(0.975)


def test_no_power_is_told_where_nobody_differs():
    alike = Assumed(accuracy=1.0, between=0.0, within=0.0)
    assert math.isnan(power_of(0.1, 40, 20, within=False, assumed=alike))
    assert math.isnan(power_of(0.1, 40, 20, within=True, assumed=Assumed(accuracy=0.9, between=0.4, within=0.0)))
