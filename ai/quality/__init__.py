"""Metrics of explanations: functions from maps to one number per image. One file each or a small family: the folder is the list.

Maps come at the image's size, (n, H, W) float32; a map that is smaller was enlarged as participants see it. The decorator
prepares them: it takes the positive part (evidence for the target), the absolute value, or the sign, as the metric states,
and nothing is done in silence. A map with a number that is not finite, or the same everywhere, never reaches the metric:
its score is undefined with the reason, and so are all where a need is not met. No score is ever zero for want of a value.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from game.lab import Better, Family, Reads, Takes
from game.pack import Scalar
from game.registry import quality as registry

Maps = NDArray[np.float32]
Values = NDArray[np.float64]
Curve = tuple[Values, Values]
"""x (k,), and y (n, k)."""

NOT_FINITE = "the map holds a number that is not finite"
CONSTANT = "the map is the same everywhere"
UNSIGNED = "the map has no sign"
NEEDS = {
    "masks": "no exact masks are known",
    "confounder": "no confounder is in view",
    "parts": "the parts of the picture are not known",
    "passes": "the model is not at hand",
    "explain": "the method cannot be run again",
    "method_seed": "the method was not run with other seeds",
    "hyper_parameter": "the method was not run with other parameters",
    "model_seed": "no retrained model is at hand",
    "checkpoint": "no checkpoint of the model is at hand",
}
"""Why a metric is undefined where something that it needs is missing."""


@dataclass(frozen=True)
class Case:
    """What is known beside the maps of one model on n images. Masks are (n, H, W) bool, in the images' order.

    `explain(passes, targets)` runs the method under test, its seed and parameters as they are, over any `Passes` (other
    images of `passes.over(...)`, or another model's) for one class an image, and returns maps (m, H, W) float32 at the
    image's size, signed ones with their sign; raises ValueError (engine.Refused too) where it cannot. `held` is one dict
    for all methods of the model: what does not depend on the map is kept there and computed once.
    """

    targets: tuple[int, ...]
    signed: bool = False
    seed: int = 0
    task: str = ""
    model: str = ""
    method: str = ""
    specimens: tuple[str, ...] = ()
    own: Maps | None = None
    """The maps at the method's own resolution, (n, h, w), with their sign; their sum is the method's."""
    masks: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict[str, NDArray[np.bool_]])
    """Cue -> the pixels that change when only that cue flips."""
    weights: Mapping[str, Values] = field(default_factory=dict[str, Values])
    """Cue -> by how much it speaks for the target, (n,): the fall of the ideal observer's probability when it flips."""
    confounder: NDArray[np.bool_] | None = None
    parts: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict[str, NDArray[np.bool_]])
    """Part -> its footprint in view, confounder included."""
    variants: Mapping[str, tuple[Maps, ...]] = field(default_factory=dict[str, tuple[Maps, ...]])
    """Kind of variation -> the maps of the same images made otherwise, each (n, H, W), with their sign."""
    passes: Any = None
    """`ai.passes.Passes` of the model over the n images."""
    explain: Callable[[Any, Sequence[int]], Maps] | None = None
    held: dict[Any, Any] = field(default_factory=dict[Any, Any])

    def has(self, need: str) -> bool:
        """Tell whether something that a metric needs is there."""
        if need in ("passes", "explain", "confounder"):
            return getattr(self, need) is not None
        return bool(getattr(self, need, ())) or need in self.variants

    def at(self, need: str) -> str:
        """Tell why a need is not met."""
        return NEEDS.get(need, f"there are no {need}")

    def with_(self, **changes: Any) -> Case:
        """Return the case with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Scores:
    """One value per image, NaN where undefined, and then the reason in `why` ("" where defined).

    `chance` is what a map that knows nothing is expected to get on each image, where that is known exactly. `curves` are
    what the value was read from: name -> x (k,) and y (n, k), NaN where undefined.
    """

    values: Values
    why: tuple[str, ...] = ()
    chance: Values | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict[str, Curve])

    def __post_init__(self) -> None:
        """Put values in float64, and give a reason to each that is undefined."""
        values = np.asarray(self.values, np.float64)
        values = np.where(np.isfinite(values), values, np.nan)
        given = self.why or ("",) * len(values)
        if len(given) != len(values):
            raise ValueError(f"{len(given)} reasons for {len(values)} values: give one each, '' where defined")
        why = tuple((w or "it is not defined here") if np.isnan(v) else "" for v, w in zip(values, given, strict=True))
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "why", why)


def undefined(n: int, why: str) -> Scores:
    """Return n scores that are undefined for one reason."""
    return Scores(np.full(n, np.nan), (why,) * n)


def where(good: Any, values: NDArray[Any], why: str, chance: Values | None = None) -> Scores:
    """Return values where `good` (n,) is true, undefined because of `why` elsewhere."""
    right = np.asarray(good, np.bool_)
    return Scores(np.where(right, values, np.nan), tuple("" if g else why for g in right.tolist()), chance)


def quality(
    name: str,
    *,
    family: Family,
    reads: Reads,
    cite: str,
    takes: Takes = "positive",
    better: Better = "",
    random: float | None = None,
    needs: tuple[str, ...] = (),
    unit: str = "",
    least: float | None = None,
    most: float | None = None,
    constant: bool = False,
) -> Callable[[Callable[..., Scores]], Callable[..., Scores]]:
    """Register a metric.

    Args:
        name: Public name, in the tables.
        family: Where it belongs; "faithfulness", "localisation", ...
        reads: "map": `f(maps, case)`; "pair": `f(a, b, case)`, symmetric; "model": `f(maps, case)`, and asks the model.
        cite: DOI or arXiv id of the definition; "" for what is ours.
        takes: What of a map counts: its "positive" part, its "absolute" value, or the "signed" values as they are.
        better: The direction that is good, "" where neither is.
        random: What a map that knows nothing is expected to get; None where that depends on the image or is estimated.
        needs: What must be there: fields of `Case`, or kinds of variation.
        unit: What it counts in, "" for a plain number.
        least: A method whose mean is below fails sanity.
        most: A method whose mean is above fails sanity.
        constant: It is defined for a map that is the same everywhere.

    Keyword-only parameters of the function are its settings: presets set those called `draws`, `steps`, `layers`.
    """
    info: dict[str, Any] = {"family": family, "reads": reads, "cite": cite, "takes": takes, "better": better}
    info |= {"random": random, "needs": needs, "unit": unit, "least": least, "most": most, "constant": constant}

    def register(compute: Callable[..., Scores]) -> Callable[..., Scores]:
        two = reads == "pair"

        @wraps(compute)
        def scored(*given: Any, **settings: Scalar) -> Scores:
            case = cast(Case, given[-1])
            stacks = [np.asarray(m, np.float32) for m in given[: 2 if two else 1]]
            n = len(stacks[0])
            missing = next((need for need in needs if not case.has(need)), "")
            if missing:
                return undefined(n, case.at(missing))
            if two and takes == "signed" and not case.signed:
                return undefined(n, UNSIGNED)
            why = _faults(stacks, takes, constant)
            if all(why):
                return Scores(np.full(n, np.nan), why)
            ready = [_taken(_mended(m, why), takes) for m in stacks]
            return _told(compute(*ready, case, **settings), why)

        info["settings"] = _settings(compute)
        return registry(name, **info)(scored)

    return register


def _settings(compute: Callable[..., Scores]) -> dict[str, Scalar]:
    known = inspect.signature(compute).parameters.values()
    return {p.name: p.default for p in known if p.kind is p.KEYWORD_ONLY}


def _faults(stacks: Sequence[Maps], takes: Takes, constant: bool) -> tuple[str, ...]:
    """Return for each image why its maps cannot be judged, "" where they can."""
    why: list[str] = []
    for images in zip(*stacks, strict=True):
        told = ""
        for image in images:
            if not np.isfinite(image).all():
                told = NOT_FINITE
            elif not constant and not told and np.ptp(_taken(image, takes)) == 0:
                told = CONSTANT
        why.append(told)
    return tuple(why)


def _taken(maps: Maps, takes: Takes) -> Maps:
    return np.abs(maps) if takes == "absolute" else np.clip(maps, 0, None) if takes == "positive" else maps


def _mended(maps: Maps, why: Sequence[str]) -> Maps:
    """Put a harmless slope in the place of maps that cannot be judged, so that no metric has to think of them."""
    bad = [i for i, told in enumerate(why) if told]
    if not bad:
        return maps
    out = maps.copy()
    out[bad] = np.linspace(0, 1, maps[0].size, dtype=np.float32).reshape(maps.shape[1:])
    return out


def _told(made: Scores, why: tuple[str, ...]) -> Scores:
    """Return the scores, undefined where the map could not be judged."""
    bad = np.array([bool(w) for w in why])
    values = np.where(bad, np.nan, made.values)
    reasons = tuple(w or m for w, m in zip(why, made.why, strict=True))
    curves = {name: (x, np.where(bad[:, None], np.nan, y)) for name, (x, y) in made.curves.items()}
    return Scores(values, reasons, made.chance, curves)
