"""Baselines: what stands for "nothing to see" where a method takes parts of a picture away."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

KINDS = ("mean", "blur", "black", "grey", "noise")
BLACK = -1.8
"""A black pixel as a model sees it, (0 - 0.45) / 0.25; see `ai/teammate.py`."""


def baseline(images: Tensor, kind: str = "mean", seed: int = 0, black: float = BLACK) -> Tensor:
    """Return a baseline for each of (N, 3, H, W) images, in the same shape.

    `mean` is the image's own mean colour, `blur` a Gaussian blur of a tenth of its size, `black` and `grey` (zero) one
    colour, `noise` pixels drawn evenly between black and white: the same for every image, from `seed`.
    """
    match kind:
        case "mean":
            return images.mean((2, 3), keepdim=True).expand_as(images).contiguous()
        case "blur":
            return blurred(images, images.shape[-1] / 10)
        case "black":
            return torch.full_like(images, black)
        case "grey":
            return torch.zeros_like(images)
        case "noise":
            rng = torch.Generator().manual_seed(seed)
            drawn = torch.rand((1, *images.shape[1:]), generator=rng).to(images) * 4 + black
            return drawn.expand_as(images).contiguous()
        case _:
            raise ValueError(f"no baseline is called {kind!r}; known: {', '.join(KINDS)}")


def blurred(images: Tensor, sigma: float) -> Tensor:
    """Return the images under a Gaussian of `sigma` pixels; edges repeat their last pixel."""
    if sigma <= 0:
        return images.clone()
    radius = math.ceil(3 * sigma)
    steps = torch.arange(-radius, radius + 1, dtype=images.dtype, device=images.device)
    kernel = torch.exp(-0.5 * (steps / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(images.shape[1], 1, 1, -1)
    across = functional.pad(images, (radius, radius, 0, 0), mode="replicate")
    across = functional.conv2d(across, kernel, groups=images.shape[1])
    down = functional.pad(across, (0, 0, radius, radius), mode="replicate")
    return functional.conv2d(down, kernel.transpose(2, 3), groups=images.shape[1])
