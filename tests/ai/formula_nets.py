"""Small networks and images whose every number follows from integers, so that other people's code can be given the very same.

Nothing is drawn: no seed, no generator, no version of torch has a say. What others' programs made of them is in
`others_*.json`, and is compared in `test_parity_others.py`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from ai.models.small_vit import Block
from ai.passes import Passes

TARGETS = (0, 2)
"""Which class is explained of either image."""


def numbers(salt: int, *shape: int) -> Tensor:
    """Return numbers between -0.5 and 0.5 that look irregular, float32: (31 i^2 + 17 i + 101 salt) mod 997, scaled."""
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    drawn = (31 * i * i + 17 * i + 101 * salt) % 997
    return torch.from_numpy((drawn / 997 - 0.5).astype(np.float32).reshape(shape))


def filled(module: nn.Module, gain: float = 1.0) -> nn.Module:
    """Give every weight its number: +-sqrt(3 / what one output reads) times `gain`; biases and positions +-0.1."""
    with torch.no_grad():
        for salt, (name, values) in enumerate(sorted(module.named_parameters())):
            if "norm" in name:
                values.copy_(numbers(salt, *values.shape) * 0.4 + name.endswith("weight"))
            elif name.endswith("weight"):
                values.copy_(numbers(salt, *values.shape) * 2 * gain * (3 / values[0].numel()) ** 0.5)
            else:
                values.copy_(numbers(salt, *values.shape) * 0.2)
    return module.eval().requires_grad_(False)


class Net(nn.Module):
    """Two halving convolutions, the layer that is read, one more convolution and a linear layer: places differ in gradient."""

    def __init__(self, side: int = 28, act: type[nn.Module] = nn.ReLU, gain: float = 1.0) -> None:
        super().__init__()
        self.one, self.act_1 = nn.Conv2d(3, 6, 3, 2, 1), act()
        self.two, self.act_2 = nn.Conv2d(6, 8, 3, 2, 1), act()
        self.three, self.act_3 = nn.Conv2d(8, 8, 3, 1, 1), act()
        self.flat, self.head = nn.Flatten(), nn.Linear(8 * (side // 4) ** 2, 3)
        filled(self, 1.5)
        self.head.weight.mul_(gain)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, side, side) -> (N, 3)."""
        x = self.act_2(self.two(self.act_1(self.one(x))))
        return self.head(self.flat(self.act_3(self.three(x))))


class Transformer(nn.Module):
    """Patches of 8 x 8 pixels, a class token, three blocks of two heads, a linear layer on the class token."""

    patch, prefix = 8, 1

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, 16, 8, 8)
        self.cls, self.place = nn.Parameter(torch.zeros(1, 1, 16)), nn.Parameter(torch.zeros(1, 17, 16))
        self.blocks = nn.ModuleList([Block(16, 2) for _ in range(3)])
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 3)
        filled(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 32, 32) -> (N, 3)."""
        x = self.embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(len(x), -1, -1), x], 1) + self.place
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x[:, 0]))


def images(side: int) -> Tensor:
    """Return two images of irregular pixels, one brighter to the right, one to the left, (2, 3, side, side)."""
    slope = torch.from_numpy((np.arange(side) / (side - 1) - 0.5).astype(np.float32))
    return 2 * numbers(7, 2, 3, side, side) + slope * torch.tensor([1.0, -1.0])[:, None, None, None]


def blobs(side: int = 48, wide: float = 4.0) -> Tensor:
    """Return two images of soft blobs on zero, (2, 3, side, side): nothing at the edges, nothing finer than `wide` pixels."""
    at = np.arange(side) - (side - 1) / 2
    made = np.zeros((2, 3, side, side))
    for n in range(2):
        for c in range(3):
            for down, across, strength in (
                (-4, 3 * c - 3, 3.0),
                (3, 4 - 7 * n, 2.0 * c - 2.0),
                (3 * n, -3, 1.6 - 3.0 * n),
            ):
                lines = [np.exp(-((at - m) ** 2) / (2 * wide**2)) for m in (down, across)]
                made[n, c] += strength * np.outer(*lines)
    return torch.from_numpy(made.astype(np.float32))


def passes(module: nn.Module, x: Tensor) -> Passes:
    """Return passes over `x` that offer all that any of the methods needs."""
    kinds = ("gradient", "activations", "convolution") if isinstance(module, Net) else ("gradient", "attention", "grid")
    return Passes(module, x, layer="act_2" if isinstance(module, Net) else "", has=kinds, model="formula")
