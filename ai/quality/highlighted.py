"""Which part of the picture a map highlights most, and whether two maps highlight different ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ai.quality import Case, Maps, Scores, quality
from game.pack import REGIONS

HOTTEST = 0.05
"""Share of the picture that catches the eye: the strongest pixels of a map."""
ELSEWHERE = ""


@quality("different_part", family="human", reads="pair", cite="", unit="share")
def different_part(a: Maps, b: Maps, case: Case) -> Scores:
    """Return 1 where two maps highlight different parts most, 0 where the same one.

    The part is the one that holds most of the strongest 5 % of pixels; a place outside all parts is a part too. Where the
    parts of the picture are not known, its nine regions stand for them.
    """
    return _different(a, b, case.parts)


@quality("different_region", family="human", reads="pair", cite="", unit="share")
def different_region(a: Maps, b: Maps, case: Case) -> Scores:
    """Return 1 where two maps highlight different ninths of the picture most, as a screen reader would say, 0 elsewhere."""
    del case
    return _different(a, b, {})


def _different(a: Maps, b: Maps, parts: Mapping[str, NDArray[np.bool_]]) -> Scores:
    one, other = (highlighted(m, parts) for m in (a, b))
    return Scores(np.array([float(x != y) for x, y in zip(one, other, strict=True)]))


def highlighted(maps: Maps, parts: Mapping[str, NDArray[np.bool_]]) -> list[str | None]:
    """Return for each of (n, H, W) maps the part that it highlights most, "" for a place outside all parts.

    None for a map that highlights nothing: the same everywhere, or not finite. Ties go to the first part.
    """
    names = [*(parts or REGIONS), ELSEWHERE]
    owner = _owners(list(parts.values())) if parts else _regions(maps.shape)
    out: list[str | None] = []
    for n, values in enumerate(np.clip(maps, 0, None)):
        if not np.isfinite(values).all() or np.ptp(values) == 0:
            out.append(None)
            continue
        out.append(names[int(np.bincount(owner[n][hottest(values)], minlength=len(names)).argmax())])
    return out


def _owners(masks: Sequence[NDArray[np.bool_]]) -> NDArray[np.int8]:
    """Return whose each pixel of (n, H, W) is: the smallest part's that it lies in, so that a spot on a wing is not the wing."""
    area = np.stack([mask.sum((1, 2)) for mask in masks])
    owner = np.full(masks[0].shape, len(masks), np.int8)
    for n in range(len(owner)):
        for k in np.argsort(-area[:, n], kind="stable"):
            owner[n][masks[k][n]] = k
    return owner


def _regions(shape: tuple[int, ...]) -> NDArray[np.int8]:
    """Return in which of the nine regions each pixel of (n, H, W) lies."""
    n, height, width = shape
    row, column = np.arange(height) * 3 // height, np.arange(width) * 3 // width
    return np.broadcast_to((row[:, None] * 3 + column).astype(np.int8), (n, height, width))


def hottest(values: NDArray[np.floating], share: float = HOTTEST) -> NDArray[np.bool_]:
    """Return the strongest `share` of the pixels of one map; zero never counts, and pixels tied at the limit all do."""
    count = max(1, round(share * values.size))
    limit = np.partition(values.ravel(), values.size - count)[values.size - count]
    return (values >= limit) & (values > 0)
