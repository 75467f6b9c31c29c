"""Complexity: how much a person has to take in."""

from __future__ import annotations

import io
from functools import partial

import numpy as np
from PIL import Image

from ai.coarse import coarse
from ai.quality import Case, Maps, Scores, quality
from ai.quality.highlighted import hottest
from ai.quality.localisation import flattened
from ai.render import shade

NEGLIGIBLE = 1e-5
"""Absolute value, as a share of the largest, below which a pixel counts for nothing."""
SPOTS, SIDE, OUTLINED = 48, 96, 0.2

declared = partial(quality, family="complexity", reads="map", takes="absolute")


@declared("sparseness", better="higher", cite="Chalasani et al. 2020, ICML, arXiv:1810.06583", unit="Gini index")
def sparseness(maps: Maps, case: Case) -> Scores:
    """Return the Gini index of the absolute values: 0 spread evenly, near 1 all in one place."""
    del case
    v = np.sort(flattened(maps), axis=1).astype(np.float64)
    d = v.shape[1]
    return Scores((v @ (2 * np.arange(1, d + 1) - d - 1)) / (d * v.sum(1)))


@declared("entropy", better="lower", cite="Bhatt, Weller & Moura 2020, IJCAI, pp. 3016-3022", unit="nats")
def entropy(maps: Maps, case: Case) -> Scores:
    """Return the entropy of the absolute values as shares of their sum: 0 all in one pixel, log(pixels) spread evenly."""
    del case
    v = flattened(maps).astype(np.float64)
    share = v / v.sum(1, keepdims=True)
    return Scores(-(share * np.log(np.where(share > 0, share, 1))).sum(1))


@declared(
    "effective_complexity", better="lower", cite="Nguyen & Rodríguez Martínez 2020, arXiv:2007.07584", unit="share"
)
def effective_complexity(maps: Maps, case: Case) -> Scores:
    """Return the share of pixels whose absolute value counts: more than a hundred-thousandth of the map's largest."""
    del case
    v = flattened(maps)
    return Scores((v > NEGLIGIBLE * v.max(1, keepdims=True)).mean(1))


@declared("spatial_frequency", better="lower", cite="", unit="cycles a picture")
def spatial_frequency(maps: Maps, case: Case) -> Scores:
    """Return the mean spatial frequency of the map, each weighted by its power; the mean of the map left out."""
    del case
    power = np.abs(np.fft.rfft2(maps.astype(np.float64))) ** 2
    power[:, 0, 0] = 0
    power[:, :, 1 : (maps.shape[2] + 1) // 2] *= 2  # the other half of the spectrum
    rows, columns = np.fft.fftfreq(maps.shape[1]) * maps.shape[1], np.fft.rfftfreq(maps.shape[2]) * maps.shape[2]
    radius = np.hypot(rows[:, None], columns)
    return Scores((power * radius).sum((1, 2)) / power.sum((1, 2)))


@declared("spots", takes="positive", better="lower", cite="", unit="regions")
def spots(maps: Maps, case: Case) -> Scores:
    """Return how many separate regions the strongest fifth of the evidence for the target makes, on a grid of 48."""
    del case
    small = coarse(maps, SPOTS).reshape(-1, SPOTS, SPOTS)
    return Scores(np.array([_regions(hottest(m, OUTLINED)) for m in small], np.float64))


@declared("picture_bytes", takes="positive", better="lower", cite="", unit="bytes")
def picture_bytes(maps: Maps, case: Case) -> Scores:
    """Return the size of the map's grey picture as a JPEG of 96 x 96 at quality 75, rendered as participants see it."""
    del case
    return Scores(np.array([_bytes(m) for m in maps], np.float64))


def _regions(mask: np.ndarray) -> int:
    """Count the regions of a mask that touch by their sides."""
    label = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        grown = np.pad(label, 1)
        near = [grown[1:-1, 1:-1], grown[:-2, 1:-1], grown[2:, 1:-1], grown[1:-1, :-2], grown[1:-1, 2:]]
        new = np.where(mask, np.max(near, axis=0), 0)
        if (new == label).all():
            return len(np.unique(label[mask]))
        label = new


def _bytes(values: np.ndarray) -> int:
    data = io.BytesIO()
    Image.fromarray(shade(values, SIDE)).save(data, "JPEG", quality=75)
    return len(data.getvalue())
