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

TINY = 1e-30
CACHED = 2**18
"""Numbers a thread handles at a time, so that each is read from memory once."""


def contributions(net: Rewired, images: Tensor, away: Run, targets: Tensor, own: bool) -> tuple[Tensor, Tensor]:
    """Return contributions (n, r, 3, H, W) and the completeness gap of their mean (n,).

    `away` is the run of the references: shared by all images, or `own`: one for each, and r is 1.
    """
    run = net.forward(images)
    logits, each = run.values[-1], 1 if own else len(away.values[0])
    start = functional.one_hot(targets, logits.shape[1]).to(logits)
    slopes = net.backward(run, start.repeat_interleave(each, 0), rule(net, away, own))
    image, reference = pairs(images, away.values[0], own)
    change = (torch.sub(*pairs(logits, away.values[-1], own)) * start[:, None]).sum(2)
    made = (image - reference).mul_(slopes.view(len(images), each, *images.shape[1:]))
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
            here, there = (flat(net, r.values[step.inputs[0]]) for r in (run, away))
            out, each = flat(net, g), 1 if own else len(there)
            slopes, some = torch.empty_like(out), max(1, CACHED * torch.get_num_threads() // (each * out.shape[1]))
            for k in range(0, len(here), some):
                a, b = pairs(here[k : k + some], there[k : k + some] if own else there, own)
                # (relu(a) - relu(b)) / (a - b): whichever is on, over how far apart they are; at most all of it.
                apart = torch.sub(a, b).abs_().clamp_min_(TINY)
                slope = torch.maximum(a, b).div_(apart).clamp_(0, 1).flatten(0, 1)
                place = slice(k * each, (k + some) * each)
                torch.mul(slope, out[place], out=slopes[place])
            return (like(net, slopes, g.shape),)
        if step.kind == "max_pool":
            return (_pooled(net, i, (run, away), g, own),)
        return None

    return rescaled


def flat(net: Rewired, values: Tensor) -> Tensor:
    """Return (n, ...) as (n, numbers) in the order in which the network's values lie in memory."""
    if values.ndim == 4:
        values = values.contiguous(memory_format=net.layout)
        values = values.permute(0, 2, 3, 1) if net.layout is torch.channels_last else values
    return values.flatten(1)


def like(net: Rewired, numbers: Tensor, shape: torch.Size) -> Tensor:
    """Return what `flat` made of values of that shape in that shape again."""
    if len(shape) < 4 or net.layout is not torch.channels_last:
        return numbers.view(shape)
    n, channels, height, width = shape
    return numbers.view(n, height, width, channels).permute(0, 3, 1, 2)


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
