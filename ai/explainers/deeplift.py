"""DeepLIFT (rescale rule): the logit's change from a reference, followed back through the slopes between the two."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ai.explanation import Maps
from ai.passes import Passes
from ai.path import same_for_all
from ai.rescale import contributions
from ai.rewired import batches, counted, rewire
from game.registry import explainer


@explainer(
    "deeplift",
    cite="Shrikumar, Greenside & Kundaje 2017, ICML, arXiv:1704.02685",
    needs=("gradient", "relu"),
    passes=("modified",),
    cost="1 F + 1 G",
    family="modified gradient",
    signed=True,
)
def deeplift(passes: Passes, targets: Sequence[int], seed: int, *, baseline: str = "mean") -> Maps:
    """Return what each pixel's difference from the baseline adds to the target's logit, (N, H, W), in logits.

    Summed over the colours. Convolution, linear, ReLU, pooling, batch normalisation and addition only: elsewhere it would
    be another method, and is refused. `baseline` is one of `ai.baseline.KINDS`; `seed` matters for `noise` only. `gap` is
    relative to the logit's change.
    """
    net = rewire(passes, "deeplift")
    base, parts, gaps = passes.baseline(baseline, seed).float(), list[Tensor](), list[Tensor]()
    alike = same_for_all(base)
    same = net.forward(base[:1]) if alike else None
    for images, chosen, place in batches(passes, targets):
        total, away = contributions(net, images, same or net.forward(base[place]), chosen, own=not alike)
        gaps.append(away)
        parts.append(total.sum((1, 2)))
    counted(passes, 1 if alike else len(passes), len(passes))
    info = {"baseline": baseline}
    return Maps(torch.cat(parts).cpu().numpy(), signed=True, gap=torch.cat(gaps).cpu().numpy(), info=info)
