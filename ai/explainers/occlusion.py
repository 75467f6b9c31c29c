"""Occlusion: how far the target's logit falls when a window over the image is covered."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ai.explanation import Maps
from ai.passes import Passes
from ai.perturbed import numbers, perturbed, target_of
from game.registry import explainer


@explainer(
    "occlusion",
    cite="Zeiler & Fergus 2014, ECCV, arXiv:1311.2901",
    needs=(),
    passes=("predict", "forward"),
    cost="226 F for 96 pixels",
    family="perturbation",
    signed=True,
)
def occlusion(
    passes: Passes, targets: Sequence[int], seed: int, *, window: int = 12, stride: int = 6, baseline: str = "mean"
) -> Maps:
    """Return the mean fall of the target's logit over the windows that cover a pixel, (N, H, W), in logits.

    Windows are squares of `window` pixels, every `stride` pixels; the last of a row or column is cut at the border, so
    every pixel is covered. Below zero: covering it helped the target. Deterministic; `seed` is not used.
    Raises ValueError where the stride leaves pixels that no window covers.
    """
    del seed  # every method takes one
    if not 0 < stride <= window:
        raise ValueError(f"occlusion: a stride of {stride} leaves gaps between windows of {window} pixels")
    height, width = passes.images.shape[-2:]
    rows, columns = (_spans(size, window, stride, passes.images) for size in (height, width))

    shown, wide = rows.new_ones(()), columns.repeat_interleave(numbers(passes), 1)

    def keep(_: Tensor, which: Tensor) -> Tensor:
        down, across = rows[which // len(columns)], wide[which % len(columns)]
        return torch.addcmul(shown, down[:, None, :, None], across[:, None, None, :], value=-1)

    covered = target_of(perturbed(passes, len(rows) * len(columns), keep, baseline), targets)
    fall = target_of(passes.predict(), targets)[:, None] - covered
    fall = fall.view(-1, len(rows), len(columns))
    # A window is a row span times a column span, so the sum over windows is two small products.
    values = rows.T @ fall @ columns / (rows.sum(0)[:, None] * columns.sum(0)[None, :])
    return Maps(
        values.float().cpu().numpy(), signed=True, info={"window": window, "stride": stride, "baseline": baseline}
    )


def _spans(size: int, window: int, stride: int, like: Tensor) -> Tensor:
    """Return which pixels of a line each window covers, (windows, size) of 0 and 1."""
    count = math.ceil(max(size - window, 0) / stride) + 1
    start = torch.arange(count, device=like.device)[:, None] * stride
    pixel = torch.arange(size, device=like.device)[None]
    return ((pixel >= start) & (pixel < start + window)).to(like.dtype)
