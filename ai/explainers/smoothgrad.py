"""SmoothGrad, its square and VarGrad: gradients of noisy copies, averaged, squared or their variance. One set serves all."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from ai.allowed import at_least
from ai.explanation import Maps
from ai.passes import Passes
from ai.path import parts, slopes
from game.registry import explainer

Moments = tuple[Tensor, Tensor]
"""Mean and variance of the gradient over the noisy copies, both (N, 3, H, W)."""

_MADE: WeakKeyDictionary[Passes, dict[tuple[object, ...], Moments]] = WeakKeyDictionary()


@explainer(
    "smoothgrad",
    cite="Smilkov et al. 2017, arXiv:1706.03825",
    needs=("gradient",),
    passes=("backward",),
    cost="25 G, shared",
    family="gradient",
    signed=False,
    allowed={"samples": at_least(2)},
)
def smoothgrad(passes: Passes, targets: Sequence[int], seed: int, *, samples: int = 25, noise: float = 0.15) -> Maps:
    """Return the largest absolute mean gradient over the colour channels, (N, H, W).

    `samples` noisy copies of each image; `noise` is their standard deviation as a share of the image's range.
    """
    mean, _ = moments(passes, targets, seed, samples, noise)
    return _maps(mean.abs().amax(1), samples, noise)


@explainer(
    "smoothgrad_squared",
    cite="Hooker et al. 2019, NeurIPS, arXiv:1806.10758",
    needs=("gradient",),
    passes=("backward",),
    cost="25 G, shared",
    family="gradient",
    signed=False,
    allowed={"samples": at_least(2)},
)
def smoothgrad_squared(
    passes: Passes, targets: Sequence[int], seed: int, *, samples: int = 25, noise: float = 0.15
) -> Maps:
    """Return the mean squared gradient over noisy copies, summed over the colours, (N, H, W).

    `samples` and `noise` as in smoothgrad, whose copies it shares.
    """
    mean, variance = moments(passes, targets, seed, samples, noise)
    return _maps((mean**2 + variance).sum(1), samples, noise)


@explainer(
    "vargrad",
    cite="Adebayo et al. 2018, arXiv:1810.03307",
    needs=("gradient",),
    passes=("backward",),
    cost="25 G, shared",
    family="gradient",
    signed=False,
    allowed={"samples": at_least(2)},
)
def vargrad(passes: Passes, targets: Sequence[int], seed: int, *, samples: int = 25, noise: float = 0.15) -> Maps:
    """Return the variance of the gradient over noisy copies, summed over the colours, (N, H, W).

    `samples` and `noise` as in smoothgrad, whose copies it shares.
    """
    _, variance = moments(passes, targets, seed, samples, noise)
    return _maps(variance.sum(1), samples, noise)


def moments(passes: Passes, targets: Sequence[int], seed: int, samples: int, noise: float) -> Moments:
    """Return mean and variance of the gradient over noisy copies; made once for the same question.

    The noise comes from `seed` only: the same for every image, so drawn once, and maps do not depend on their batch.
    """
    if samples < 2 or noise <= 0:
        raise ValueError(f"{samples} samples with noise {noise}: give at least 2 and some noise")
    passes.used.add("backward")
    made = _MADE.setdefault(passes, {})
    key = (tuple(targets), seed, samples, noise)
    if key not in made:
        rng = torch.Generator().manual_seed(seed)
        drawn = torch.randn((samples, *passes.images.shape[1:]), generator=rng).to(passes.images) * noise
        made[key] = _summed(passes, targets, passes.form.planes(drawn))
    return made[key]


def _summed(passes: Passes, targets: Sequence[int], drawn: Tensor) -> Moments:
    """Sum gradients and their squares, less each image's first gradient, so that what they share does not drown the rest."""
    samples, first = len(drawn), Tensor()
    total = torch.zeros_like(passes.form.planes(passes.images))
    squares = torch.zeros_like(total)
    for place, part in parts(passes, len(passes), samples):
        images = passes.images[place]
        spread = images.amax((1, 2, 3)) - images.amin((1, 2, 3))
        points = torch.addcmul(passes.form.planes(images)[:, None], drawn[part], spread.view(-1, 1, 1, 1, 1))
        grads = slopes(passes, targets, torch.arange(len(passes))[place], points)
        if part.start == 0:
            first = grads[:, :1].clone()
        grads.sub_(first)
        total[place] += grads.sum(1)
        squares[place] += grads.square_().sum(1)
        if part.stop == samples:
            mean = total[place].div_(samples)
            squares[place] = squares[place].div_(samples).sub_(mean.square())
            mean.add_(first[:, 0])
    return passes.form.shown(total), passes.form.shown(squares).clamp_min_(0)


def _maps(values: Tensor, samples: int, noise: float) -> Maps:
    return Maps(values.cpu().numpy(), info={"samples": samples, "noise": noise})
