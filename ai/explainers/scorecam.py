"""Score-CAM: channels weighted by what the image scores when only the places where they are active are shown."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ai.enlarging import enlarging
from ai.explanation import Maps
from ai.passes import Passes
from ai.perturbed import numbers, perturbed, target_of
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

    As algorithm 1 of the paper: each channel, enlarged and scaled to [0, 1], masks the image; a softmax over channels
    of the target's logits (less the baseline's, which cancels) gives the weights. A channel that is flat masks
    nothing and has no weight. One forward pass a channel. Deterministic; `seed` is not used.
    """
    del seed  # every method takes one
    acts, _ = passes.activations()
    masks, flat = _scaled(acts)
    height, width = passes.images.shape[-2:]
    down = enlarging(acts.shape[2], height, masks)
    across = enlarging(acts.shape[3], width, masks, numbers(passes)).T

    def keep(image: Tensor, channel: Tensor) -> Tensor:
        return (down @ masks[image, channel] @ across)[:, None]

    scores = target_of(perturbed(passes, acts.shape[1], keep, baseline), targets)
    weights = scores.masked_fill(flat, -torch.inf).softmax(1).nan_to_num(0)
    values = (weights[:, :, None, None] * acts).sum(1).clamp_min(0)
    return Maps(values.float().cpu().numpy(), info={"layer": passes.layer, "baseline": baseline})


def _scaled(acts: Tensor) -> tuple[Tensor, Tensor]:
    """Return the channels scaled to [0, 1] each, (N, C, h, w), and which are flat, (N, C)."""
    low, high = acts.amin((2, 3), keepdim=True), acts.amax((2, 3), keepdim=True)
    span = high - low
    return (acts - low) / span.clamp_min(1e-12), span[:, :, 0, 0] <= 1e-12
