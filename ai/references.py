"""Reference images that an image is compared with: other images where there are some, else blurred colours."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn import functional

from ai.passes import Passes
from ai.pool import name_of
from ai.runner import Runner

COARSE, SPREAD = 4, 0.7
"""Colours per side of a blurred reference, and their standard deviation as a model sees them."""


class References(NamedTuple):
    """References `images` (n, 3, H, W), not to be written to, and what they are: `kind` is "others" or "colours"."""

    images: Tensor
    kind: str
    drawn: tuple[int, ...] = ()
    """What colours are drawn from."""

    @property
    def name(self) -> str:
        """Return a name that no other references have."""
        return f"colours {self.drawn}" if self.drawn else name_of(self.images)


def references(passes: Passes, n: int, seed: int) -> References:
    """Return `n` references, the same for every image.

    Others are drawn from the surroundings, with replacement only where there are fewer than `n`.
    """
    others = getattr(passes.surroundings, "others", None)
    if isinstance(others, Tensor) and len(others):
        rng = torch.Generator().manual_seed(seed)
        drawn = torch.cat([torch.randperm(len(others), generator=rng) for _ in range(-(-n // len(others)))])[:n]
        return References(others[drawn.to(others.device)].to(passes.images), "others")
    wanted = (seed, n, *passes.images.shape[1:])
    return References(_colours(*wanted).to(passes.images), "colours", wanted)


@lru_cache(maxsize=2)
def _colours(seed: int, n: int, colours: int, height: int, width: int) -> Tensor:
    """Return blurred colours; drawn once, however many images are explained with them."""
    coarse = torch.randn((n, colours, COARSE, COARSE), generator=torch.Generator().manual_seed(seed)) * SPREAD
    return functional.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)


_SAID: WeakKeyDictionary[Runner, dict[str, Tensor]] = WeakKeyDictionary()
FEW = 8
"""Sets of references that a model's logits are remembered of."""


def mean_logits(passes: Passes, references: References) -> Tensor:
    """Return the mean of the logits of references, (classes,): asked for once of a model, however many images it explains."""
    passes.used.add("forward")
    said, name = _SAID.setdefault(passes.runner, {}), references.name
    if name not in said:
        if len(said) >= FEW:
            said.clear()
        said[name] = passes.forward(references.images).mean(0)
    return said[name]
