"""Pairs of explanation methods that a study may compare: how often they show different things, and how alike they are otherwise.

`matched.json` of a results folder (see `game/lab.py`) holds a `Pairings`; the report of the results writes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

FORMAT = "coplay-lab-pairs"
VERSION = 1
FILE = "matched.json"


class MethodPair(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Two methods for one model of one task; controls are in no pair."""

    task: str
    model: str
    first: str
    second: str
    items: int = 0
    """Specimens whose most highlighted part is known for both."""
    differ: float | None = None
    """Share of them on which that part differs."""
    apart: Mapping[str, float] = {}
    """Metric -> absolute difference of the two means, in standard deviations over specimens (pooled); undefined ones left out."""
    sane: bool = False
    """Both pass every sanity check that could be made, and there was one."""


class Pairings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The file."""

    format: str = FORMAT
    version: int = VERSION
    pairs: tuple[MethodPair, ...] = ()


def decode(data: bytes) -> Pairings:
    """Parse `matched.json`; raises msgspec.ValidationError naming the field, or ValueError for another format."""
    made = msgspec.json.decode(data, type=Pairings)
    if made.format != FORMAT or made.version != VERSION:
        raise ValueError(f"{made.format!r} version {made.version} is not {FORMAT!r} version {VERSION}: compare again")
    return made


def alike(pair: MethodPair, metrics: Collection[str], within: float) -> bool:
    """Tell whether two methods differ by at most `within` standard deviations on every one of the metrics.

    >>> alike(MethodPair(task="t", model="m", first="a", second="b", apart={"x": 0.2}), ["x"], 0.5)
    True
    """
    return all(name in pair.apart and pair.apart[name] <= within for name in metrics)


def pick(pairs: Collection[MethodPair], match: Collection[str], within: float, *, sane: bool) -> MethodPair | None:
    """Return the pair that shows different things most often among those alike on `match`; the first by name of equals."""
    fit = [p for p in pairs if p.differ is not None and (p.sane or not sane) and alike(p, match, within)]
    return min(fit, key=lambda p: (-(p.differ or 0.0), p.first, p.second), default=None)
