"""Matched maps: the values of the map they stand in for, and its spectrum, also where it is nearly empty."""

import numpy as np
import pytest

from ai import spectrum
from ai.engine import explain
from ai.matching import TOLERANCE, place
from ai.one_image import teammate
from ai.swapping import swapped


@pytest.mark.slow
@pytest.mark.parametrize("control", ["smoothed_random", "edges", "centre"])
def test_the_sparse_maps_of_a_trained_transformer_are_matched_too(control, moths):
    """Grad-CAM's maps of it have five values that are not zero, on a grid of 12 by 12."""
    mate, _ = teammate("small_vit")
    scenes = moths.scenes(7, 41, difficulty=0.66, occluded=0.2)
    passes = mate.passes(np.stack([moths.draw(scene, mate.size) for scene in scenes]))
    targets = passes.predict().argmax(1).tolist()
    base = explain("gradcam", passes, targets, 5).values
    made = explain(control, passes, targets, 5, match="energy+smoothness")
    assert np.array_equal(np.sort(made.values.reshape(7, -1)), np.sort(base.reshape(7, -1)))
    apart = [spectrum.mismatch(a, spectrum.power(b)) for a, b in zip(made.values, base, strict=True)]
    assert max(apart) <= TOLERANCE
    assert np.allclose(made.each["spectrum_mismatch"], apart, atol=1e-4)


def test_swaps_bring_a_spectrum_nearer_and_keep_the_values():
    rng = np.random.default_rng(4)
    for side in (9, 24):  # all swaps at once, and some by lot
        like, start = rng.random((2, side, side))
        like[: side // 2] *= 0.1
        start = np.sort(like.ravel())[np.argsort(np.argsort(start.ravel()))].reshape(like.shape)
        wanted = spectrum.power(like)
        enough = 0.9 * spectrum.mismatch(start, wanted)
        made = swapped(start, wanted, enough, rng)
        assert np.array_equal(np.sort(made.ravel()), np.sort(like.ravel()))
        assert spectrum.mismatch(made, wanted) <= enough


def test_ties_are_broken_by_the_neighbourhood_then_by_lot():
    flat, rng = np.zeros((8, 8), np.float32), np.random.default_rng(0)
    like = np.arange(64, dtype=np.float32).reshape(8, 8)
    placed = place(flat, like, False, rng)
    assert np.array_equal(np.sort(placed.ravel()), like.ravel())
    assert not np.array_equal(placed, like), "the order of pixels in memory is not a map"
    disc = flat.copy()
    disc[2:6, 2:6] = 1
    inside = place(disc, like, False, rng)[2:6, 2:6]
    assert inside.min() >= 48
    assert inside[1:3, 1:3].mean() > inside.mean(), "the middle of a patch is more than its rim"


def test_a_spectrum_counts_all_power():
    values = np.random.default_rng(2).random((12, 10))
    assert spectrum.power(values).sum() == pytest.approx(values.size * (values**2).sum())
    wanted = spectrum.power(np.random.default_rng(3).random((12, 10)))
    np.testing.assert_allclose(spectrum.power(spectrum.impose(values, wanted)), wanted, rtol=1e-9)
    assert spectrum.mismatch(values, spectrum.power(values)) == 0
