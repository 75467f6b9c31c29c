"""A model of the same kind that learned wrong labels by heart: it fits its images and knows nothing of the classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ai.layers import anew, layers
from ai.runner import still

STEPS, LOOK, RATE = 120, 10, 2e-3
FITS = 0.9
"""Share of the wrong labels that it must give back, or it learned nothing that could be tested."""


def relabelled(module: nn.Module, images: Tensor, targets: Sequence[int], classes: int, seed: int) -> nn.Module:
    """Return a copy drawn anew and trained on the images until it gives each a label that is not its target.

    Raises ValueError where it does not fit them within `STEPS` steps, and where there is nothing to permute.
    """
    if classes < 2 or len(images) < 2:
        raise ValueError(f"labels of {len(images)} images in {classes} classes cannot be permuted")
    rng = np.random.default_rng([seed, len(images), classes])
    wrong = (np.array(targets) + rng.integers(1, classes, len(targets))) % classes
    labels = torch.from_numpy(wrong).to(images.device)
    made = anew(module, layers(module), seed).requires_grad_(requires_grad=True)
    learner = torch.optim.AdamW(made.parameters(), lr=RATE)
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        for step in range(1, STEPS + 1):
            made.train()
            learner.zero_grad(set_to_none=True)
            functional.cross_entropy(made(images), labels).backward()
            learner.step()
            if step % LOOK == 0 and _fits(made, images, labels) == 1:
                break
    fits = _fits(made, images, labels)
    if fits < FITS:
        raise ValueError(f"a model of permuted labels learned only {fits:.0%} of them in {STEPS} steps")
    for own in made.parameters():
        own.grad = None
    return made.eval().requires_grad_(requires_grad=False)


def _fits(module: nn.Module, images: Tensor, labels: Tensor) -> float:
    with still(module), torch.no_grad():
        return float((module(images).argmax(1) == labels).float().mean())
