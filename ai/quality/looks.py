"""Agreement of two maps as pictures: structural similarity, how far importance has to be moved, shared strongest places."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from ai.coarse import Numbers, coarse
from ai.quality import Case, Maps, Scores, quality
from ai.quality.highlighted import hottest

SIDE, WINDOW = 48, 7
K1, K2 = 0.01, 0.03
MOVED, DIRECTIONS = 14, 16
TOP = 0.2
"""Share of the picture that an outline around a map holds."""


@quality(
    "ssim",
    family="agreement",
    reads="pair",
    cite="Wang, Bovik, Sheikh & Simoncelli 2004, IEEE Transactions on Image Processing 13:600-612",
    unit="similarity",
)
def ssim(a: Maps, b: Maps, case: Case) -> Scores:
    """Return the mean structural similarity of two maps, each from 0 to its largest value: 1 the same picture.

    On a grid of 48, in square windows of 7, with the constants of the paper for a range of 1.
    """
    del case
    x, y = (torch.from_numpy(_scaled(m)) for m in (a, b))
    mx, my, xx, yy, xy = (functional.avg_pool2d(v, WINDOW, 1) for v in (x, y, x * x, y * y, x * y))
    c1, c2 = K1**2, K2**2
    above = (2 * mx * my + c1) * (2 * (xy - mx * my) + c2)
    below = (mx * mx + my * my + c1) * (xx - mx * mx + yy - my * my + c2)
    return Scores((above / below).mean((1, 2, 3)).numpy())


@quality(
    "earth_mover",
    family="agreement",
    reads="pair",
    better="",
    cite="sliced: Bonneel et al. 2015, Journal of Mathematical Imaging and Vision 51:22-45",
    unit="sides of the picture",
)
def earth_mover(a: Maps, b: Maps, case: Case) -> Scores:
    """Return how far importance has to be moved from one map to the other, in sides of the picture: 0 alike.

    The mean over 16 directions of the earth mover's distance along each, each map's total being 1, on a grid of 14. It is
    at most the distance in the plane.
    """
    del case
    x, y = (_shares(coarse(m, MOVED)) for m in (a, b))
    at = (np.arange(MOVED) + 0.5) / MOVED
    rows, columns = (v.ravel() for v in np.meshgrid(at, at, indexing="ij"))
    total = np.zeros(len(x))
    for angle in np.pi * np.arange(DIRECTIONS) / DIRECTIONS:
        along = rows * np.sin(angle) + columns * np.cos(angle)
        order = np.argsort(along, kind="stable")
        flow = np.abs(np.cumsum((x - y)[:, order], axis=1))[:, :-1]
        total += flow @ np.diff(along[order])
    return Scores(total / DIRECTIONS)


@quality("top_overlap", family="agreement", reads="pair", cite="", unit="share", random=TOP / (2 - TOP))
def top_overlap(a: Maps, b: Maps, case: Case) -> Scores:
    """Return how much the strongest fifths of two maps have in common: their intersection by their union.

    Two maps that have nothing to do with each other share 0.2 / 1.8 of it; a map with evidence in less than a fifth of the
    picture has only so much.
    """
    del case
    pairs = [(hottest(x, TOP), hottest(y, TOP)) for x, y in zip(a, b, strict=True)]
    return Scores(np.array([(x & y).sum() / (x | y).sum() for x, y in pairs]))


def _scaled(maps: Maps) -> Numbers:
    small = coarse(maps, SIDE).reshape(len(maps), 1, SIDE, SIDE)
    return small / small.max((2, 3), keepdims=True)


def _shares(values: Numbers) -> Numbers:
    return values / values.sum(1, keepdims=True)
