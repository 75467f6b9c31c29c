"""Images with parts taken away, run in full batches across images and masks, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from ai.canvas import Canvas, numbers_a_pixel, stretches
from ai.passes import Passes

HELD = 4
"""Batches of masks made at a time: all that is ever held in memory."""

Keep = Callable[[Tensor, Tensor], Tensor]
"""(image indices (M,), mask indices (M,)) -> what is kept of each, (M, 1, H, W) in [0, 1], or its lines spread already:
(M, 1, H, W x numbers a pixel)."""


def perturbed(passes: Passes, count: int, keep: Keep, baseline: str = "mean") -> Tensor:
    """Return the logits of every image under each of `count` masks, (N, count, classes).

    Where a mask is 1 the image stays, where it is 0 the baseline shows, in between they mix. At most `HELD` batches of
    masks and one of pictures exist at a time, however many images and masks there are.
    """
    passes.used.add("forward")
    return passes.runner.stream(_batches(passes, count, keep, passes.baseline(baseline))).view(len(passes), count, -1)


def _batches(passes: Passes, count: int, keep: Keep, base: Tensor) -> Iterator[Tensor]:
    images, batch = passes.images, passes.runner.batch
    canvas, total = Canvas(images, base, passes.runner.ahead, batch), len(images) * count
    for begin in range(0, total, HELD * batch):
        pair = torch.arange(begin, min(total, begin + HELD * batch), device=images.device)
        masks = keep(pair // count, pair % count).to(images.dtype)[:, 0]
        for start in range(begin, begin + len(pair), batch):
            stop = min(start + batch, total)
            for i, first, last in stretches(start, stop, count):
                at = i * count + first
                canvas.put(at - start, i, masks[at - begin : at - begin + last - first])
            yield canvas.pictures(stop - start)


def numbers(passes: Passes) -> int:
    """Return how many numbers a pixel has on a line of spread masks."""
    return numbers_a_pixel(passes.runner.ahead, passes.images)


def target_of(logits: Tensor, targets: Sequence[int]) -> Tensor:
    """Return each image's target logit: (N, ..., classes) -> (N, ...)."""
    index = torch.tensor(tuple(targets), device=logits.device).view(-1, *[1] * (logits.dim() - 1))
    return logits.gather(-1, index.expand(*logits.shape[:-1], 1))[..., 0]
