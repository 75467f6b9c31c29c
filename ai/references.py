"""Reference images that an image is compared with: other images where there are some, else blurred colours."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn import functional

from ai.passes import Passes
from ai.pool import name_of
from ai.runner import Runner

COARSE, SPREAD = 4, 0.7
"""Colours per side of a blurred reference, and their standard deviation as a model sees them."""


def references(passes: Passes, n: int, seed: int) -> tuple[Tensor, str]:
    """Return `n` references (n, 3, H, W), the same for every image, and what they are: "others" or "colours".

    Others are drawn from the surroundings, with replacement only where there are fewer than `n`.
    """
    rng = torch.Generator().manual_seed(seed)
    others = getattr(passes.surroundings, "others", None)
    if isinstance(others, Tensor) and len(others):
        drawn = torch.cat([torch.randperm(len(others), generator=rng) for _ in range(-(-n // len(others)))])[:n]
        return others[drawn.to(others.device)].to(passes.images), "others"
    coarse = torch.randn((n, passes.images.shape[1], COARSE, COARSE), generator=rng) * SPREAD
    made = functional.interpolate(coarse, passes.images.shape[-2:], mode="bicubic", align_corners=False)
    return made.to(passes.images), "colours"


_SAID: WeakKeyDictionary[Runner, dict[str, Tensor]] = WeakKeyDictionary()
FEW = 8
"""Sets of references that a model's logits are remembered of."""


def mean_logits(passes: Passes, references: Tensor) -> Tensor:
    """Return the mean of the logits of references, (classes,): asked for once of a model, however many images it explains."""
    passes.used.add("forward")
    said, name = _SAID.setdefault(passes.runner, {}), name_of(references)
    if name not in said:
        if len(said) >= FEW:
            said.clear()
        said[name] = passes.forward(references).mean(0)
    return said[name]
