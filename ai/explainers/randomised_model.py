"""Randomised model: the map of a copy that has learnt nothing. A method whose map stays the same does not read the model."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ai.explanation import Maps
from ai.matching import base_maps, matched
from ai.passes import Passes
from ai.surroundings import note
from game.registry import explainer

TRIES = 8
"""Fresh models asked, at most, until every image has a map that is not empty."""


@explainer(
    "randomised_model",
    cite="Adebayo et al. 2018, NeurIPS, arXiv:1810.03292",
    needs=(),
    passes=("activations",),
    cost="1 G of a copy",
    family="control",
    signed=False,
)
def randomised_model(
    passes: Passes, targets: Sequence[int], seed: int, *, base: str = "gradcam", match: str = ""
) -> Maps:
    """Return the maps of `base` for a copy of the model with all weights drawn anew, (N, h, w).

    Weights follow each layer's own initialisation, under `seed`; running statistics start afresh. Where a map is the
    same everywhere, as Grad-CAM's is where nothing speaks for the target, the next copy is asked, up to `TRIES`; images
    are decided one by one, so the set they stand in changes nothing. The model itself is not touched.
    """
    made = _anew(passes, passes.images, base, targets, seed, 0)
    values = made.values.copy()
    for attempt in range(1, TRIES):
        empty = np.flatnonzero(np.ptp(values, axis=(1, 2)) == 0)
        if not len(empty):
            break
        images = passes.images[torch.from_numpy(empty).to(passes.images.device)]
        values[empty] = _anew(passes, images, base, [targets[i] for i in empty.tolist()], seed, attempt).values
    out = matched(passes, values, base, match, targets, seed, signed=made.signed)
    return replace(out, info={"base": base, **out.info})


def _anew(passes: Passes, images: Tensor, base: str, targets: Sequence[int], seed: int, attempt: int) -> Maps:
    module, batch = reinitialised(passes.module, seed * TRIES + attempt), passes.batch
    aside = Passes(module, images, layer=passes.layer, has=passes.has, model=passes.model, batch=batch)
    made = base_maps(aside, base, targets, seed)
    note(passes, aside)
    return made


def reinitialised(module: nn.Module, seed: int) -> nn.Module:
    """Return a copy of `module` with every weight drawn anew under `seed`, on the CPU, so a GPU gets the same weights.

    Layers draw as they do when made (`reset_parameters`); a parameter that stands alone is drawn from a normal
    distribution with its own mean and spread.
    """
    home = next((p.device for p in module.parameters()), torch.device("cpu"))
    fresh = copy.deepcopy(module).cpu()
    with torch.random.fork_rng(devices=()), torch.no_grad():
        torch.manual_seed(seed)
        for part in fresh.modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
                continue
            for own in part.parameters(recurse=False):
                own.normal_(float(own.mean()), float(own.std(correction=0)))
    return fresh.to(home)
