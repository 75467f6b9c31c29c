"""RISE: how likely the target is, on average, when a place is shown and the rest of the image at random."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ai.explanation import Maps
from ai.passes import Passes
from ai.perturbed import HELD, numbers, perturbed, target_of
from game.registry import explainer


@explainer(
    "rise",
    cite="Petsiuk, Das & Saenko 2018, BMVC, arXiv:1806.07421",
    needs=(),
    passes=("forward",),
    cost="500 F",
    family="perturbation",
    signed=False,
)
def rise(
    passes: Passes,
    targets: Sequence[int],
    seed: int,
    *,
    masks: int = 500,
    grid: int = 7,
    share: float = 0.5,
    baseline: str = "mean",
) -> Maps:
    """Return the target's mean probability given that a pixel is shown, (N, H, W), equation 3 of the paper.

    Masks are `grid` x `grid` values, each kept with probability `share`, enlarged bilinearly to one cell more than the
    image each way and cropped at random, as the authors' program does; the same for all images. The mean is taken over
    the weight that really fell on a pixel, not over its expectation, which leaves out noise that knows nothing of the
    model. One forward pass a mask. `rise_grid` is the cheap variant.
    """
    height, width = passes.images.shape[-2:]
    chance = torch.Generator().manual_seed(seed)
    cell = (math.ceil(height / grid), math.ceil(width / grid))
    cells = (torch.rand((masks, grid, grid), generator=chance) < share).to(passes.images)
    shifts = torch.stack([torch.randint(c, (masks,), generator=chance) for c in cell], 1).to(cells.device)
    rows, columns = (_enlarged(grid, c, side, cells) for c, side in zip(cell, (height, width), strict=True))
    total, weight = cells.new_zeros(len(passes), height * width), cells.new_zeros(height * width)
    wide = columns.repeat_interleave(numbers(passes), 1).transpose(1, 2)
    for which in torch.arange(masks, device=cells.device).split(HELD * passes.runner.batch):
        down, across = (lines[shifts[which, k]] for k, lines in enumerate((rows, columns)))
        tall, shift = down @ cells[which], shifts[which, 1]

        def keep(_: Tensor, k: Tensor, tall: Tensor = tall, shift: Tensor = shift) -> Tensor:
            return (tall[k] @ wide[shift[k]])[:, None]

        logits = perturbed(passes, len(which), keep, baseline)
        seen = (tall @ across.transpose(1, 2)).flatten(1)
        chances = target_of(logits.softmax(-1), targets)
        total, weight = total + chances @ seen, weight + seen.sum(0)
    values = (total / weight.clamp_min(1e-6)).view(-1, height, width)
    return Maps(values.float().cpu().numpy(), info={"masks": masks, "grid": grid, "share": share, "baseline": baseline})


def _enlarged(grid: int, cell: int, side: int, like: Tensor) -> Tensor:
    """Return (shifts, side, grid): how a line of `grid` values, enlarged to `grid` + 1 cells, makes `side` pixels from each.

    There are `cell` shifts, a pixel each.
    """
    eye = torch.eye(grid, device=like.device, dtype=like.dtype)[None]
    line = functional.interpolate(eye, (grid + 1) * cell, mode="linear", align_corners=False)[0].T
    return line.unfold(0, side, 1)[:cell].transpose(1, 2)
