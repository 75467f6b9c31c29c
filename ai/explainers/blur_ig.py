"""Blur integrated gradients: the gradient integrated while the image comes into focus. No baseline colour is chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ai.explanation import Maps
from ai.passes import Passes
from ai.path import at_baseline, chosen, integral
from game.registry import explainer


@explainer(
    "blur_ig",
    cite="Xu, Venugopalan & Sundararajan 2020, CVPR, doi:10.1109/CVPR42600.2020.00970",
    needs=("gradient",),
    passes=("predict", "forward", "backward"),
    family="gradient",
    signed=True,
)
def blur_ig(passes: Passes, targets: Sequence[int], seed: int, *, sigma: float = 0.2, steps: int = 0) -> Maps:
    """Return what each pixel's sharpness adds to the target's logit, summed over the colours, (N, H, W), in logits.

    `sigma` is the strongest blur, as a share of the image's longer side. Steps as in integrated_gradients, from 32 on, placed
    more densely where the image is nearly sharp. `gap` is relative to the logit's change. Deterministic; `seed` is not used.
    """
    del seed  # every method takes one
    if sigma <= 0:
        raise ValueError(f"a strongest blur of {sigma}: give one above 0")
    images = passes.images
    widest = sigma * max(images.shape[-2:])
    rows, columns = (_Blur(side, images) for side in images.shape[-2:])

    def focus(which: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        spread = widest * (1 - u) ** 3
        points = rows.at(spread) @ images[which][:, None] @ columns.at(spread).mT
        turn = -3 * widest * (1 - u) ** 2 * spread  # d sigma / du, times sigma
        return points, _laplace(points) * turn.view(1, -1, 1, 1, 1)

    blurred, _ = focus(torch.arange(len(passes)), torch.zeros(1, device=images.device))
    base = blurred[:, 0]
    change = chosen(passes.predict(), targets) - chosen(at_baseline(passes, base), targets)
    total, gaps, taken = integral(passes, targets, focus, change, steps, fewest=32)
    info = {"sigma": sigma, "steps": int(taken.max()), "mean_steps": float(taken.float().mean())}
    return Maps(total.sum(1).cpu().numpy(), signed=True, gap=gaps.numpy(), info=info)


def _laplace(x: Tensor) -> Tensor:
    """Return neighbours less oneself, edges mirrored: what the blur below changes by, per half sigma squared."""
    wide = functional.pad(x.flatten(0, 1), (1, 1, 1, 1), mode="replicate").view(
        *x.shape[:-2], *(n + 2 for n in x.shape[-2:])
    )
    across = wide[..., 1:-1, :-2] + wide[..., 1:-1, 2:]
    return across + wide[..., :-2, 1:-1] + wide[..., 2:, 1:-1] - 4 * x


class _Blur:
    """The Gaussian of discrete scale space (Lindeberg 1990) along one side, as a matrix.

    It solves the heat equation on the pixel grid exactly, so that its derivative by sigma is sigma times the Laplacian.
    """

    def __init__(self, side: int, like: Tensor) -> None:
        place = torch.arange(side, dtype=torch.float64)
        waves = torch.cos(math.pi / side * (place[None] + 0.5) * place[:, None]) * math.sqrt(2 / side)
        waves[0] /= math.sqrt(2)
        self.waves, self.decay, self.like = waves, 1 - torch.cos(math.pi / side * place), like

    def at(self, sigma: Tensor) -> Tensor:
        """Return (k, 1, side, side) matrices for k sigmas in pixels."""
        kept = torch.exp(-(sigma.double().cpu()[:, None] ** 2) * self.decay)
        return ((self.waves.T * kept[:, None]) @ self.waves)[:, None].to(self.like)
