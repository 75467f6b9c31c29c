"""A teammate: a trained model, what it offers to explanation methods, and the temperature its confidence is read at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ai.passes import Passes
from game.canonical import Digest
from game.registry import model

MEAN, SPREAD = 0.45, 0.25
"""Pixels enter a model as (value / 255 - MEAN) / SPREAD."""


@dataclass(frozen=True)
class Teammate:
    """A module with its registered traits. `digest` is the sha256 of its weights file, empty while untrained."""

    name: str
    module: nn.Module
    size: int
    layer: str
    has: tuple[str, ...]
    digest: Digest = ""

    def passes(self, pictures: NDArray[np.uint8]) -> Passes:
        """Return the passes over `pictures`, (N, size, size, 3)."""
        return Passes(self.module, prepare(pictures), layer=self.layer, has=self.has, model=self.name)

    def logits(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (N, classes) logits of `pictures`, (N, size, size, 3)."""
        return self.passes(pictures).predict().cpu().numpy()


def new(name: str, classes: int, seed: int = 0) -> Teammate:
    """Return an untrained teammate of the registered model `name`; raises Unknown."""
    entry = model[name]
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = entry.thing(classes)
    return Teammate(name, module, entry.info["size"], entry.info["layer"], tuple(entry.info["has"]))


def prepare(pictures: NDArray[np.uint8]) -> Tensor:
    """Return (N, H, W, 3) pictures as the (N, 3, H, W) float tensor a model takes."""
    x = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float()
    return (x / 255 - MEAN) / SPREAD
