"""Runs explanation methods: says beforehand whether a method is valid for a model, and checks what it returns."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from ai.explanation import Explanation, Maps
from ai.passes import Passes
from game.pack import Scalar
from game.registry import Entry, explainer

REASONS = {
    "gradient": "it reads gradients, and this model gives none",
    "convolution": "it reads a convolutional layer, and this model has none",
    "attention": "it reads attention weights, and this model has none",
}
"""Why a method that needs something is not valid for a model without it."""


class Refusal(msgspec.Struct, frozen=True):
    """A method that is not valid for a model: which, why, and the nearest one that is."""

    method: str
    model: str
    need: str
    reason: str
    nearest: str

    def __str__(self) -> str:
        instead = f"; use {self.nearest!r} instead" if self.nearest else ""
        return f"{self.method!r} is not valid for {self.model!r}: {self.reason}{instead}"


class Refused(ValueError):
    """Raised by `explain`; carries the `Refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def refusal(method: str, has: Sequence[str], model: str = "this model") -> Refusal | None:
    """Tell why `method` is not valid for a model that offers `has`; None where it is valid. Raises Unknown."""
    entry = explainer[method]
    missing = [need for need in entry.info["needs"] if need not in has]
    if not missing:
        return None
    reason = REASONS.get(missing[0], f"it needs {missing[0]}, and this model has none")
    return Refusal(method, model, missing[0], reason, _nearest(entry, has))


def _nearest(entry: Entry, has: Sequence[str]) -> str:
    """Return a valid method, of the same family if there is one; never a control in place of a real method."""
    valid = [e for e in explainer if e.name != entry.name and set(e.info["needs"]) <= set(has)]
    kin = [e.name for e in valid if e.info["family"] == entry.info["family"]]
    return (kin + [e.name for e in valid if e.info["family"] != "control"] + [""])[0]


def explain(method: str, passes: Passes, targets: Sequence[int], seed: int = 0, **params: Scalar) -> Explanation:
    """Explain each image's target class with `method`.

    `targets` is one class index per image. Raises Refused where the method is not valid for the model, and ValueError,
    naming the method, where it returns anything but one finite map per image.
    """
    refused = refusal(method, passes.has, passes.model or "this model")
    if refused is not None:
        raise Refused(refused)
    out = explainer[method].thing(passes, tuple(int(t) for t in targets), seed, **params)
    if isinstance(out, Maps):
        shape = out.values.shape
        if len(shape) != 3 or shape[0] != len(passes):
            raise ValueError(f"{method!r} returned maps of shape {shape} for {len(passes)} images")
        if not np.isfinite(out.values).all():
            raise ValueError(f"{method!r} returned a value that is not a finite number")
    return out
