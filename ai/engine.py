"""Runs explanation methods: says beforehand whether a method is valid for a model, and checks what it returns."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
import numpy as np

from ai.attribution import Attribution, in_full, precision_of
from ai.explanation import Explanation, Maps
from ai.fidelity import compared
from ai.given import wanted
from ai.guard import guarded
from ai.parameters import checked
from ai.passes import Passes
from game.pack import Scalar
from game.registry import Entry, explainer

REASONS = {
    "gradient": "it reads gradients, and this model gives none",
    "convolution": "it reads a convolutional layer, and this model has none",
    "activations": "it reads a layer's activations, and this model names no layer to read",
    "attention": "it reads attention weights, and this model has none that can be read",
    "relu": "it replaces ReLUs, and this model's are not all plain modules",
    "no_inplace": "it reads what each step was given, and this model overwrites it in place",
    "grid": "it lays tokens out on a grid, and this model has no tokens",
    "gallery": "it shows known specimens, and no gallery was given",
    "twins": "it shows a specimen's twin, and no twins were given",
    "masks": "it shows where the evidence is, and no masks were given",
    "others": "it takes another image's map, and no other images were given",
}
"""Why a method that needs something is not valid for a model without it."""

KIN = {
    "attention": ("rollout", "gradcam", "saliency"),
    "cam": ("gradcam", "rollout", "saliency"),
    "modified gradient": ("integrated_gradients", "occlusion"),
    "relevance": ("lrp_epsilon", "attn_lrp", "integrated_gradients", "occlusion"),
}
"""Family -> what to use instead, the first that is valid; a method's own `instead` comes before."""
APART = ("control", "example")
"""Families that stand in for their own only."""


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


def refusal(
    method: str, has: Sequence[str], model: str = "this model", *, reason: str = "", need: str = ""
) -> Refusal | None:
    """Tell why `method` is not valid for a model that offers `has`; None where it is valid. Raises Unknown.

    `need` with its `reason` is one that was looked for in the model and not found, whatever it says it has.
    """
    entry = explainer[method]
    missing = need or next((n for n in entry.info["needs"] if n not in has), "")
    if not missing:
        return None
    told = reason or REASONS.get(missing, f"it needs {missing}, and this model has none")
    return Refusal(method, model, missing, told, _nearest(entry, [h for h in has if h != missing]))


def refused_by(method: str, passes: Passes) -> Refusal | None:
    """Tell why `method` is not valid for these passes: what the model declares and, for ReLUs, what it really does."""
    model = passes.model or "this model"
    told = refusal(method, passes.offers, model)
    if told is not None:
        seen = passes.lacking.get(told.need, "")
        return refusal(method, passes.offers, model, need=told.need, reason=seen) if seen else told
    for need in explainer[method].info["needs"]:
        if need in passes.lacking:
            return refusal(method, passes.offers, model, need=need, reason=passes.lacking[need])
    return None


def _nearest(entry: Entry, has: Sequence[str]) -> str:
    """Return the valid method that is most alike: kin by name, then by family, needs and passes.

    Never a control in place of a real method, nor a map in place of examples, nor examples in place of a map.
    """
    valid = [e for e in explainer if e.name != entry.name and set(e.info["needs"]) <= set(has)]
    valid = [e for e in valid if all((e.info["family"] == f) == (entry.info["family"] == f) for f in APART)]
    kin = (*entry.info.get("instead", ()), *KIN.get(entry.info["family"], ()))
    named = [name for name in kin if name in {e.name for e in valid}]
    return named[0] if named else min(valid, key=lambda e: (-_likeness(entry, e), e.name)).name if valid else ""


def _likeness(one: Entry, other: Entry) -> float:
    alike = 2.0 * (one.info["family"] == other.info["family"])
    for trait in ("needs", "passes"):
        a, b = set(one.info[trait]), set(other.info[trait])
        alike += len(a & b) / len(a | b) if a | b else 0
    return alike


def explain(method: str, passes: Passes, targets: Sequence[int], seed: int = 0, **params: Scalar) -> Explanation:
    """Explain each image's target class with `method`; `targets` is one class index per image.

    Raises Refused where the method is not valid for the model, Polluted where it leaves something on the model, and
    ValueError, naming the method, for a parameter that it does not have or that is of another type or beyond its range
    (see `ai/parameters.py`), for targets that are not one of the model's classes for each image, for an image with a value
    that is no number, and where it returns anything but one finite map per image.
    """
    refused = refused_by(method, passes)
    if refused is not None:
        raise Refused(refused)
    entry = explainer[method]
    checked(entry, params, seed)
    chosen = wanted(method, passes, targets)
    try:
        with guarded(passes.module, method, seed):
            out = entry.thing(passes, chosen, seed, **params)
    except ValueError as error:
        if type(error) is not ValueError or str(error).lstrip("'").startswith(method):
            raise
        raise ValueError(f"{method!r}: {error}") from error
    if isinstance(out, Maps):
        _check(method, out, len(passes))
    return out


def attribute(method: str, passes: Passes, targets: Sequence[int], seed: int = 0, **params: Scalar) -> Attribution:
    """Explain as `explain` does, and record what the maps were made with: at most one more forward pass, of all methods.

    Where the method reads half precision, the first `passes.compared` images are explained again in fp32, and the record
    tells how near the maps are. That is in no count and in no time.
    """
    started = time.perf_counter()
    out = explain(method, passes, targets, seed, **params)
    seconds, given = time.perf_counter() - started, checked(explainer[method], params, seed)
    chosen, near = tuple(int(t) for t in targets), None
    if passes.compared and precision_of(method, passes, given) != "fp32":
        full = in_full(passes)
        near = compared(out, explain(method, full, chosen[: len(full)], seed, **params), len(passes))
    return Attribution.of(
        out, passes, method=method, params=given, seed=seed, targets=chosen, seconds=seconds, maps=near
    )


def _check(method: str, out: Maps, images: int) -> None:
    shape = out.values.shape
    if len(shape) != 3 or shape[0] != images or 0 in shape:
        raise ValueError(f"{method!r} returned maps of shape {shape} for {images} images")
    if not np.isfinite(out.values).all():
        raise ValueError(f"{method!r} returned a value that is not a finite number")
    if not out.signed and float(out.values.min()) < 0:
        raise ValueError(f"{method!r} returned a value below zero in a map that has no sign")
    if out.gap is not None and (out.gap.shape != (images,) or not np.isfinite(out.gap).all()):
        raise ValueError(f"{method!r} returned a gap that is not one finite number per image")
