"""Which part of the picture a map highlights most, and whether two maps highlight different ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ai.quality import Case, Maps, Scores, quality
from game.pack import REGIONS

HOTTEST = 0.05
"""Share of the picture that catches the eye: the strongest pixels of a map."""
ELSEWHERE = ""


@quality(
    "different_part",
    family="human",
    reads="pair",
    cite="",
    unit="share",
)
def different_part(a: Maps, b: Maps, case: Case) -> Scores:
    """Return 1 where two maps highlight different parts most, 0 where the same one.

    The part is the one that holds most of the strongest 5 % of pixels; a place outside all parts is a part too. Where the
    parts of the picture are not known, its nine regions stand for them.
    """
    one, other = (highlighted(m, case.parts) for m in (a, b))
    return Scores(np.array([float(x != y) for x, y in zip(one, other, strict=True)]))


def highlighted(maps: Maps, parts: Mapping[str, NDArray[np.bool_]]) -> list[str | None]:
    """Return for each of (n, H, W) maps the part that it highlights most, "" for a place outside all parts.

    None for a map that highlights nothing: the same everywhere, or not finite. Ties go to the first part.
    """
    if not parts:
        parts = regions(maps.shape)
    names, masks = [*parts, ELSEWHERE], np.stack(list(parts.values()))
    masks = np.concatenate([masks, ~masks.any(0, keepdims=True)])
    out: list[str | None] = []
    for n, values in enumerate(np.clip(maps, 0, None)):
        if not np.isfinite(values).all() or np.ptp(values) == 0:
            out.append(None)
            continue
        held = (masks[:, n] & hottest(values)).sum((1, 2))
        out.append(names[int(held.argmax())])
    return out


def hottest(values: NDArray[np.floating], share: float = HOTTEST) -> NDArray[np.bool_]:
    """Return the strongest `share` of the pixels of one map; zero never counts, and pixels tied at the limit all do."""
    count = max(1, round(share * values.size))
    limit = np.partition(values.ravel(), values.size - count)[values.size - count]
    return (values >= limit) & (values > 0)


def regions(shape: tuple[int, ...]) -> dict[str, NDArray[np.bool_]]:
    """Return the nine regions of (n, H, W) pictures."""
    n, height, width = shape
    row, column = np.arange(height) * 3 // height, np.arange(width) * 3 // width
    at = row[:, None] * 3 + column
    return {name: np.broadcast_to(at == k, (n, height, width)) for k, name in enumerate(REGIONS)}
