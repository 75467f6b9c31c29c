"""Wrong class: a real map of the same image and model, for a class other than the one it is said to explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ai.allowed import one_of
from ai.explanation import Maps
from ai.matching import base_maps, matched
from ai.passes import Passes
from game.registry import explainer

CHOICES = ("runner_up", "least")


@explainer(
    "wrong_class",
    cite="random-logit test as in Sixt, Granz & Landgraf 2020, ICML, arXiv:1912.09818",
    needs=(),
    passes=("activations", "predict"),
    cost="1 F + 1 G",
    family="control",
    signed=False,
    allowed={"which": one_of(*CHOICES)},
)
def wrong_class(
    passes: Passes,
    targets: Sequence[int],
    seed: int,
    *,
    base: str = "gradcam",
    match: str = "",
    which: str = "runner_up",
) -> Maps:
    """Return the maps of `base` for another class than the target, (N, h, w).

    `which` is "runner_up" (the likeliest other class, the hardest to notice) or "least" (the least likely one).
    Which one a map `explains` is told by its number. Raises ValueError for another word.
    """
    others = other_classes(passes.predict(), targets, which)
    made = base_maps(passes, base, others, seed)
    out = matched(passes, made.values, base, match, targets, seed, signed=made.signed)
    told = {"base": base, "which": which}
    return replace(out, info=told | dict(out.info), each={**out.each, "explains": others})


def other_classes(logits: Tensor, targets: Sequence[int], which: str = "runner_up") -> tuple[int, ...]:
    """Return, for each image, the likeliest ("runner_up") or least likely ("least") class that is not its target."""
    if which not in CHOICES:
        raise ValueError(f"no class is called {which!r}; known: {', '.join(CHOICES)}")
    if logits.shape[1] < 2:
        raise ValueError("the model has one class: there is no other one")
    sign = 1.0 if which == "runner_up" else -1.0
    rest = (sign * logits).scatter(1, torch.tensor(list(targets), device=logits.device)[:, None], -torch.inf)
    return tuple(int(k) for k in rest.argmax(1).tolist())
