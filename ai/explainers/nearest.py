"""Nearest examples: known specimens that look most alike to the model, whatever class they are of."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ai.explanation import Examples
from ai.passes import Passes
from ai.surroundings import Gallery, around, key
from game.registry import explainer


@explainer(
    "nearest",
    cite="Papernot & McDaniel 2018, arXiv:1803.04765",
    needs=("gallery",),
    passes=("features",),
    family="example",
    signed=False,
)
def nearest(passes: Passes, targets: Sequence[int], seed: int, *, k: int = 3, same_class: bool = False) -> Examples:
    """Return the `k` gallery images whose features are closest, nearest first, with their cosine similarities (N, k).

    Features are what the model's last layer reads. An image is never its own example. `same_class` takes only specimens
    whose true class is the target. Ties go to the earlier in the gallery; `seed` is not used. Raises ValueError where
    the gallery holds fewer than `k` that fit.
    """
    del seed  # every method takes one
    gallery = held(passes)
    alike = cosine(passes.features(), gallery.features)
    digests: list[tuple[str, ...]] = []
    scores: list[Tensor] = []
    for image, row, target in zip(passes.images, alike, targets, strict=True):
        fit = fitting(gallery, image, target if same_class else None)
        if len(fit) < k:
            raise ValueError(f"the gallery holds {len(fit)} examples that fit, {k} wanted")
        order = torch.argsort(row[fit], descending=True, stable=True)[:k].tolist()
        digests.append(tuple(gallery.digests[fit[i]] for i in order))
        scores.append(row[[fit[i] for i in order]])
    return Examples(tuple(digests), torch.stack(scores).float().cpu().numpy())


def held(passes: Passes) -> Gallery:
    """Return the gallery of the surroundings."""
    gallery = around(passes).gallery
    assert gallery is not None  # `needs` says so
    return gallery


def cosine(features: Tensor, others: Tensor) -> Tensor:
    """Return the cosine of the angle between features, (N, D) and (M, D), as (N, M)."""
    return torch.nn.functional.normalize(features, dim=1) @ torch.nn.functional.normalize(others.to(features), dim=1).T


def fitting(gallery: Gallery, image: Tensor, label: int | None) -> list[int]:
    """Return which of the gallery are not the image itself and, where a label is given, are of that class."""
    mine = key(image)
    pairs = enumerate(zip(gallery.keys, gallery.labels, strict=True))
    return [i for i, (theirs, of) in pairs if theirs != mine and label in (None, of)]
