"""Counterfactual twin: the same specimen with one cue flipped, the cue that the model's answer hangs on most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ai.explanation import Pictures
from ai.passes import Passes
from ai.surroundings import around, key
from ai.teammate import prepare
from game.registry import explainer


@explainer(
    "twin",
    cite="counterfactuals as in Wachter, Mittelstadt & Russell 2018, arXiv:1711.00399; twins: coplay",
    needs=("twins",),
    passes=("predict", "forward"),
    cost="1 F + 1 F a twin",
    family="example",
    signed=False,
)
def twin(passes: Passes, targets: Sequence[int], seed: int, *, cue: str = "") -> Pictures:
    """Return for each image its twin, (N, H, W, 3) sRGB: everything equal, one cue flipped.

    `cue` names it; "" takes for each image the cue whose flip lowers the target's probability most, the earlier one of
    equals. Each twin's `cue` is told, and the target's `probability` before and after. Deterministic; `seed` is not used.
    Raises ValueError for an image without that twin.
    """
    del seed  # every method takes one
    held = around(passes).twins
    sets = [held.get(key(image), {}) for image in passes.images]
    for n, twins in enumerate(sets):
        if not twins or (cue and cue not in twins):
            raise ValueError(f"the surroundings hold no twin {f'{cue!r} ' if cue else ''}of image {n}")
    wanted = [[cue] if cue else list(twins) for twins in sets]
    drawn = [twins[name] for twins, names in zip(sets, wanted, strict=True) for name in names]
    after = passes.forward(prepare(np.stack(drawn)).to(passes.images)).softmax(1)
    before = passes.predict().softmax(1)
    pictures, cues, told, start = [], list[str](), list[str](), 0
    for n, (names, target) in enumerate(zip(wanted, targets, strict=True)):
        left = after[start : start + len(names), target]
        best = int(torch.argmin(left))
        pictures.append(drawn[start + best])
        cues.append(names[best])
        told.append(f"{float(before[n, target]):.4f}>{float(left[best]):.4f}")
        start += len(names)
    return Pictures(np.stack(pictures), each={"cue": cues, "probability": told})
