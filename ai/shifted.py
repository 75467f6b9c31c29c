"""A model that takes a shift of its images back before it looks: equal answers on shifted images."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn


class Shifted(nn.Module):
    """Gives for x what `module` gives for x - shift, exactly, borders included.

    The shift is a batch normalisation that only subtracts, so that methods which read a network's steps can read it. In the
    first layer's bias it would not be exact: a convolution pads with zeros.
    """

    INSIDE: ClassVar[str] = "inside"

    def __init__(self, module: nn.Module, channels: int, shift: float) -> None:
        super().__init__()
        first = next(module.parameters(), torch.zeros(()))
        self.shift = nn.BatchNorm2d(channels, eps=0.0, affine=True).to(first.device)
        self.shift.running_mean = torch.full((channels,), float(shift), device=first.device)
        self.inside = module
        for name in ("patch", "prefix"):  # what a transformer tells of its tokens
            if hasattr(module, name):
                setattr(self, name, getattr(module, name))
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> logits (N, classes)."""
        return self.inside(self.shift(x))
