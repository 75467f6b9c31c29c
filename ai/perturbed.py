"""Images with parts taken away, run in full batches across images and masks, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ai.passes import Passes

HELD = 4
"""Batches of perturbed images made at a time: enough to fill each batch, and all that is ever held in memory."""

Keep = Callable[[Tensor, Tensor], Tensor]
"""(image indices (M,), mask indices (M,)) -> what is kept of each, (M, 1, H, W) in [0, 1]."""


def perturbed(passes: Passes, count: int, keep: Keep, baseline: str = "mean") -> Tensor:
    """Return the logits of every image under each of `count` masks, (N, count, classes).

    Where a mask is 1 the image stays, where it is 0 the baseline shows, in between they mix. At most
    `HELD` batches of perturbed images exist at a time, however many images and masks there are.
    """
    images, base = passes.images, passes.baseline(baseline)
    total, held = len(images) * count, HELD * passes.runner.batch
    parts: list[Tensor] = []
    for start in range(0, total, held):
        pair = torch.arange(start, min(total, start + held), device=images.device)
        image, mask = pair // count, pair % count
        shown = torch.lerp(base[image], images[image], keep(image, mask).to(images.dtype))
        parts.append(passes.forward(shown))
    return torch.cat(parts).view(len(images), count, -1)


def target_of(logits: Tensor, targets: Sequence[int]) -> Tensor:
    """Return each image's target logit: (N, ..., classes) -> (N, ...)."""
    index = torch.tensor(tuple(targets), device=logits.device).view(-1, *[1] * (logits.dim() - 1))
    return logits.gather(-1, index.expand(*logits.shape[:-1], 1))[..., 0]
