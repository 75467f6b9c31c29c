"""Our small CNN twice as wide: the same layers, about 1.1 million weights, as many as the small transformer has."""

from __future__ import annotations

from torch import nn

from ai.models.small_cnn import SmallCNN
from game.registry import model

WIDTHS = (32, 64, 128, 256)


@model(
    "wide_cnn",
    size=96,
    layer="last_conv",
    has=("gradient", "convolution", "activations", "relu", "no_inplace"),
    cite="coplay: our own, trained from scratch",
)
def wide_cnn(classes: int) -> nn.Module:
    """Return an untrained net for `classes` classes; weights come from torch's current seed."""
    return SmallCNN(classes, WIDTHS)
