"""Inverted: a method's map turned upside down, so that what mattered least is shown as mattering most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ai.explanation import Maps
from ai.matching import base_maps, matched
from ai.passes import Passes
from game.registry import explainer


@explainer(
    "inverted",
    cite="coplay: adversarial control, the order of importance reversed",
    needs=(),
    passes=("activations",),
    family="control",
    signed=False,
)
def inverted(passes: Passes, targets: Sequence[int], seed: int, *, base: str = "gradcam", match: str = "") -> Maps:
    """Return the maps of `base` with ranks reversed, (N, h, w).

    A signed map is negated; any other is mirrored between its smallest and largest value, so inverting twice gives the
    map back. Where most of a map is low, most of its inverse is high: `match="energy"` keeps the original's values.
    """
    made = base_maps(passes, base, targets, seed)
    low, high = made.values.min((1, 2), keepdims=True), made.values.max((1, 2), keepdims=True)
    values = -made.values if made.signed else high + low - made.values
    out = matched(passes, values, base, match, targets, seed, signed=made.signed)
    return replace(out, info={"base": base, **out.info})
