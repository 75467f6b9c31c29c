"""Grad-CAM: the last convolution's activations, weighted by how the target's logit reacts to each channel."""

from __future__ import annotations

from collections.abc import Sequence

from ai.explanation import Maps
from ai.passes import Passes
from game.registry import explainer


@explainer(
    "gradcam",
    cite="Selvaraju et al. 2017, ICCV, doi:10.1109/ICCV.2017.74",
    needs=("gradient", "activations"),
    passes=("activations",),
    family="cam",
    signed=False,
)
def gradcam(passes: Passes, targets: Sequence[int], seed: int) -> Maps:
    """Return the positive part of the weighted sum of channels, (N, h, w) at the layer's own resolution.

    A map is zero everywhere where nothing speaks for the target. The method is deterministic; `seed` is not used.
    """
    del seed  # every method takes one
    acts, grads = passes.activations(targets)
    values = (grads.mean((2, 3), keepdim=True) * acts).sum(1).clamp_min(0)
    return Maps(values.cpu().numpy(), info={"layer": passes.layer})
