"""Superpixels: small areas of an image that are alike in colour, for ablations that follow what is seen.

SLIC (Achanta et al. 2012, IEEE TPAMI, doi:10.1109/TPAMI.2012.120) with two simplifications: a pixel may join the nine
nearest seeds of the starting grid only, and colours are those that the model is given, scaled to the image's own
spread. Nothing is random, and no image depends on another. No torch here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.int64]
Pixels = NDArray[np.float32]

SMALLEST = 0.25
"""Connected areas below this share of a seed's cell join their neighbour."""


def superpixels(images: Pixels, side: int = 6, compactness: float = 0.5, steps: int = 8) -> list[Labels]:
    """Return one map of areas per image, (H, W) each, labelled 0, 1, ... without a gap; all areas are connected.

    `images` is (N, C, H, W). About `side` x `side` areas come out; `compactness` weighs place against colour: high
    gives squares. Raises ValueError for a grid finer than the image.
    """
    if not 0 < side <= min(images.shape[-2:]):
        raise ValueError(f"{side} x {side} areas do not fit into {images.shape[-2]} x {images.shape[-1]} pixels")
    return [_connected(_clustered(image, side, compactness, steps), side) for image in images]


def grid_of(side: int, height: int, width: int) -> Labels:
    """Return a grid of `side` x `side` cells as areas, (H, W), counted row by row."""
    rows, columns = np.arange(height) * side // height, np.arange(width) * side // width
    return (rows[:, None] * side + columns[None, :]).astype(np.int64)


def _clustered(image: Pixels, side: int, compactness: float, steps: int) -> Labels:
    """K-means over colour and place from a grid of seeds, (H, W); a label may be unused or in pieces."""
    height, width = image.shape[-2:]
    colours = image.astype(np.float64).reshape(len(image), -1).T
    colours = (colours - colours.mean(0)) / max(float(colours.std()), 1e-6)
    y, x = np.mgrid[:height, :width].reshape(2, -1) + 0.5
    # Place is measured in cells, so that `compactness` means the same at every size.
    features = np.column_stack([colours, compactness * y * side / height, compactness * x * side / width])
    home = grid_of(side, height, width).ravel()
    seeds = _means(features, home, np.zeros((side * side, features.shape[1])))
    near = _near(side)[home]
    labels = home
    for _ in range(steps):
        gaps = ((features[:, None, :] - seeds[near]) ** 2).sum(2)
        labels = near[np.arange(len(near)), gaps.argmin(1)]
        seeds = _means(features, labels, seeds)
    return labels.reshape(height, width)


def _near(side: int) -> Labels:
    """Return the nine cells around each cell, (side * side, 9), its own first; outside the grid the nearest inside."""
    row, column = np.divmod(np.arange(side * side), side)
    steps = [(0, 0), *((a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if (a, b) != (0, 0))]
    around = [np.clip(row + a, 0, side - 1) * side + np.clip(column + b, 0, side - 1) for a, b in steps]
    return np.stack(around, 1)


def _means(features: NDArray[np.float64], labels: Labels, kept: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each label's mean features; a label without pixels keeps its row of `kept`."""
    count = np.bincount(labels, minlength=len(kept))
    sums = np.stack([np.bincount(labels, column, len(kept)) for column in features.T], 1)
    return np.where(count[:, None] > 0, sums / np.maximum(count, 1)[:, None], kept)


def _connected(labels: Labels, side: int) -> Labels:
    """Split areas into connected pieces, give small pieces to the neighbour they share most border with, count anew."""
    pieces = _pieces(labels)
    least = SMALLEST * labels.size / side**2
    while True:
        sizes = np.bincount(pieces.ravel())
        small = np.flatnonzero((sizes > 0) & (sizes < least))
        if not len(small) or np.count_nonzero(sizes) == 1:
            return np.unique(pieces, return_inverse=True)[1].reshape(labels.shape).astype(np.int64)
        which = small[np.argmin(sizes[small])]
        pieces[pieces == which] = _neighbour(pieces, int(which))


def _neighbour(pieces: Labels, which: int) -> int:
    """Return the piece with the longest border to `which`, the lowest of equals."""
    inside = pieces == which
    beside: list[Labels] = []
    for a, b in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
        beside += [pieces[a][inside[b] & ~inside[a]], pieces[:, a][inside[:, b] & ~inside[:, a]]]
    return int(np.bincount(np.concatenate(beside)).argmax())


def _pieces(labels: Labels) -> Labels:
    """Return connected pieces of equal labels (4 neighbours), (H, W), numbered by their first pixel."""
    height, width = labels.shape
    found = np.arange(labels.size).reshape(labels.shape)
    across, down = labels[:, 1:] == labels[:, :-1], labels[1:] == labels[:-1]
    while True:
        before = found.copy()
        for left, right, same in ((found[:, :-1], found[:, 1:], across), (found[:-1], found[1:], down)):
            lower = np.minimum(left, right)
            np.copyto(left, lower, where=same)
            np.copyto(right, lower, where=same)
        found = found.ravel()[found.ravel()].reshape(height, width)  # jump to the root: few rounds, whatever the shape
        if np.array_equal(found, before):
            return found
