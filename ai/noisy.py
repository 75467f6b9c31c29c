"""Images under a little noise: drawn once for all methods, and each method's maps of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ai.passes import Passes

RADIUS = 0.2
"""Each number of a normalised image moves by at most this, either way: 13 of 255 grey levels."""


@dataclass
class Noisy:
    """`draws` times k images: pass i belongs to draw i // k and image i % k."""

    plain: Tensor
    draws: int
    seed: int
    model: Passes
    radius: float = RADIUS

    @cached_property
    def images(self) -> Tensor:
        """The pictures, (draws * k, C, H, W); draw j is the same however many there are."""
        shape = tuple(self.plain.shape)
        noise = [np.random.default_rng([self.seed, j]).random(shape, np.float32) * 2 - 1 for j in range(self.draws)]
        moved = torch.from_numpy(np.stack(noise)).to(self.plain) * self.radius
        return (self.plain[None] + moved).flatten(0, 1)

    @cached_property
    def passes(self) -> Passes:
        """The passes over them, shared by all methods."""
        made = self.model.over(self.images)
        made.foreseen = set(self.model.foreseen)
        return made

    @cached_property
    def logits(self) -> NDArray[np.float64]:
        """What the model says of each, (draws, k, classes)."""
        return self._folded(self.passes.logits())

    @cached_property
    def features(self) -> NDArray[np.float64]:
        """What its last linear layer reads, (draws, k, D); raises ValueError where it does not end in one."""
        return self._folded(self.passes.features())

    @cached_property
    def moved(self) -> NDArray[np.float64]:
        """By how much each pixel moved, (draws, k, C, H, W)."""
        return self._folded(self.images) - self.plain.cpu().numpy().astype(np.float64)

    def targets(self, targets: tuple[int, ...]) -> list[int]:
        """Return the class to explain for each."""
        return list(targets[: len(self.plain)]) * self.draws

    def _folded(self, values: Tensor) -> NDArray[Any]:
        return values.double().cpu().numpy().reshape(self.draws, len(self.plain), *values.shape[1:])
