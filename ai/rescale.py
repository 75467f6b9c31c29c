"""DeepLIFT's rescale rule: each ReLU passes on (change of output) / (change of input) between an image and a reference.

Images go forward once, and so do references; every pair of them goes back once. A backward batch is n x r pairs of n images
and r references, or n where each image has its own reference.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ai.path import gap
from ai.rewired import Rewired, Rule, Run


def contributions(net: Rewired, images: Tensor, away: Run, targets: Tensor, own: bool) -> tuple[Tensor, Tensor]:
    """Return contributions (n, r, 3, H, W) and the completeness gap of their mean (n,).

    `away` is the run of the references: shared by all images, or `own`: one for each, and r is 1.
    """
    n = len(images)
    run = net.forward(images)
    logits = run.values[-1]
    start = functional.one_hot(targets, logits.shape[1]).to(logits)
    each = 1 if own else len(away.values[0])
    slopes = net.backward(run, start.repeat_interleave(each, 0), rule(net, away, own))
    image, reference = pairs(run.values[0], away.values[0], own)
    change = (torch.sub(*pairs(logits, away.values[-1], own)) * start[:, None]).sum(2)
    made = slopes.view(n, each, *images.shape[1:]) * (image - reference)
    return made, gap(made.sum((2, 3, 4)).mean(1), change.mean(1), logits)


def pairs(values: Tensor, away: Tensor, own: bool) -> tuple[Tensor, Tensor]:
    """Return images' values (n, 1, ...) and references' values (n, 1, ...) or (1, r, ...)."""
    return values[:, None], away[:, None] if own else away[None]


def rule(net: Rewired, away: Run, own: bool) -> Rule:
    """Return the rule for ReLU and maximum pooling; every other step is linear and keeps its gradient.

    Where image and reference are equal there is no slope between them, and the gradient stands in.
    """

    def rescaled(i: int, run: Run, g: Tensor) -> tuple[Tensor, ...] | None:
        step = net.steps[i]
        if step.kind == "relu":
            a, b = pairs(run.values[step.inputs[0]], away.values[step.inputs[0]], own)
            over, under = pairs(run.values[i], away.values[i], own)
            moved = a - b
            slope = (over - under).div_(moved)
            same = moved == 0
            if bool(same.any()):  # seldom, and another pass over all values
                slope = torch.where(same, (a > 0).to(a), slope)
            return (slope.flatten(0, 1).mul_(g),)
        if step.kind == "max_pool":
            return (_pooled(net, i, (run, away), g, own),)
        return None

    return rescaled


def _pooled(net: Rewired, i: int, runs: tuple[Run, Run], g: Tensor, own: bool) -> Tensor:
    """Share what a maximum changed by between the place of the image's maximum and that of the reference's.

    As in the authors' code: the part above the reference goes to the image's place, the part below to the reference's.
    """
    step = net.steps[i]
    o = step.options
    lists = (o["kernel_size"], o["stride"], o["padding"], o["dilation"], o["ceil_mode"])
    image, reference = runs

    def paired(one: Tensor, other: Tensor) -> list[Tensor]:
        return [v.flatten(0, 1) for v in torch.broadcast_tensors(*pairs(one, other, own))]

    a, b = paired(image.values[step.inputs[0]], reference.values[step.inputs[0]])
    over, under = paired(image.values[i], reference.values[i])
    here, there = paired(image.where[i], reference.where[i])
    most = torch.maximum(over, under)
    back = torch.ops.aten.max_pool2d_with_indices_backward
    shared = back(g * (most - under), a, *lists, here.contiguous())
    shared = shared + back(g * (over - most), a, *lists, there.contiguous())
    away = a - b
    return torch.where(away == 0, 0, shared / away)
