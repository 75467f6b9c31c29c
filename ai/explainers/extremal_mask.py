"""Extremal mask: the smooth region of a given area that keeps the target's logit highest when the rest is blurred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ai.explanation import Maps
from ai.passes import Passes
from game.registry import explainer

AREAS = (0.05, 0.1, 0.2, 0.4)
"""Shares of the image that are kept, one mask each."""
PULL = (0.05, 8.0)
"""How hard a mask is pulled to its area at the first step and at the last, while the reward falls from 1 to 0.

A hard pull before the reward has told places apart would let the first values, not the model, choose among them."""


@explainer(
    "extremal_mask",
    cite="Fong, Patrick & Vedaldi 2019, ICCV, arXiv:1910.08485",
    needs=("gradient",),
    passes=("backward",),
    family="perturbation",
    signed=False,
)
def extremal_mask(
    passes: Passes,
    targets: Sequence[int],
    seed: int,
    *,
    steps: int = 40,
    side: int = 12,
    rate: float = 0.08,
    together: int = 4,
    baseline: str = "blur",
) -> Maps:
    """Return the mean of the masks that keep 5, 10, 20 and 40 % of the image, (N, side, side) in [0, 1].

    The preservation game of the paper with its area constraint: a mask's sorted values are pulled to a step function
    (half its size 1 where the area is half). Simpler than the paper: masks are `side` x `side` values enlarged
    bilinearly, not a smooth maximum, and each step is the gradient scaled to a mean square of 1, with momentum, so that
    a model's scale of logits does not matter; `rate` is a step's length. The reward fades while the pull grows, so
    the masks end at their areas. Where less than an area is worth keeping, the rest of it is filled with what does no
    harm. `steps` is fixed: 4 x `steps` passes forward and back an image, for every image. `seed` sets the first values.

    `together` images, four masks each, share a pass; raise it on a graphics card.
    """
    if steps < 1 or together < 1:
        raise ValueError("extremal_mask: steps and together are at least 1")
    chance = torch.Generator().manual_seed(seed)
    start = 0.5 + 0.002 * (torch.rand((len(AREAS), 1, side, side), generator=chance) - 0.5)
    base = passes.baseline(baseline)
    made: list[np.ndarray] = []
    for i in range(0, len(passes), together):
        wanted = torch.tensor(tuple(targets[i : i + together])).repeat_interleave(len(AREAS)).tolist()
        images, hidden = (v[i : i + together].repeat_interleave(len(AREAS), 0) for v in (passes.images, base))
        first = start.to(images).repeat(len(images) // len(AREAS), 1, 1, 1)
        masks = _climbed(passes, images, hidden, wanted, first, steps, rate)
        made.append(masks.view(-1, len(AREAS), side, side).mean(1).cpu().numpy())
    return Maps(np.concatenate(made).astype(np.float32), info={"steps": steps, "baseline": baseline})


def _climbed(
    passes: Passes, images: Tensor, hidden: Tensor, targets: list[int], masks: Tensor, steps: int, rate: float
) -> Tensor:
    """Return the masks (M, 1, side, side) after `steps` steps up the target's logit under the area constraint."""
    size, speed = images.shape[-2:], torch.zeros_like(masks)
    goal = _goal(masks)
    for step in range(steps):
        small = masks.clone().requires_grad_(True)
        with torch.enable_grad():
            large = functional.interpolate(small, size, mode="bilinear", align_corners=False)
        pixels = passes.backward(torch.lerp(hidden, images, large.detach()), targets)
        reward = (pixels * (images - hidden)).sum(1, keepdim=True)
        (up,) = torch.autograd.grad(large, small, reward)
        done = step / steps
        pull = PULL[0] * (PULL[1] / PULL[0]) ** done
        speed = 0.8 * speed + 0.2 * ((1 - done) * _unit(up) - pull * _off(masks, goal))
        masks = (masks + rate * speed).clamp(0, 1)
    return masks


def _unit(step: Tensor) -> Tensor:
    """Return each step scaled to a mean square of 1."""
    square = step.flatten(1).square().mean(1).sqrt()
    return step / square.clamp_min(1e-12)[:, None, None, None]


def _goal(masks: Tensor) -> Tensor:
    """Return the sorted values that each mask is pulled to, (M, values): 0 but for its area's share of ones."""
    count = masks[0].numel()
    ones = torch.tensor([round(area * count) for area in AREAS], device=masks.device)
    rising = torch.arange(count, device=masks.device)[None] >= count - ones[:, None]
    return rising.to(masks).repeat(len(masks) // len(AREAS), 1)


def _off(masks: Tensor, goal: Tensor) -> Tensor:
    """Return how far each value is above what its rank should have, in the shape of `masks`."""
    flat = masks.flatten(1)
    ranks = flat.argsort(dim=1, stable=True).argsort(dim=1)
    return (flat - goal.gather(1, ranks)).view(masks.shape)
