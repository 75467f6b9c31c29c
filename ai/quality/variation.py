"""Variation: how much a map changes when nothing that a participant knows of has changed.

The method's seed, its parameters, the model trained again under another seed, or the model some epochs earlier. The class
that is explained stays the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ai.coarse import coarse, correlations, ranks
from ai.quality import Case, Maps, Scores, quality, where
from ai.quality.highlighted import highlighted
from game.lab import Better

SIDE = 28
NONE = "a map is the same everywhere"
WORDS = {
    "method_seed": "the same method with other seeds",
    "hyper_parameter": "the same method with its first parameter halved and doubled",
    "model_seed": "the same model trained again under other seeds",
    "checkpoint": "the same model after earlier epochs of its training",
}


def _likeness(kind: str, maps: Maps, case: Case) -> Scores:
    mine = ranks(coarse(maps, SIDE))
    found = np.array([correlations(mine, ranks(coarse(np.clip(v, 0, None), SIDE))) for v in case.variants[kind]])
    return where(np.isfinite(found).all(0), found.mean(0), NONE)


def _flips(kind: str, maps: Maps, case: Case) -> Scores:
    mine = highlighted(maps, case.parts)
    others = [highlighted(v, case.parts) for v in case.variants[kind]]
    found = [[np.nan if y is None else float(x != y) for x, y in zip(mine, other, strict=True)] for other in others]
    values = np.array(found, np.float64)
    return where(np.isfinite(values).all(0), values.mean(0), NONE)


def _declare(kind: str, words: str) -> None:
    declared = partial(quality, family="variation", reads="map", cite="", needs=(kind,))
    likeness = "the mean Spearman correlation of the map with those of"
    flips = "how often the most highlighted part is another one for"
    kinds: tuple[tuple[str, Callable[[str, Maps, Case], Scores], Better, str, str], ...] = (
        (f"{kind}_likeness", _likeness, "higher", "correlation", likeness),
        (f"{kind}_flips", _flips, "lower", "share", flips),
    )
    for name, score, better, unit, what in kinds:
        declared(name, better=better, unit=unit)(_named(name, score, kind, f"Return {what} {words}."))


def _named(
    name: str, score: Callable[[str, Maps, Case], Scores], kind: str, doc: str
) -> Callable[[Maps, Case], Scores]:
    def metric(maps: Maps, case: Case) -> Scores:
        return score(kind, maps, case)

    metric.__name__ = metric.__qualname__ = name
    metric.__doc__ = doc
    return metric


for _kind, _words in WORDS.items():
    _declare(_kind, _words)
