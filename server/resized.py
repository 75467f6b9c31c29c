"""Resized: a study with other numbers of rounds and of AI errors in the item sets of some conditions, everything else as it is."""

from __future__ import annotations

import math
from collections.abc import Collection

from msgspec.structs import replace

from game.items import ItemSet
from game.study import Study


class Fixed(ValueError):
    """The study cannot be resized; the message says why."""


def resized(study: Study, conditions: Collection[str], rounds: int, error_rate: float) -> Study:
    """Return the study with `rounds` in each item set that these conditions are played with; 0 and NaN leave it as it is.

    Raises Fixed where a set lists its specimens, or has no model whose errors could be counted.
    """
    names = {
        name for phase in study.phase if phase.scored and _plays(study, phase.blocks, conditions) for name in phase.sets
    }
    sets = tuple(_resized(one, rounds, error_rate) if one.name in names else one for one in study.set)
    return replace(study, set=sets)


def _plays(study: Study, blocks: tuple[str, ...], conditions: Collection[str]) -> bool:
    return bool(set(blocks) & set(conditions)) or ("*" in blocks and bool(study.factor))


def _resized(items: ItemSet, rounds: int, error_rate: float) -> ItemSet:
    if items.specimens:
        raise Fixed(f"set {items.name!r} lists its specimens: give `n` instead, so that more or fewer can be drawn")
    n = rounds or items.n
    wrong, rate = items.ai_wrong, items.error_rate
    if not math.isnan(error_rate):
        if not items.model:
            raise Fixed(f"set {items.name!r} names no model: its errors cannot be set")
        wrong, rate = round(error_rate * n), ""
    elif rounds and wrong >= 0 and items.n:
        wrong = round(wrong / items.n * n)  # the same share of errors
    return replace(items, n=n, ai_wrong=wrong, error_rate=rate)
