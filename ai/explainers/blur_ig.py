"""Blur integrated gradients: the gradient integrated while the image comes into focus. No baseline colour is chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ai.explanation import Maps
from ai.passes import Passes
from ai.path import at_baseline, chosen, integral
from game.registry import explainer

TOGETHER = 8
"""Points blurred at once."""
FAINT = 1e-7
"""What is left of a wave that need not be added."""


@explainer(
    "blur_ig",
    cite="Xu, Venugopalan & Sundararajan 2020, CVPR, doi:10.1109/CVPR42600.2020.00970",
    needs=("gradient",),
    passes=("predict", "forward", "backward"),
    cost="2 F + 32 to 224 G",
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
    images, form = passes.images, passes.form
    widest, waves = sigma * max(images.shape[-2:]), Waves(images)

    def focus(which: Tensor, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        spread, shape = widest * (1 - u) ** 3, form.planes(images[:1]).shape[1:]
        points, direction = (images.new_empty((len(which), len(u), *shape)) for _ in range(2))
        for k in range(0, len(u), TOGETHER):  # few enough for the cache
            some = slice(k, k + TOGETHER)
            blurred = waves.blurred(which, spread[some])
            points[:, some] = (
                blurred.permute(2, 1, 0, 4, 3) if form.sides == (-3, -2) else blurred.permute(2, 1, 3, 0, 4)
            )
            _laplace(points[:, some], form.sides, direction[:, some])
        return points, direction, -3 * widest * (1 - u) ** 2 * spread  # d sigma / du, times sigma

    most = torch.full((1,), widest, device=images.device)
    base = waves.blurred(torch.arange(len(passes)), most)[:, 0].permute(1, 2, 0, 3).contiguous()
    change = chosen(passes.predict(), targets) - chosen(at_baseline(passes, base), targets)
    total, gaps, taken = integral(passes, targets, focus, change, steps, fewest=32)
    info, each = {"sigma": sigma}, {"steps": taken.int().tolist()}
    return Maps(total.sum(1).cpu().numpy(), signed=True, gap=gaps.numpy(), info=info, each=each)


def _laplace(x: Tensor, sides: tuple[int, int], out: Tensor) -> Tensor:
    """Give `out` neighbours less oneself, edges mirrored: what the blur below changes by, per half sigma squared."""
    torch.mul(x, -4, out=out)
    for side in sides:
        last = x.shape[side] - 1
        out.narrow(side, 1, last).add_(x.narrow(side, 0, last))
        out.narrow(side, 0, last).add_(x.narrow(side, 1, last))
        for edge in (0, last):
            out.narrow(side, edge, 1).add_(x.narrow(side, edge, 1))
    return out


class Waves:
    """Images as sums of cosines, to blur them by the Gaussian of discrete scale space (Lindeberg 1990) at any width.

    It solves the heat equation on the pixel grid exactly, so that its derivative by sigma is sigma times the Laplacian.
    """

    def __init__(self, images: Tensor) -> None:
        (self.down, self.fall), (self.across, self.fade) = (_cosines(side, images) for side in images.shape[-2:])
        rows = images.permute(2, 0, 1, 3)
        self.parts = ((self.down @ rows.flatten(1)).view(rows.shape) @ self.across.T).unsqueeze(1)
        """(frequencies down, 1, N, colours, frequencies across)."""

    def blurred(self, which: Tensor, sigma: Tensor) -> Tensor:
        """Return images `which` (n,) under each of k blurs, sigma in pixels: (H, k, n, colours, W).

        Waves that no blur of these leaves a ten-millionth of are not summed up.
        """
        widths = sigma.double().cpu()[:, None] ** 2
        fall, fade = (torch.exp(-widths * rate) for rate in (self.fall, self.fade))
        down, across = (int((kept > FAINT).any(0).sum()) for kept in (fall, fade))
        fall, fade = fall[:, :down].T.to(self.parts), fade[:, :across].to(self.parts)
        left = self.parts[:down, :, which, :, :across].contiguous() * (fall[:, :, None] * fade)[:, :, None, None]
        lines = (left.flatten(0, 3) @ self.across[:across]).view(*left.shape[:4], -1)
        return (self.down[:down].T @ lines.flatten(1)).view(len(self.down), *lines.shape[1:])


def _cosines(side: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return the orthonormal cosines of a line, (frequencies, side), and how fast a blur of variance 1 fades each."""
    place = torch.arange(side, dtype=torch.float64)
    waves = torch.cos(math.pi / side * (place[None] + 0.5) * place[:, None]) * math.sqrt(2 / side)
    waves[0] /= math.sqrt(2)
    return waves.to(like), 1 - torch.cos(math.pi / side * place)
