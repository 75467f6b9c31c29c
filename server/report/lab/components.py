"""Where a metric's variance comes from: image, method, both together, and the seeds and parameters that were varied.

Images and methods are crossed with one value each; their components follow from the mean squares. A component of the model's seed,
the method's seed or a hyper-parameter is the variance of scores of the same image and method when only that changes. What a
method's own seed adds is taken out of the remainder. Negative estimates are zero. Source: Gleser, Cronbach & Rajaratnam 1965,
Psychometrika 30(4) 395-418 (variance components of crossed designs).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from server.report.lab.spread import Floats

VARIED = ("model seed", "method seed", "hyper-parameter", "checkpoint")
CROSSED = ("image", "method", "image x method")
MOST_UNKNOWN = 0.25
"""Methods without a value on more than this share of the images are left out before the table is completed."""


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """One source of variance of one metric."""

    source: str
    variance: float
    share: float = math.nan
    """Of the sum over all sources of the metric that are known."""
    n: int = 0
    """Groups (images, methods, or pairs of both) that it was estimated from."""
    why_undefined: str = ""


def crossed(values: Floats) -> tuple[dict[str, float], int, int]:
    """Return the variance components of `values` (methods, images), and how many methods and images were complete.

    Components are NaN with fewer than two of either.
    """
    known = ~np.isnan(values)
    rows = known.mean(axis=1) >= 1 - MOST_UNKNOWN if values.shape[1] else np.zeros(len(values), bool)
    columns = known[rows].all(axis=0)
    kept = values[np.ix_(rows, columns)]
    methods, images = kept.shape
    if methods < 2 or images < 2:
        return dict.fromkeys(CROSSED, math.nan), methods, images
    of_rows, of_columns = kept.mean(axis=1), kept.mean(axis=0)
    rest = kept - of_rows[:, None] - of_columns[None, :] + kept.mean()
    left = float((rest**2).sum() / ((methods - 1) * (images - 1)))
    by_method = images * float(of_rows.var(ddof=1))
    by_image = methods * float(of_columns.var(ddof=1))
    found = {"image": (by_image - left) / methods, "method": (by_method - left) / images, "image x method": left}
    return {name: max(0.0, value) for name, value in found.items()}, methods, images


def within(groups: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Return the pooled variance within groups of two or more values, and how many groups; NaN without any.

    >>> within([[1.0, 3.0], [5.0]])
    (2.0, 1)
    """
    some = [np.array(g) for g in groups if len(g) > 1]
    if not some:
        return math.nan, 0
    squares = sum(float(((g - g.mean()) ** 2).sum()) for g in some)
    return squares / sum(len(g) - 1 for g in some), len(some)


def decompose(values: Floats, varied: Mapping[str, Sequence[Sequence[float]]]) -> list[Component]:
    """Return every source's component; `varied` is source -> groups of values that differ in this source only."""
    parts, methods, images = crossed(values)
    spread = {name: within(varied.get(name, ())) for name in VARIED}
    noise = spread["method seed"][0]
    if not math.isnan(noise) and not math.isnan(parts["image x method"]):
        parts["image x method"] = max(0.0, parts["image x method"] - noise)
    too_few = f"methods with all values: {methods}, images with all: {images}; two of each are needed"
    counts = {"image": images, "method": methods, "image x method": methods * images}
    found = [
        Component(source=s, variance=v, n=counts[s], why_undefined=too_few if math.isnan(v) else "")
        for s, v in parts.items()
    ]
    found += [
        Component(source=s, variance=v, n=n, why_undefined="" if n else f"{s} was not varied")
        for s, (v, n) in spread.items()
    ]
    total = math.fsum(c.variance for c in found if not math.isnan(c.variance))
    return [
        msgspec.structs.replace(c, share=c.variance / total) if total > 0 and not math.isnan(c.variance) else c
        for c in found
    ]
