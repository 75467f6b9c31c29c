"""Superpixels: connected, complete, deterministic, and along the edges that are there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai.superpixels import SMALLEST, grid_of, superpixels


def reached(areas, label):
    """Return the pixels of an area that can be walked to from its first one."""
    inside = areas == label
    seen = np.zeros_like(inside)
    stack = [tuple(np.argwhere(inside)[0])]
    while stack:
        y, x = stack.pop()
        if 0 <= y < len(inside) and 0 <= x < inside.shape[1] and inside[y, x] and not seen[y, x]:
            seen[y, x] = True
            stack += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
    return seen


@given(seed=st.integers(0, 2**32 - 1), size=st.tuples(st.integers(9, 24), st.integers(9, 24)), side=st.integers(1, 6))
@settings(max_examples=15)
def test_areas_are_connected_complete_and_not_too_small(seed, size, side):
    image = np.random.default_rng(seed).normal(size=(1, 3, *size)).astype(np.float32)
    (areas,) = superpixels(image, side)
    assert areas.shape == size
    assert areas.dtype == np.int64
    labels, counts = np.unique(areas, return_counts=True)
    assert np.array_equal(labels, np.arange(len(labels)))
    assert counts.min() >= SMALLEST * areas.size / side**2
    for label in labels:
        assert np.array_equal(reached(areas, label), areas == label)


def test_a_flat_image_falls_into_squares():
    (areas,) = superpixels(np.full((1, 3, 24, 24), 0.3, np.float32), 4)
    assert np.array_equal(areas, grid_of(4, 24, 24))


def test_an_edge_is_followed():
    image = np.zeros((1, 3, 32, 32), np.float32)
    y, x = np.mgrid[:32, :32]
    disc = (y - 15) ** 2 + (x - 17) ** 2 < 81
    image[0, :, disc] = 2
    (areas,) = superpixels(image, 5)
    shares = [disc[areas == label].mean() for label in np.unique(areas)]
    assert all(share < 0.05 or share > 0.95 for share in shares)


def test_an_image_is_cut_the_same_whatever_is_beside_it():
    images = np.random.default_rng(0).normal(size=(3, 3, 20, 20)).astype(np.float32)
    together = superpixels(images, 4)
    assert all(np.array_equal(areas, superpixels(images[k : k + 1], 4)[0]) for k, areas in enumerate(together))


def test_brightness_and_contrast_do_not_matter():
    images = np.random.default_rng(1).normal(size=(1, 3, 20, 20)).astype(np.float32)
    assert np.array_equal(superpixels(images, 4)[0], superpixels(images * 4 + 8, 4)[0])


def test_a_grid_counts_its_cells_row_by_row():
    assert grid_of(2, 3, 4).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3]]


@pytest.mark.parametrize("side", [0, 11])
def test_more_areas_than_pixels_are_refused(side):
    with pytest.raises(ValueError, match="do not fit"):
        superpixels(np.zeros((1, 3, 10, 12), np.float32), side)
