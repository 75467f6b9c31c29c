"""Integrates gradients along a path from a baseline to each image, with as few steps as completeness allows.

Points are made a batch at a time, in the order of memory that the model runs fastest in, and summed up at once: nothing
that is as large as all of them is ever held or copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ai.passes import Passes
from ai.runner import chosen as summed

FEWEST, MOST, ENOUGH = 16, 128, 0.01
"""Steps to begin with, steps at most, and the completeness gap at which an image has had enough."""

Path = Callable[[Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]
"""(image indices (n,), places u in 0..1 (k,)) -> points (n, k, ...), their direction (n, 1 or k, ...), their speed (k,).

All in the order of `Form.planes`; d point / du is direction x speed."""


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
    """Integrate with `count` steps."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    u = torch.tensor((nodes + 1) / 2, dtype=torch.float32, device=passes.images.device)
    w = torch.tensor(weights / 2, dtype=torch.float32, device=passes.images.device)
    made = torch.zeros_like(passes.form.planes(passes.images[which]))
    for place, part in parts(passes, len(which), count):
        points, direction, speed = path(which[place], u[part])
        grads = slopes(passes, targets, which[place], points)
        constant = direction.shape[1] == 1 and points.shape[1] > 1
        total = weighted(grads if constant else grads.mul_(direction), w[part] * speed)
        made[place] += total * direction[:, 0] if constant else total
    return passes.form.shown(made)


def parts(passes: Passes, images: int, each: int) -> Iterator[tuple[slice, slice]]:
    """Yield places among images and among their `each` points, so that together they fill batches."""
    size = passes.form.batch
    together, pieces = max(1, size // each), -(-each // size)
    for i in range(0, images, together):
        for k in range(pieces):
            yield slice(i, i + together), slice(k * each // pieces, (k + 1) * each // pieces)


def slopes(passes: Passes, targets: Sequence[int], which: Tensor, points: Tensor) -> Tensor:
    """Return the gradients at points (n, k, ...) of images `which`, in the same shape and order; ours to overwrite."""
    wanted = [targets[i] for i in which.tolist() for _ in range(points.shape[1])]
    return passes.slopes(points.flatten(0, 1), partial(summed, targets=wanted)).view(points.shape)


def weighted(values: Tensor, weights: Tensor) -> Tensor:
    """Return the weighted sum of (n, k, ...) over k, (n, ...)."""
    return torch.matmul(weights, values.flatten(2)).view(values.shape[0], *values.shape[2:])


def chosen(logits: Tensor, targets: Sequence[int]) -> Tensor:
    """Return each row's target logit, (N,)."""
    return logits.gather(1, torch.as_tensor(targets, device=logits.device)[:, None])[:, 0]


def same_for_all(baseline: Tensor) -> bool:
    """Tell whether all baselines are the same picture; mostly two of them tell already."""
    return torch.equal(baseline[0], baseline[-1]) and bool((baseline == baseline[:1]).all())


def at_baseline(passes: Passes, baseline: Tensor) -> Tensor:
    """Return the logits of the baselines, (N, classes); one forward where they are all alike."""
    if same_for_all(baseline):
        return passes.forward(baseline[:1]).expand(len(baseline), -1)
    return passes.forward(baseline)
