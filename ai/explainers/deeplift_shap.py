"""DeepLiftSHAP: DeepLIFT averaged over many reference images, each of them run forward once for a whole batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ai.explanation import Maps
from ai.passes import Passes
from ai.references import references
from ai.rescale import contributions
from ai.rewired import batches, counted, rewire
from game.registry import explainer


@explainer(
    "deeplift_shap",
    cite="Lundberg & Lee 2017, NeurIPS, arXiv:1705.07874",
    needs=("gradient", "relu"),
    passes=("modified",),
    cost="10 G, 10 F once",
    family="modified gradient",
    signed=True,
)
def deeplift_shap(passes: Passes, targets: Sequence[int], seed: int, *, samples: int = 10) -> Maps:
    """Return each pixel's mean contribution over `samples` references, summed over the colours, (N, H, W), in logits.

    References as in expected_gradients (see `ai/references.py`), networks as in deeplift. `gap` is the distance of the sum
    to the logit over the references' mean logit, as a share of it: exact but for rounding.
    """
    if samples < 1:
        raise ValueError(f"{samples} samples: give at least 1")
    net, parts, gaps = rewire(passes, "deeplift_shap"), list[Tensor](), list[Tensor]()
    refs = references(passes, samples, seed)
    run = net.forward(refs.images.float())
    for images, chosen, _ in batches(passes, targets, samples):
        total, away = contributions(net, images, run, chosen, own=False)
        gaps.append(away)
        parts.append(total.mean(1).sum(1))
    counted(passes, samples, len(passes) * samples)
    info = {"samples": samples, "references": refs.kind}
    return Maps(torch.cat(parts).cpu().numpy(), signed=True, gap=torch.cat(gaps).cpu().numpy(), info=info)
