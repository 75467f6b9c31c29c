"""Gradient x attention: each block's attention where more of it raises the target's logit, averaged over blocks."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ai.explanation import Maps
from ai.passes import Passes
from ai.tokens import on_grid
from game.registry import explainer


@explainer(
    "gradient_x_attention",
    cite="Grad-SAM, Barkan et al. 2021, CIKM, arXiv:2204.11073",
    needs=("gradient", "attention", "grid"),
    passes=("attention",),
    family="attention",
    signed=False,
)
def gradient_x_attention(passes: Passes, targets: Sequence[int], seed: int) -> Maps:
    """Return for each token the mean, over blocks, heads and attending tokens, of attention x gradient+.

    Shape (N, rows, columns). Columns are what is attended to; a negative gradient counts as nothing. Deterministic;
    `seed` is not used.
    """
    del seed  # every method takes one
    weights, grads = passes.attention(targets)
    blocks = [(w * g.clamp_min(0)).mean((1, 2)) for w, g in zip(weights, grads, strict=True)]
    return Maps(on_grid(passes, torch.stack(blocks).mean(0)[:, None]), info={"blocks": len(weights)})
