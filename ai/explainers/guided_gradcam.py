"""Guided Grad-CAM: guided backpropagation where Grad-CAM is bright. One forward pass serves both."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ai.engine import Refusal, Refused
from ai.explainers.guided_backprop import guided
from ai.explanation import Maps
from ai.passes import Passes
from ai.rewired import batches, counted, one_hot, rewire
from game.registry import explainer


@explainer(
    "guided_gradcam",
    cite="Selvaraju et al. 2017, ICCV, doi:10.1109/ICCV.2017.74",
    needs=("gradient", "convolution", "relu", "no_inplace"),
    passes=("modified",),
    cost="1 G",
    family="modified gradient",
    instead=("gradcam",),
    signed=False,
)
def guided_gradcam(passes: Passes, targets: Sequence[int], seed: int) -> Maps:
    """Return guided backpropagation times Grad-CAM (enlarged bilinearly), its largest absolute value over colours, (N, H, W).

    Refuses networks without ReLUs and layers that are not read as pictures. Deterministic; `seed` is not used.
    """
    del seed  # every method takes one
    net, parts = rewire(passes, "guided_gradcam", "gradcam"), list[Tensor]()
    layer = net.layer
    if layer is None:
        reason = f"the output of its layer {passes.layer!r} is not one of the steps that were read"
        raise Refused(Refusal("guided_gradcam", passes.model or "this model", "convolution", reason, "gradcam"))
    for images, chosen, _ in batches(passes, targets):
        run = net.forward(images)
        start = one_hot(run, chosen)
        weights = net.backward(run, start, until=layer).mean((2, 3), keepdim=True)  # plain, and only down to the layer
        cam = (weights * run.values[layer]).sum(1, keepdim=True).clamp_min(0)
        cam = functional.interpolate(cam, images.shape[-2:], mode="bilinear", align_corners=False)
        parts.append((net.backward(run, start, guided(net)).abs().amax(1, keepdim=True) * cam)[:, 0])
    counted(passes, 0, len(passes))
    return Maps(torch.cat(parts).cpu().numpy(), info={"layer": passes.layer})
