"""Integrated gradients: the gradient averaged on the straight way from a baseline to the image."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ai.explanation import Maps
from ai.passes import Passes
from ai.path import at_baseline, chosen, integral
from game.registry import explainer


@explainer(
    "integrated_gradients",
    cite="Sundararajan, Taly & Yan 2017, ICML, arXiv:1703.01365",
    needs=("gradient",),
    passes=("predict", "forward", "backward"),
    cost="2 F + 16 to 240 G",
    family="gradient",
    signed=True,
)
def integrated_gradients(
    passes: Passes, targets: Sequence[int], seed: int, *, baseline: str = "mean", steps: int = 0
) -> Maps:
    """Return what each pixel adds to the target's logit over the baseline, summed over the colours, (N, H, W), in logits.

    Gauss-Legendre steps: 16 for each image, doubled until its sum is within 1 % of the logit's change, 128 at most;
    `steps` > 0 fixes them. `baseline` is one of `ai.baseline.KINDS`; `seed` matters for `noise` only. `gap` is relative.
    """
    base = passes.baseline(baseline, seed)
    change = chosen(passes.predict(), targets) - chosen(at_baseline(passes, base), targets)

    def straight(which: Tensor, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        start = passes.form.planes(base[which])[:, None]
        way = passes.form.planes(passes.images[which])[:, None] - start
        return torch.addcmul(start, u.view(1, -1, 1, 1, 1), way), way, torch.ones_like(u)

    total, gaps, taken = integral(passes, targets, straight, change, steps)
    info, each = {"baseline": baseline}, {"steps": taken.int().tolist()}
    return Maps(total.sum(1).cpu().numpy(), signed=True, gap=gaps.numpy(), info=info, each=each)
