"""LRP against zennit 0.5.1, whose maps of this small net were computed once and are kept as numbers (zennit is copyleft).

Its `layer_map_base` with epsilon (a quarter of each layer's root mean square), z+, alpha-beta or gamma; batch norms merged.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from ai.passes import Passes
from game.registry import explainer

GOLDEN = json.loads((Path(__file__).parent / "zennit_0_5_1.json").read_text(encoding="utf-8"))["maps"]
TARGETS = (0, 2)
SETTINGS = {
    "lrp_zplus flat": {"flat": True},
    "lrp_zplus": {"flat": False},
    "lrp_alpha_beta flat": {"flat": True},
    "lrp_gamma": {"flat": False},
    "lrp_epsilon": {},
}


def net() -> nn.Module:
    """Return the net that zennit was given: two convolutions with batch norms, pooling, a linear layer; seeded."""
    torch.manual_seed(11)
    made = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(),
        nn.Conv2d(4, 6, 3, stride=2, padding=1), nn.BatchNorm2d(6), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3),
    )  # fmt: skip
    draw = torch.Generator().manual_seed(5)
    for norm in made.modules():
        if isinstance(norm, nn.BatchNorm2d):
            n = norm.num_features
            norm.running_mean = torch.randn(n, generator=draw) * 0.1
            norm.running_var = torch.rand(n, generator=draw) + 0.5
            norm.weight.data = torch.rand(n, generator=draw) + 0.5
            norm.bias.data = torch.randn(n, generator=draw) * 0.1
    return made.eval()


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_maps_are_those_of_zennit(name: str):
    images = torch.randn(2, 3, 6, 6, generator=torch.Generator().manual_seed(3))
    passes = Passes(net(), images, has=("gradient", "relu", "no_inplace", "convolution"), model="tiny")
    ours = explainer[name.split(maxsplit=1)[0]].thing(passes, TARGETS, 0, **SETTINGS[name]).values
    theirs = np.array(GOLDEN[name], np.float32).reshape(2, 6, 6)
    assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()
