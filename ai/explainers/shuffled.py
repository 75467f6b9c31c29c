"""Shuffled: a real map of the same method and model, made for another image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from ai.explanation import Maps
from ai.matching import base_maps, matched
from ai.passes import Passes
from ai.surroundings import around, draws, key, note
from game.registry import explainer


@explainer(
    "shuffled",
    cite="placebo as in Eiband et al. 2019, CHI EA, doi:10.1145/3290607.3312787",
    needs=("others",),
    passes=("activations", "predict"),
    cost="1 F + 1 G of others",
    family="control",
    signed=False,
)
def shuffled(
    passes: Passes,
    targets: Sequence[int],
    seed: int,
    *,
    base: str = "gradcam",
    match: str = "",
    same_class: bool = False,
) -> Maps:
    """Return for each image the map `base` makes of one of the surroundings' `others`, (N, h, w).

    The other is drawn by the image's pixels and `seed`, never the image itself, and explained for the class the model
    gives it; `same_class` draws among those that the model takes for the target. `other` counts in the
    surroundings' order. Raises ValueError where nothing is left to draw from.
    """
    held = around(passes).others
    assert held is not None  # `needs` says so
    others = held.to(passes.images)
    aside = passes.over(others)
    answers = aside.predict().argmax(1).tolist() if same_class else []
    keys = [key(image) for image in others]
    picked: list[int] = []
    for image, target in zip(passes.images, targets, strict=True):
        mine = key(image)
        fit = [i for i, k in enumerate(keys) if k != mine and (not same_class or answers[i] == target)]
        if not fit:
            raise ValueError(f"no other image {f'of class {target} ' if same_class else ''}is in the surroundings")
        picked.append(fit[int(draws(image, seed).integers(len(fit)))])
    once = sorted(set(picked))
    chosen = passes.over(others[torch.tensor(once, device=others.device)])
    made = base_maps(chosen, base, chosen.predict().argmax(1).tolist(), seed)
    for ran in (aside, chosen):
        note(passes, ran)
    values = made.values[np.array([once.index(i) for i in picked])]
    out = matched(passes, values, base, match, targets, seed, signed=made.signed)
    return replace(out, info={"base": base, **out.info}, each={**out.each, "other": picked})
