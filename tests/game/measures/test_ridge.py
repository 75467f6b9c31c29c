"""The conditional logit's robust covariance, against leaving each group out in earnest, and its t."""

import numpy as np
import pytest

from game.measures.ridge import clustered, fit, half_width


def drawn(groups=25, each=20, seed=2):
    """Choices among three options by two features, with weights that differ between groups."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(groups * each, 3, 2))
    names = np.repeat(np.arange(groups), each)
    weights = np.array([1.0, -0.5]) + 0.4 * rng.normal(size=(groups, 2))
    utility = np.einsum("nkj,nj->nk", x, weights[names]) + rng.gumbel(size=(groups * each, 3))
    return x, np.eye(3)[utility.argmax(axis=1)], names


def test_one_newton_step_is_near_leaving_each_group_out():
    x, targets, names = drawn()
    quick = clustered(x, targets, fit(x, targets), names)
    left = np.array([fit(x[names != g], targets[names != g]).weights for g in range(25)])
    whole = fit(x, targets).weights
    exact = (left - whole).T @ (left - whole) * 24 / 25
    assert quick == pytest.approx(exact, rel=0.05, abs=5e-4)
    order = np.random.default_rng(1).permutation(len(names))
    assert clustered(x[order], targets[order], fit(x[order], targets[order]), names[order]) == pytest.approx(quick)


@pytest.mark.parametrize(("groups", "point"), [(6, 2.571), (11, 2.228), (31, 2.042), (101, 1.984)])
def test_half_width_is_that_of_t(groups, point):
    assert half_width(groups) == pytest.approx(point, abs=0.006)
