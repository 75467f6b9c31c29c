"""Our small CNN: seven 3x3 convolutions, 12x12 at the end for a 96-pixel picture, about 0.3 million weights.

Every ReLU is its own module and works out of place, so that methods that replace or read them are right.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from game.registry import model

WIDTHS = (16, 32, 64, 128)


class Block(nn.Module):
    """Two convolutions, each with batch normalisation and a ReLU of its own."""

    def __init__(self, wide_in: int, wide: int, stride: int) -> None:
        super().__init__()
        self.conv_1 = nn.Conv2d(wide_in, wide, 3, stride, 1, bias=False)
        self.norm_1, self.relu_1 = nn.BatchNorm2d(wide), nn.ReLU()
        self.conv_2 = nn.Conv2d(wide, wide, 3, 1, 1, bias=False)
        self.norm_2, self.relu_2 = nn.BatchNorm2d(wide), nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """(N, wide_in, h, w) -> (N, wide, h / stride, w / stride)."""
        return self.relu_2(self.norm_2(self.conv_2(self.relu_1(self.norm_1(self.conv_1(x))))))


class SmallCNN(nn.Module):
    """Stem, three blocks, average pooling, one linear layer. `last_conv` is the block that Grad-CAM reads."""

    def __init__(self, classes: int, widths: tuple[int, int, int, int] = WIDTHS) -> None:
        """`widths` are the channels of the stem and of each block."""
        super().__init__()
        a, b, c, d = widths
        self.stem = nn.Conv2d(3, a, 3, 2, 1, bias=False)
        self.stem_norm, self.stem_relu = nn.BatchNorm2d(a), nn.ReLU()
        self.early = nn.Sequential(Block(a, b, 2), Block(b, c, 2))
        self.last_conv = Block(c, d, 1)
        self.pool, self.head = nn.AdaptiveAvgPool2d(1), nn.Linear(d, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W), normalised -> logits (N, classes)."""
        x = self.last_conv(self.early(self.stem_relu(self.stem_norm(self.stem(x)))))
        return self.head(torch.flatten(self.pool(x), 1))


@model(
    "small_cnn",
    size=96,
    layer="last_conv",
    has=("gradient", "convolution", "activations", "relu", "no_inplace"),
    cite="coplay: our own, trained from scratch",
)
def small_cnn(classes: int) -> nn.Module:
    """Return an untrained net for `classes` classes; weights come from torch's current seed."""
    return SmallCNN(classes)
