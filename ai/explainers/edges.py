"""Edges: where brightness changes. It looks like an explanation, and no model was asked."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from ai.explanation import Maps
from ai.matching import matched
from ai.passes import Passes
from game.registry import explainer


@explainer(
    "edges",
    cite="edge detector as a control, Adebayo et al. 2018, NeurIPS, arXiv:1810.03292",
    needs=(),
    passes=(),
    family="control",
    signed=False,
)
def edges(
    passes: Passes, targets: Sequence[int], seed: int, *, base: str = "gradcam", match: str = "", pool: int = 1
) -> Maps:
    """Return the length of the Sobel gradient of the mean colour, (N, H, W); the border is mirrored.

    `pool` > 1 averages over squares of that many pixels. `match` gives it the values of `base`'s map of each image.
    """
    grey = functional.pad(passes.images.mean(1, keepdim=True), (1, 1, 1, 1), mode="reflect")
    kernel = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]], device=grey.device) / 8
    both = functional.conv2d(grey, torch.stack([kernel, kernel.T])[:, None].to(grey.dtype))
    values = both.square().sum(1, keepdim=True).sqrt()
    values = functional.avg_pool2d(values, pool) if pool > 1 else values
    return matched(passes, values[:, 0].float().cpu().numpy(), base, match, targets, seed)
