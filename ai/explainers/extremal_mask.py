"""Extremal mask: the region of a given area that holds most of the target's logit, when all else is blurred."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from ai.allowed import at_least
from ai.canvas import numbers_a_pixel
from ai.enlarging import enlarging
from ai.explanation import Maps
from ai.passes import Passes
from ai.runner import chosen
from game.registry import explainer

AREAS = (0.05, 0.1, 0.2, 0.4)
"""Shares of the image that are kept, one mask each."""
PULL = (0.05, 8.0)
"""How hard a mask is pulled to its area at the first step and at the last, while the reward falls from 1 to 0.

A hard pull before the reward has told places apart would let the first values, not the model, choose among them."""

SOFT = 0.05
"""How near the parting value a mask's value has no full goal yet."""


@explainer(
    "extremal_mask",
    cite="Fong, Patrick & Vedaldi 2019, ICCV, arXiv:1910.08485",
    needs=("gradient",),
    passes=("backward",),
    cost="240 G",
    family="perturbation",
    signed=False,
    allowed={"side": at_least(2)},
)
def extremal_mask(
    passes: Passes,
    targets: Sequence[int],
    seed: int,
    *,
    steps: int = 30,
    side: int = 8,
    rate: float = 0.08,
    together: int = 0,
    baseline: str = "blur",
) -> Maps:
    """Return the mean of the masks that keep 5, 10, 20 and 40 % of the image, (N, side, side) in [0, 1].

    Preservation and deletion at once: the reward is the target's logit with only the mask shown, less that with only the
    rest shown, under the paper's area constraint: the highest values of a mask, its area's share, are pulled to 1, the
    others to 0. Simpler than the paper: masks are `side` x `side` values enlarged
    bilinearly, not a smooth maximum, and each step is the gradient scaled to a mean square of 1, with momentum, so that
    a model's scale of logits does not matter; `rate` is a step's length. The reward fades while the pull grows, so
    the masks end at their areas. Where less than an area is worth keeping, the rest of it is filled with what does no
    harm. `steps` is fixed: 8 x `steps` passes forward and back for every image. `seed` sets the first values.

    `together` images, eight inputs each, share a pass; 0 takes as many as fill a batch.
    """
    if steps < 1 or together < 0 or side < 2:
        raise ValueError("extremal_mask: steps are at least 1, together at least 0, side at least 2")
    together = together or max(1, passes.form.batch // (2 * len(AREAS)))
    chance = torch.Generator().manual_seed(seed)
    start = 0.5 + 0.002 * (torch.rand((len(AREAS), 1, side, side), generator=chance) - 0.5)
    shown, hidden = (passes.form.planes(v) for v in (passes.images, passes.baseline(baseline)))
    made: list[np.ndarray] = []
    for i in range(0, len(passes), together):
        wanted = [t for t in targets[i : i + together] for _ in AREAS]
        here, away = (v[i : i + together].repeat_interleave(len(AREAS), 0) for v in (shown, hidden))
        pair = Pair(passes, here, away, side)
        masks = start.to(shown).repeat(len(wanted) // len(AREAS), 1, 1, 1)
        masks = _climbed(lambda m, pair=pair, wanted=wanted: pair.uphill(m, wanted), masks, steps, rate)
        made.append(masks.view(-1, len(AREAS), side, side).mean(1).cpu().numpy())
    return Maps(np.concatenate(made).astype(np.float32), info={"steps": steps, "baseline": baseline})


class Pair:
    """Images and what hides them, in the order of memory that the model runs fastest in, under masks of `side` x `side`.

    A mask is enlarged bilinearly by one small matrix along each side, and what comes back is gathered by the same two;
    where the colours of a pixel lie together, the matrix across the lines repeats itself for each.
    """

    def __init__(self, passes: Passes, shown: Tensor, hidden: Tensor, side: int) -> None:
        self.passes, self.shape = passes, shown.shape
        height, width = passes.images.shape[-2:]
        each = numbers_a_pixel(passes.form, passes.images)
        self.down, self.across = enlarging(side, height, shown), enlarging(side, width, shown, each)
        self.shown, self.hidden = (v.reshape(len(v), -1, height, len(self.across)) for v in (shown, hidden))
        self.apart = self.shown - self.hidden

    def uphill(self, masks: Tensor, targets: list[int]) -> Tensor:
        """Return the gradient of the reward at masks (M, 1, side, side), in that shape.

        The reward is each target's logit with only the mask shown, less that with only the rest shown.
        """
        n, large = len(masks), self.down @ masks @ self.across.T
        both = large.new_empty((2 * n, *self.shown.shape[1:]))
        torch.lerp(self.hidden, self.shown, large, out=both[:n])
        torch.lerp(self.shown, self.hidden, large, out=both[n:])
        found = self._slopes(both.view(2 * n, *self.shape[1:]), targets * 2).view(both.shape)
        # Showing more of a place gives the kept picture what it takes from the other.
        reward = (found[:n] + found[n:]).mul_(self.apart)
        return (self.down.T @ reward @ self.across).sum(1, keepdim=True)

    def _slopes(self, points: Tensor, targets: list[int]) -> Tensor:
        size = self.passes.form.batch
        found = [
            self.passes.slopes(points[k : k + size], partial(chosen, targets=targets[k : k + size]))
            for k in range(0, len(points), size)
        ]
        return found[0] if len(found) == 1 else torch.cat(found)


def _climbed(uphill: Callable[[Tensor], Tensor], masks: Tensor, steps: int, rate: float) -> Tensor:
    """Return the masks (M, 1, side, side) after `steps` steps up the reward under the area constraint."""
    speed = torch.zeros_like(masks)
    for step in range(steps):
        done = step / steps
        pull = PULL[0] * (PULL[1] / PULL[0]) ** done
        speed = 0.8 * speed + 0.2 * ((1 - done) * _unit(uphill(masks)) - pull * _off(masks))
        masks = (masks + rate * speed).clamp(0, 1)
    return masks


def _unit(step: Tensor) -> Tensor:
    """Return each step scaled to a mean square of 1."""
    square = step.flatten(1).square().mean(1).sqrt()
    return step / square.clamp_min(1e-12)[:, None, None, None]


def _off(masks: Tensor) -> Tensor:
    """Return how far each value is above its goal: 1 for its area's share of the highest values, 0 for the others.

    Within `SOFT` of the value that parts them the goal is in between, so that a rounding error changes it little.
    """
    flat = masks.flatten(1)
    ones = torch.tensor([max(round(area * flat.shape[1]), 1) for area in AREAS], device=masks.device)
    first = (flat.shape[1] - ones).repeat(len(masks) // len(AREAS))[:, None]
    rising = flat.sort(1).values
    parting = (rising.gather(1, first) + rising.gather(1, first - 1)) / 2
    goal = ((flat - parting) / (2 * SOFT) + 0.5).clamp(0, 1)
    return (flat - goal).view(masks.shape)
