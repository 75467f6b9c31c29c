"""A teammate: a trained model, what it offers to explanation methods, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ai.passes import Passes
from game.canonical import Digest
from game.pack import Scalar
from game.registry import Entry, model

MEAN, SPREAD = 0.45, 0.25
"""Pixels enter a model as (value / 255 - MEAN) / SPREAD."""


@dataclass(frozen=True)
class Teammate:
    """A module with its registered traits. `digest` is the sha256 of its weights file, empty while untrained.

    `name` makes an equal net anew: the registered family, or `family:which` where a family has several models. `details`
    are plain facts of its training, for the model card.
    """

    name: str
    module: nn.Module
    size: int
    layer: str
    has: tuple[str, ...]
    digest: Digest = ""
    cite: str = ""
    details: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])

    def passes(self, pictures: NDArray[np.uint8], precision: str = "fp32") -> Passes:
        """Return the passes over `pictures`, (N, size, size, 3)."""
        images = prepare(pictures)
        return Passes(self.module, images, layer=self.layer, has=self.has, model=self.name, precision=precision)

    def logits(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return (N, classes) logits of `pictures`, (N, size, size, 3)."""
        return self.passes(pictures).predict().cpu().numpy()


def family(name: str) -> Entry[Any]:
    """Return the registered family of a model's name, `small_cnn` or `timm:resnet18?size=96`; raises Unknown."""
    return model[name.partition(":")[0]]


def new(name: str, classes: int, seed: int = 0) -> Teammate:
    """Return an untrained teammate of the model `name`; raises Unknown, and ValueError where a family has no such model.

    A family with several models gets what stands after the colon, and its module then tells its own `traits`.
    """
    entry = family(name)
    which = name.partition(":")[2]
    if which and not entry.info.get("which"):
        raise ValueError(f"{entry.name!r} is one model: leave out {':' + which!r}")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = entry.thing(classes, which) if entry.info.get("which") else entry.thing(classes)
    traits: dict[str, Any] = getattr(module, "traits", entry.info)
    has, cite = tuple(traits["has"]), entry.info["cite"]
    return Teammate(traits.get("name", name), module, traits["size"], traits["layer"], has, cite=cite)


def prepare(pictures: NDArray[np.uint8]) -> Tensor:
    """Return (N, H, W, 3) pictures as the (N, 3, H, W) float tensor a model takes."""
    x = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float()
    return (x / 255 - MEAN) / SPREAD
