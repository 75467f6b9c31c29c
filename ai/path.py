"""Integrates gradients along a path from a baseline to each image, with as few steps as completeness allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from ai.passes import Passes

FEWEST, MOST, ENOUGH = 16, 128, 0.01
"""Steps to begin with, steps at most, and the completeness gap at which an image has had enough."""
HELD = 128
"""Points held in memory at a time, with their gradients: 110 kB each for 96 pixels. More are no faster."""

Path = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""(indices (n,), place u in 0..1 (k,)) -> points and velocity d point / du, both broadcastable to (n, k, 3, H, W)."""


def integral(
    passes: Passes, targets: Sequence[int], path: Path, change: Tensor, steps: int = 0, fewest: int = FEWEST
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the integral of gradient times velocity (N, 3, H, W), its completeness gap and the steps taken, both (N,).

    `change` (N,) is how much the target logit grows along the path, which the integral must sum to. Each image has its
    own number of Gauss-Legendre steps: `fewest`, doubled until the gap is below 1 % or they are 128; `steps` fixes it.
    """
    n = len(passes)
    total, taken = torch.zeros_like(passes.images), torch.zeros(n, dtype=torch.int64)
    gaps = torch.full((n,), torch.inf)
    left, count = torch.arange(n), steps or fewest
    while len(left):
        made = _fixed(passes, targets, path, left, count)
        gaps[left] = gap(made.sum((1, 2, 3)), change[left], passes.logits()[left]).cpu()
        total[left], taken[left] = made, count
        count *= 2
        left = torch.nonzero(gaps >= ENOUGH)[:, 0] if not steps and count <= MOST else left[:0]
    return total, gaps, taken


def gap(total: Tensor, expected: Tensor, logits: Tensor) -> Tensor:
    """Return |total - expected| as a share of |expected|, (N,).

    What is expected may be next to nothing; it counts as a twentieth of the range of the image's `logits` (N, classes) then.
    """
    least = (logits.amax(1) - logits.amin(1)) / 20
    return (total - expected).abs() / torch.maximum(expected.abs(), least).clamp_min(1e-12)


def _fixed(passes: Passes, targets: Sequence[int], path: Path, which: Tensor, count: int) -> Tensor:
    """Integrate with `count` steps, a group of images at a time so that at most `HELD` points are held."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    u = torch.tensor((nodes + 1) / 2, dtype=torch.float32, device=passes.images.device)
    w = torch.tensor(weights / 2, dtype=torch.float32, device=passes.images.device)
    parts = list[Tensor]()
    for group in grouped(passes, count, which):
        points, velocity = path(group, u)
        points = points.expand(len(group), count, *passes.images.shape[1:]).reshape(-1, *passes.images.shape[1:])
        grads = passes.backward(points, [targets[i] for i in group.tolist() for _ in range(count)])
        grads = grads.view(len(group), count, *passes.images.shape[1:])
        parts.append(torch.einsum("k,nkchw->nchw", w, grads * velocity))
    return torch.cat(parts)


def grouped(passes: Passes, each: int, which: Tensor | None = None) -> Sequence[Tensor]:
    """Split image indices into groups whose points, `each` per image, are at most `HELD` and fill whole batches."""
    size = max(1, HELD // each)
    size = size if size < passes.batch else size // passes.batch * passes.batch
    return (torch.arange(len(passes)) if which is None else which).split(size)


def chosen(logits: Tensor, targets: Sequence[int]) -> Tensor:
    """Return each row's target logit, (N,)."""
    return logits.gather(1, torch.as_tensor(targets, device=logits.device)[:, None])[:, 0]


def at_baseline(passes: Passes, baseline: Tensor) -> Tensor:
    """Return the logits of the baselines, (N, classes); one forward where they are all alike."""
    if bool((baseline == baseline[:1]).all()):
        return passes.forward(baseline[:1]).expand(len(baseline), -1)
    return passes.forward(baseline)
