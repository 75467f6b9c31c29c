"""Prototype: the specimens of the target class that are most typical of it to the model."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ai.explainers.nearest import cosine, fitting, held
from ai.explanation import Examples
from ai.passes import Passes
from game.registry import explainer


@explainer(
    "prototype",
    cite="class means in feature space as in Snell, Swersky & Zemel 2017, NeurIPS, arXiv:1703.05175",
    needs=("gallery",),
    passes=("features",),
    family="example",
    signed=False,
)
def prototype(passes: Passes, targets: Sequence[int], seed: int, *, k: int = 1) -> Examples:
    """Return the `k` gallery images of the target class closest to that class's mean features, most typical first.

    The scores (N, k) are the cosine similarities of each image to its class's prototypes, so they tell how typical the
    image itself is. An image is never its own prototype. Deterministic; `seed` is not used. Raises ValueError where the
    gallery holds fewer than `k` of the class.
    """
    del seed  # every method takes one
    gallery = held(passes)
    mine = cosine(passes.features(), gallery.features)
    labels = torch.tensor(gallery.labels, device=gallery.features.device)
    digests, scores = list[tuple[str, ...]](), list[torch.Tensor]()
    for n, (image, target) in enumerate(zip(passes.images, targets, strict=True)):
        fit = fitting(gallery, image, target)
        if len(fit) < k:
            raise ValueError(f"the gallery holds {len(fit)} examples of class {target}, {k} wanted")
        members = gallery.features[labels == target]
        away = (gallery.features[fit] - members.mean(0)).norm(dim=1)
        best = [fit[i] for i in torch.argsort(away, stable=True)[:k].tolist()]
        digests.append(tuple(gallery.digests[i] for i in best))
        scores.append(mine[n, best])
    return Examples(tuple(digests), torch.stack(scores).float().cpu().numpy())
