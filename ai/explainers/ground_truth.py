"""Ground truth: the ideal explanation. Each cue's exact pixels, weighted by how much the cue tells about the target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from ai.explanation import Maps
from ai.matching import matched
from ai.passes import Passes
from ai.surroundings import Evidence, around, key
from game.registry import explainer


@explainer(
    "ground_truth",
    cite="ground-truth masks as in Arras, Osman & Samek 2022, Information Fusion, arXiv:2003.07258",
    needs=("masks",),
    passes=(),
    family="control",
    signed=True,
)
def ground_truth(
    passes: Passes,
    targets: Sequence[int],
    seed: int,
    *,
    base: str = "gradcam",
    match: str = "",
    per_area: bool = False,
) -> Maps:
    """Return, at each pixel, the sum of the diagnosticities of the cues that are seen there, (N, h, w).

    A cue's diagnosticity is by how much the ideal observer's probability of the target falls when only that cue flips;
    below zero the cue speaks against the target. `per_area` spreads it over the cue's pixels, so that small cues count
    as much as large ones. The map explains the answer, not the model. Raises ValueError for an image without masks.
    """
    masks = around(passes).masks
    missing = [n for n, image in enumerate(passes.images) if key(image) not in masks]
    if missing:
        raise ValueError(f"the surroundings hold no masks of image {missing[0]}")
    found = [masks[key(image)] for image in passes.images]
    values = np.stack([_one(cues.values(), t, per_area) for cues, t in zip(found, targets, strict=True)])
    return matched(passes, values, base, match, targets, seed, signed=True)


def _one(cues: Iterable[Evidence], target: int, per_area: bool) -> np.ndarray:
    held = list(cues)
    total = np.zeros(held[0].mask.shape, np.float32)
    for cue in held:
        share = max(1, int(cue.mask.sum())) if per_area else 1
        total += cue.mask * np.float32(cue.weight[target] / share)
    return total
