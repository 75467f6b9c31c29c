"""The same methods by Captum: one image a call with its defaults, and with the best batched settings known for each.

Captum gets the same numbers of samples, steps and masks as we do; "defaults" are all its other settings. The batched
settings are the fastest of those tried on a CPU: as many images, or inner samples, as fill a batch of `BATCH`.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from typing import Any

import torch
from captum import attr
from torch import Tensor, nn

from tests.bench.floor import GRID, MASKS, ORDERS, REFERENCES, SAMPLES, STEPS

BATCH = 32
NOISE = {"smoothgrad": "smoothgrad", "vargrad": "vargrad", "smoothgrad_squared": "smoothgrad_sq"}
PLAIN = {
    "saliency": attr.Saliency,
    "input_x_gradient": attr.InputXGradient,
    "guided_backprop": attr.GuidedBackprop,
    "deconvolution": attr.Deconvolution,
    "deeplift": attr.DeepLift,
    "lrp_epsilon": attr.LRP,
}
"""Methods of one call, which take any number of images."""
CAM = {"gradcam": attr.LayerGradCam, "guided_gradcam": attr.GuidedGradCam}
MASKED = {
    "feature_ablation": (attr.FeatureAblation, {}),
    "kernel_shap": (attr.KernelShap, {"n_samples": MASKS}),
    "lime": (attr.Lime, {"n_samples": MASKS}),
    "shapley_sampling": (attr.ShapleyValueSampling, {"n_samples": ORDERS}),
}
FITTED = ("kernel_shap", "lime")
"""Captum fits these with scikit-learn; where it is not installed they are left out."""
RELU_ONLY = ("guided_backprop", "deconvolution", "deeplift", "deeplift_shap", "lrp_epsilon", "guided_gradcam")
"""Not valid on a transformer, where Captum gives another method's map without a word: left out there."""

Call = Callable[[Tensor, Tensor], object]


def sides(method: str, module: nn.Module, layer: str, attention: bool, steps: int = STEPS) -> tuple[Call, Call] | None:
    """Return how Captum makes the maps, image by image and batched; None where it has no such method.

    Each takes images (N, 3, H, W) and targets (N,). `steps` are those of integrated gradients.
    """
    if attention and method in RELU_ONLY:
        return None
    module.eval()
    made = _call(method, module, layer, steps)
    if made is None:
        return None
    call, plain, best, together = made
    return _split(call, 1, plain), _split(call, together, best)


def _split(call: Any, size: int, options: dict[str, Any]) -> Call:
    def run(images: Tensor, targets: Tensor) -> list[Tensor]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pairs = zip(images.split(size), targets.split(size), strict=True)
            return [call(x, t, options).detach() for x, t in pairs]

    return run


def _call(
    method: str, module: nn.Module, layer: str, steps: int
) -> tuple[Any, dict[str, Any], dict[str, Any], int] | None:
    """Return the call (images, targets, options), the options by default, the best ones, and images a call for these."""
    if method in PLAIN:
        made: Any = PLAIN[method](module)
        return lambda x, t, o: made.attribute(x.clone().requires_grad_(True), target=t, **o), {}, {}, 16
    if method in CAM:
        cam: Any = CAM[method](module, module.get_submodule(layer))
        return lambda x, t, o: cam.attribute(x.clone().requires_grad_(True), target=t, **o), {}, {}, 16
    if method in NOISE:
        tunnel: Any = attr.NoiseTunnel(attr.Saliency(module))
        given = {"nt_type": NOISE[method], "nt_samples": SAMPLES, "stdevs": 0.5, "abs": False}
        return lambda x, t, o: tunnel.attribute(x, target=t, **given, **o), {}, {"nt_samples_batch_size": 5}, 6
    if method == "integrated_gradients":
        path: Any = attr.IntegratedGradients(module)
        given = {"n_steps": steps}
        return lambda x, t, o: path.attribute(x, target=t, **given, **o), {}, {"internal_batch_size": BATCH}, 2
    if method in ("expected_gradients", "deeplift_shap"):
        return _references(method, module)
    if method == "occlusion":
        window: Any = attr.Occlusion(module)
        given = {"sliding_window_shapes": (3, 12, 12), "strides": (3, 6, 6)}
        best = {"perturbations_per_eval": BATCH}
        return lambda x, t, o: window.attribute(x, target=t, **given, **o), {}, best, 1
    if method in FITTED and not importlib.util.find_spec("sklearn"):
        return None
    if method in MASKED:
        kind, counts = MASKED[method]
        masked: Any = kind(module)
        best = {"perturbations_per_eval": BATCH}
        quiet = {} if method == "feature_ablation" else {"show_progress": False}
        return (
            lambda x, t, o: masked.attribute(x, target=t, feature_mask=cells(x), **counts, **quiet, **o),
            {}, best, 1,
        )  # fmt: skip
    return None


def _references(method: str, module: nn.Module) -> tuple[Any, dict[str, Any], dict[str, Any], int]:
    if method == "deeplift_shap":
        made: Any = attr.DeepLiftShap(module)
        return lambda x, t, o: made.attribute(x, target=t, baselines=_drawn(x, REFERENCES), **o), {}, {}, 2
    shap: Any = attr.GradientShap(module)
    given = {"n_samples": SAMPLES}
    return lambda x, t, o: shap.attribute(x, target=t, baselines=_drawn(x, SAMPLES), **given, **o), {}, {}, 1


def _drawn(like: Tensor, n: int) -> Tensor:
    drawn = torch.randn((n, *like.shape[1:]), generator=torch.Generator().manual_seed(0))
    return drawn.to(like)


def cells(images: Tensor) -> Tensor:
    """Return which cell of the grid each value belongs to, (1, 3, H, W), in memory of its own."""
    height, width = images.shape[-2:]
    rows, columns = torch.arange(height) * GRID // height, torch.arange(width) * GRID // width
    one = rows[:, None] * GRID + columns
    return one.expand(1, images.shape[1], height, width).contiguous().to(images.device)
