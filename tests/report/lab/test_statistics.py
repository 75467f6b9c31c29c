"""The lab's statistics against published values, independent implementations and simulation."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from server.report.lab.components import crossed, decompose
from server.report.lab.concord import concord, concordance
from server.report.lab.contrast import contrasts, holm, sign_flip
from server.report.lab.sizes import diluted, images_needed, people_needed
from server.report.lab.spread import intervals, spreads

NAN = math.nan
finite = st.floats(-1e3, 1e3, allow_nan=False, width=32)


def test_concordance_equals_the_published_example_with_ties():
    # NAG Library, example program of g08daf: W = 0.828, significance 0.008.
    scores = np.array(
        [
            [1.0, 4.5, 2.0, 4.5, 3.0, 7.5, 6.0, 9.0, 7.5, 10.0],
            [2.5, 1.0, 2.5, 4.5, 4.5, 8.0, 9.0, 6.5, 10.0, 6.5],
            [2.0, 1.0, 4.5, 4.5, 4.5, 4.5, 8.0, 8.0, 8.0, 10.0],
        ]
    )
    w, p = concordance(scores)
    assert (round(w, 3), round(p, 3)) == (0.828, 0.008)


def test_sample_sizes_equal_the_published_examples():
    # Chow, Shao & Wang 2003 as in R's TrialSize: one sample of differences of 0.5 SD needs 32.
    assert images_needed(0.5, 1.0) == images_needed(-0.5, 1.0) == 32
    assert images_needed(0.0, 1.0) == images_needed(NAN, 1.0) == people_needed(0.0) == 0
    assert images_needed(1e-9, 1.0) == 0, "more than anybody has"
    # Half the share of items that differ dilutes the effect by two, so it takes four times the people.
    assert people_needed(diluted(0.2)) == pytest.approx(4 * people_needed(diluted(0.4)), abs=4)


def test_sign_flip_equals_the_enumeration_of_all_signs():
    row = np.array([0.3, -0.1, 0.4, 0.2, 0.6])
    sums = [abs(np.dot(signs, row)) for signs in product((-1, 1), repeat=5)]
    expected = np.mean([s >= abs(row.sum()) - 1e-9 for s in sums])
    assert sign_flip(row[None])[0] == pytest.approx(expected)


def test_sign_flip_leaves_out_what_is_missing_and_is_undefined_where_nothing_differs():
    full = np.array([0.3, -0.1, 0.4, 0.2, 0.6])
    holed = np.array([0.3, NAN, -0.1, 0.4, NAN, 0.2, 0.6])
    assert sign_flip(holed[None])[0] == pytest.approx(sign_flip(full[None])[0])
    assert np.isnan(sign_flip(np.array([[0.0, 0.0, 0.0], [1.0, NAN, NAN]]))).all()


def test_sign_flip_of_many_images_is_calibrated():
    rng = np.random.default_rng(7)
    chances = sign_flip(rng.normal(size=(400, 24)))
    assert 0.02 < (chances < 0.05).mean() < 0.09
    assert sign_flip(rng.normal(1.5, 1, size=(1, 24)))[0] < 0.001


def test_holm_equals_the_published_decisions():
    # R's HDLSSkST: of these seven, the third and the last are rejected at 5 %.
    found = holm(np.array([0.50, 0.01, 0.001, 0.69, 0.02, 0.05, 0.0025]))
    assert (found < 0.05).tolist() == [False, False, True, False, False, False, True]


def test_a_contrast_tells_why_it_is_undefined():
    values = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [NAN, NAN, 4.0]])
    same, few, _ = contrasts(("a", "b", "c"), values)
    assert same.why_undefined == "both have the same value on every image"
    assert few.why_undefined == "images where both have a value: 1"
    assert math.isnan(same.p)
    assert math.isnan(few.low)


def test_a_cell_without_values_is_undefined_with_its_reason_never_zero():
    cell, half = spreads(np.array([[NAN, NAN], [NAN, 0.5]]), [["no masks", "no masks"], ["constant map", ""]])
    assert math.isnan(cell.mean)
    assert (cell.n, cell.undefined, cell.share_undefined, cell.why) == (0, 2, 1.0, "no masks")
    assert (half.mean, half.n, half.share_undefined, half.why) == (0.5, 1, 0.5, "constant map")
    assert math.isnan(half.low)


@given(arrays(np.float64, (3, 6), elements=finite))
def test_an_interval_holds_values_between_the_least_and_the_most(values):
    low, high = intervals(values, resamples=50)
    assert (low <= high + 1e-9).all()
    assert (low >= values.min(axis=1) - 1e-6).all()
    assert (high <= values.max(axis=1) + 1e-6).all()


def test_the_interval_covers_the_mean_as_often_as_it_says():
    values = np.random.default_rng(3).normal(size=(1000, 30))
    low, high = intervals(values, resamples=500)
    assert 0.90 < ((low <= 0) & (high >= 0)).mean() < 0.97


def test_components_return_what_was_simulated():
    rng = np.random.default_rng(5)
    method, image = rng.normal(0, 2, (60, 1)), rng.normal(0, 1, (1, 60))
    found, methods, images = crossed(method + image + rng.normal(0, 0.5, (60, 60)))
    assert (methods, images) == (60, 60)
    assert found["method"] == pytest.approx(4, rel=0.35)
    assert found["image"] == pytest.approx(1, rel=0.35)
    assert found["image x method"] == pytest.approx(0.25, rel=0.1)


def test_shares_of_components_sum_to_one_and_what_was_not_varied_says_so():
    values = np.random.default_rng(5).normal(size=(4, 8))
    found = {c.source: c for c in decompose(values, {"method seed": [[1.0, 1.1], [2.0, 2.1]]})}
    assert sum(c.share for c in found.values() if not math.isnan(c.share)) == pytest.approx(1)
    assert found["model seed"].why_undefined == "model seed was not varied"
    assert found["method seed"].n == 2
    one = {c.source: c for c in decompose(values[:1], {})}
    assert one["method"].why_undefined.startswith("methods with all values: 1, images with all: 8")


def test_metrics_that_order_alike_agree_wholly_and_one_method_is_undefined():
    values = np.broadcast_to(np.arange(4.0)[None, :, None], (3, 4, 5)) + np.linspace(0, 0.1, 5)
    found = concord(tuple("abcd"), ("x", "y", "z"), values, (1, 1, 1))
    assert (found.w, found.pairwise, found.first) == (1, 1, (("d", 3),))
    mixed = concord(tuple("abcd"), ("x", "y"), values[:2], (1, -1))
    assert mixed.w == pytest.approx(0)
    alone = concord(("a",), ("x", "y", "z"), values[:, :1], (1, 1, 1))
    assert math.isnan(alone.w)
    assert "methods: 1 of at least 3" in alone.why_undefined


def test_metrics_and_methods_with_too_few_values_are_named_not_counted():
    values = np.random.default_rng(1).normal(size=(3, 4, 5))
    values[0, 1:] = NAN
    values[1, 0] = NAN
    found = concord(tuple("abcd"), ("x", "y", "z"), values, (1, 1, 1))
    assert found.left_out == ("x", "a")
    assert found.methods == ("b", "c", "d")
