"""Score-CAM: channels weighted by what the image scores when only the places where they are active are shown."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ai.enlarging import enlarging
from ai.explanation import Maps
from ai.passes import Passes
from ai.perturbed import HELD, numbers, perturbed, target_of
from game.registry import explainer


@explainer(
    "scorecam",
    cite="Wang et al. 2020, CVPR Workshops, arXiv:1910.01279",
    needs=("gradient", "activations"),
    passes=("activations", "forward"),
    cost="1 F + 1 F a channel",
    family="cam",
    signed=False,
)
def scorecam(passes: Passes, targets: Sequence[int], seed: int, *, baseline: str = "mean") -> Maps:
    """Return the positive part of the weighted sum of channels, (N, h, w) at the layer's own resolution.

    As algorithm 1 of the paper: each channel, enlarged and then scaled to [0, 1], masks the image; a softmax over channels
    of the target's logits (less the baseline's, which cancels) gives the weights. A channel that is flat masks
    nothing and has no weight. One forward pass a channel. Deterministic; `seed` is not used.
    """
    del seed  # every method takes one
    acts, _ = passes.activations()
    height, width = passes.images.shape[-2:]
    down = enlarging(acts.shape[2], height, acts)
    across = enlarging(acts.shape[3], width, acts, numbers(passes)).T
    low, high = _ends(acts, down, across[:, :: numbers(passes)], HELD * passes.runner.batch)
    masks, flat = (acts - low) / (high - low).clamp_min(1e-12), (high - low)[:, :, 0, 0] <= 1e-12

    def keep(image: Tensor, channel: Tensor) -> Tensor:
        return (down @ masks[image, channel] @ across)[:, None]

    scores = target_of(perturbed(passes, acts.shape[1], keep, baseline), targets)
    weights = scores.masked_fill(flat, -torch.inf).softmax(1).nan_to_num(0)
    values = (weights[:, :, None, None] * acts).sum(1).clamp_min(0)
    return Maps(values.float().cpu().numpy(), info={"layer": passes.layer, "baseline": baseline})


def _ends(acts: Tensor, down: Tensor, across: Tensor, held: int) -> list[Tensor]:
    """Return the lowest and the highest value of each enlarged channel, both (N, C, 1, 1); `held` are enlarged at a time.

    A bilinear enlargement may miss a channel's own peak, so a channel that is scaled before need not reach 1.
    """
    down, across = _turns(down), _turns(across.T).T
    ends = [(down @ some @ across).flatten(1).aminmax(dim=1) for some in acts.flatten(0, 1).split(held)]
    return [torch.cat(values).view(*acts.shape[:2], 1, 1) for values in zip(*ends, strict=True)]


def _turns(lines: Tensor) -> Tensor:
    """Return the first and the last of the rows (many, few) between each two values: no other holds an extreme."""
    turned = (lines > 0).int().argmax(1).diff() != 0
    end = turned.new_ones(1)
    return lines[torch.cat([end, turned]) | torch.cat([turned, end])]
