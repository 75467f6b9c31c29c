"""Contrast: why this class and not that one. The map of the difference of two logits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ai.explainers.wrong_class import other_classes
from ai.explanation import Maps
from ai.matching import base_maps
from ai.passes import Passes
from ai.path import at_baseline, gap
from ai.path import chosen as of
from ai.runner import chosen
from game.registry import explainer

LINEAR = ("input_x_gradient", "integrated_gradients")
"""Signed methods whose map of A - B is their map of A less their map of B, as gradients are linear in the logit."""


@explainer(
    "contrast",
    cite="contrastive explanation as in Miller 2019, Artificial Intelligence 267, doi:10.1016/j.artint.2018.07.007",
    needs=("gradient",),
    passes=("backward",),
    cost="1 G",
    family="gradient",
    signed=True,
)
def contrast(
    passes: Passes, targets: Sequence[int], seed: int, *, base: str = "input_x_gradient", against: int = -1
) -> Maps:
    """Return what speaks for the target rather than for another class, (N, H, W), summed over colours.

    `against` is that class's index; -1 takes each image's runner-up, the likeliest class beside its target. `base` is
    one of `LINEAR`. `gap` is how far integrated gradients' sum is from the change of the difference since the baseline, as
    a share of it. Raises ValueError for another base, or a class that does not exist or is the target.
    """
    if base not in LINEAR:
        raise ValueError(
            f"{base!r} cannot be contrasted: its maps of two classes do not add up; use {' or '.join(LINEAR)}"
        )
    if against in targets:
        raise ValueError(f"class {against} is the target of an image: there is nothing to contrast")
    if base == "input_x_gradient":
        values, rest = _at_once(passes, targets, against)
        return Maps(values, signed=True, info={"base": base}, each={"against": rest})
    rest = _others(passes.predict(), targets, against)
    mine, theirs = (base_maps(passes, base, classes, seed) for classes in (targets, rest))
    values = mine.values - theirs.values
    start = at_baseline(passes, passes.baseline(str(mine.info["baseline"]), seed))
    here, there = (of(logits, targets) - of(logits, rest) for logits in (passes.predict(), start))
    total = torch.from_numpy(values).to(here).sum((1, 2))
    missed = gap(total, here - there, passes.logits()).cpu().numpy()
    return Maps(values, signed=True, gap=missed, info={"base": base, **mine.info}, each={"against": rest})


def _others(logits: Tensor, targets: Sequence[int], against: int) -> tuple[int, ...]:
    if not -1 <= against < logits.shape[1]:
        raise ValueError(f"no class {against}: the model has {logits.shape[1]}, counted from 0")
    return other_classes(logits, targets) if against < 0 else (against,) * len(targets)


def _at_once(passes: Passes, targets: Sequence[int], against: int) -> tuple[NDArray[np.float32], list[int]]:
    """Return input x gradient of the difference, and the other class of each image: one pass gives both."""
    rest, made, size = list[int](), list[Tensor](), passes.form.batch
    for i in range(0, len(passes), size):
        mine = targets[i : i + size]

        def margin(logits: Tensor, mine: Sequence[int] = mine) -> Tensor:
            rest.extend(_others(logits.detach(), mine, against))
            return chosen(logits, mine) - chosen(logits, rest[-len(mine) :])

        planes = passes.form.planes(passes.images[i : i + size])
        made.append(passes.form.shown(passes.slopes(planes, margin).mul_(planes)).sum(1))
    return torch.cat(made).cpu().numpy(), rest
