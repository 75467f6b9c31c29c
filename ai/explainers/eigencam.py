"""Eigen-CAM: the first principal component of the layer's activations. It is the same for every class."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ai.explanation import Maps
from ai.passes import Passes
from game.registry import explainer


@explainer(
    "eigencam",
    cite="Muhammad & Yeasin 2020, IJCNN, arXiv:2008.00299",
    needs=("gradient", "activations"),
    passes=("activations",),
    family="cam",
    signed=False,
)
def eigencam(passes: Passes, targets: Sequence[int], seed: int, *, centred: bool = False) -> Maps:
    """Return the positive part of the activations' projection on their first right singular vector, (N, h, w).

    Activations are not centred, as in the paper; `centred` takes each channel's mean away first, which shows more where
    all places have much in common (tokens after a layer norm). A singular vector has no sign of its own: it is chosen so
    that the sum of the projections' cubes is positive, which for activations after a ReLU makes all of them so. The map
    does not depend on `targets`: it shows what the layer sees, not what speaks for a class. Deterministic; `seed` is
    not used.
    """
    del seed  # every method takes one
    acts, _ = passes.activations(targets)
    places = acts.flatten(2).double().transpose(1, 2)
    places = places - places.mean(1, keepdim=True) if centred else places
    few = places if places.shape[1] <= places.shape[2] else places.transpose(1, 2)
    values, vectors = torch.linalg.eigh(few @ few.transpose(1, 2))  # of the smaller Gram matrix
    first = vectors[..., -1:]
    along = (first * values[:, None, -1:].clamp_min(0).sqrt() if few is places else places @ first)[..., 0]
    along = along * torch.where((along**3).sum(1, keepdim=True) < 0, -1.0, 1.0)
    return Maps(
        along.view(len(acts), *acts.shape[2:]).clamp_min(0).float().cpu().numpy(),
        info={"layer": passes.layer, "centred": centred},
    )
