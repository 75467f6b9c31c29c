"""DeepLIFT's rescale rule: each ReLU passes on (change of output) / (change of input) between an image and a reference.

Images and references go forward once; every pair of them goes back once. A run's batch is n images, then r references;
a backward batch is n x r pairs, or n where each image has its own reference.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ai.path import gap
from ai.rewired import Rewired, Rule, Run


def contributions(
    net: Rewired, images: Tensor, references: Tensor, targets: Tensor, own: bool
) -> tuple[Tensor, Tensor]:
    """Return contributions (n, r, 3, H, W) and the completeness gap of their mean (n,).

    `references` are shared by all images, or `own`: one for each, and r is 1.
    """
    n = len(images)
    run = net.forward(torch.cat([images, references]))
    logits = run.values[-1]
    start = functional.one_hot(targets, logits.shape[1]).to(logits)
    each = 1 if own else len(references)
    slopes = net.backward(run, start.repeat_interleave(each, 0), rule(net, n, own))
    image, reference = pairs(run.values[0], n, own)
    change = (torch.sub(*pairs(logits, n, own)) * start[:, None]).sum(2)
    made = slopes.view(n, each, *images.shape[1:]) * (image - reference)
    return made, gap(made.sum((2, 3, 4)).mean(1), change.mean(1), logits[:n])


def pairs(values: Tensor, n: int, own: bool) -> tuple[Tensor, Tensor]:
    """Return images' values (n, 1, ...) and references' values (n, 1, ...) or (1, r, ...)."""
    return values[:n, None], values[n:, None] if own else values[None, n:]


def rule(net: Rewired, n: int, own: bool) -> Rule:
    """Return the rule for ReLU and maximum pooling; every other step is linear and keeps its gradient.

    Where image and reference are equal there is no slope between them, and the gradient stands in.
    """

    def rescaled(i: int, run: Run, g: Tensor) -> tuple[Tensor, ...] | None:
        step = net.steps[i]
        if step.kind == "relu":
            a, b = pairs(run.values[step.inputs[0]], n, own)
            over, under = pairs(run.values[i], n, own)
            away = a - b
            slope = torch.where(away == 0, (a > 0).to(a), (over - under).div_(away))
            return (slope.view_as(g).mul_(g),)
        if step.kind == "max_pool":
            return (_pooled(net, i, run, g, n, own),)
        return None

    return rescaled


def _pooled(net: Rewired, i: int, run: Run, g: Tensor, n: int, own: bool) -> Tensor:
    """Share what a maximum changed by between the place of the image's maximum and that of the reference's.

    As in the authors' code: the part above the reference goes to the image's place, the part below to the reference's.
    """
    step = net.steps[i]
    o = step.options
    lists = (o["kernel_size"], o["stride"], o["padding"], o["dilation"], o["ceil_mode"])
    a, b = torch.broadcast_tensors(*pairs(run.values[step.inputs[0]], n, own))
    a, b = a.flatten(0, 1), b.flatten(0, 1)
    over, under = (v.flatten(0, 1) for v in torch.broadcast_tensors(*pairs(run.values[i], n, own)))
    here, there = (v.flatten(0, 1) for v in torch.broadcast_tensors(*pairs(run.where[i], n, own)))
    most = torch.maximum(over, under)
    back = torch.ops.aten.max_pool2d_with_indices_backward
    shared = back(g * (most - under), a, *lists, here.contiguous())
    shared = shared + back(g * (over - most), a, *lists, there.contiguous())
    away = a - b
    return torch.where(away == 0, 0, shared / away)
