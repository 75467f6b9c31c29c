"""How many hidden states: one state is a table of frequencies, by hand; two states that last are found; the named are more."""

from math import log

import numpy as np
import pytest

from game.measures.hidden import SYMBOLS
from game.measures.states import FLOOR, FOLDS, of_series
from server.report.page.states import words

ENGAGED, ACCEPTED = SYMBOLS.index("accepted engaged"), SYMBOLS.index("accepted")


def test_one_state_is_the_frequency_of_symbols():
    """10 people, 8 rounds, half of each symbol: a round's likelihood is 1/2, foreseen with the flat part in it."""
    fits = of_series([[ENGAGED, ACCEPTED] * 4 for _ in range(2 * FOLDS)], 1)
    one = fits.fits[0]
    assert (one.states, one.parameters, fits.people, fits.rounds) == (1, 1, 10, 80)
    assert one.loglik == pytest.approx(80 * log(0.5))
    assert one.bic == pytest.approx(log(80) - 2 * 80 * log(0.5))
    assert one.foreseen == pytest.approx(log((1 - FLOOR) * 0.5 + FLOOR / len(SYMBOLS)))


def runs(people, rounds, seed):
    """Return symbols of people who stay engaged, or not, for 10 rounds on average."""
    draws = np.random.default_rng(seed)
    made = []
    for _ in range(people):
        turned = np.cumsum(draws.random(rounds) < 0.1) + draws.integers(2)
        loose = draws.random(rounds) < 0.1
        made.append([ACCEPTED if (turn + slip) % 2 else ENGAGED for turn, slip in zip(turned, loose, strict=True)])
    return made


@pytest.mark.slow
def test_two_states_that_last_are_found_and_fewer_than_the_named():
    fits = of_series(runs(30, 24, 4), 1)
    assert (fits.supported, fits.by_bic) == (2, 2)
    one, two = fits.fits[:2]
    assert two.below <= 2 * two.below_se
    assert one.below > 3 * one.below_se
    assert [each.states for each in fits.fits if each.named] == [4]
    assert all(each.bic is None for each in fits.fits if each.named)
    assert words(fits) == "the data support 2 states, not the 4 that are named"
    assert of_series(runs(30, 24, 4), 1) == fits


def test_chance_is_one_state():
    draws = np.random.default_rng(2)
    fits = of_series([draws.choice([ENGAGED, ACCEPTED], 20).tolist() for _ in range(20)], 1)
    assert (fits.supported, fits.by_bic) == (1, 1)
    assert words(fits) == "the data support 1 state, not the 4 that are named"
