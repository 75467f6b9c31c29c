"""Scores of metrics that run the method again, on as many images as its cost allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.again import Again
from ai.budget import Budget
from ai.quality import Case, Curve, Maps, Scores, undefined

Found = tuple[Budget, NDArray[Any], list[str], dict[str, Curve]]
"""The budget, values (k,) of the first images, the reasons of those that are undefined, and curves (k, steps)."""


def rerun(maps: Maps, case: Case, find: Callable[[Again], Found]) -> Scores:
    """Return what `find` makes of the method's runs, one score an image; undefined where it cannot be run again."""
    n = len(maps)
    if n != len(case.targets):
        raise ValueError(f"{n} maps for {len(case.targets)} images: a method is run again alone")
    try:
        budget, values, why, curves = find(Again.of(case, maps))
    except (ValueError, LookupError) as error:
        return undefined(n, f"the method cannot be run again here: {error}")
    spread, reasons = budget.spread(np.asarray(values, np.float64), why, n)
    full = {name: (x, np.vstack([y, np.full((n - len(y), y.shape[1]), np.nan)])) for name, (x, y) in curves.items()}
    return Scores(spread, reasons, curves=full)


def length(values: NDArray[Any], axes: int) -> NDArray[np.float64]:
    """Return the Euclidean length over the last `axes` dimensions."""
    flat = values.reshape(*values.shape[: values.ndim - axes], -1).astype(np.float64)
    return np.sqrt((flat**2).sum(-1))


def reasons(values: NDArray[Any], why: str) -> list[str]:
    """Return `why` for each value that is not a finite number, "" for the others."""
    return ["" if good else why for good in np.isfinite(values).tolist()]
