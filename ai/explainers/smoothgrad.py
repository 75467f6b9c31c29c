"""SmoothGrad, its square and VarGrad: gradients of noisy copies, averaged, squared or their variance. One set serves all."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from ai.explanation import Maps
from ai.passes import Passes
from ai.path import grouped
from game.registry import explainer

Moments = tuple[Tensor, Tensor]
"""Mean and variance of the gradient over the noisy copies, both (N, 3, H, W)."""

_MADE: WeakKeyDictionary[Passes, dict[tuple[object, ...], Moments]] = WeakKeyDictionary()


@explainer(
    "smoothgrad",
    cite="Smilkov et al. 2017, arXiv:1706.03825",
    needs=("gradient",),
    passes=("backward",),
    family="gradient",
    signed=False,
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
    family="gradient",
    signed=False,
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
    family="gradient",
    signed=False,
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
        parts = [_group(passes, targets, drawn, group.tolist()) for group in grouped(passes, samples)]
        made[key] = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
    return made[key]


def _group(passes: Passes, targets: Sequence[int], drawn: Tensor, which: list[int]) -> Moments:
    images, samples = passes.images[which], len(drawn)
    spread = images.amax((1, 2, 3)) - images.amin((1, 2, 3))
    points = torch.addcmul(images[:, None], drawn, spread.view(-1, 1, 1, 1, 1))
    grads = passes.backward(points.flatten(0, 1), [targets[i] for i in which for _ in range(samples)])
    variance, mean = torch.var_mean(grads.view(len(which), samples, *images.shape[1:]), 1, correction=0)
    return mean, variance


def _maps(values: Tensor, samples: int, noise: float) -> Maps:
    return Maps(values.cpu().numpy(), info={"samples": samples, "noise": noise})
