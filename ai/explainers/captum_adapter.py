"""Captum: one door to the library's methods, its long tail included, with the refusals that the library lacks."""

from __future__ import annotations

import copy
import importlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ai.engine import REASONS, Refusal, Refused
from ai.explanation import Maps
from ai.passes import Passes
from ai.references import references
from ai.rewired import plain_relus, rewire
from ai.runner import still
from ai.surroundings import draws
from game.registry import explainer

REFERENCES = 8
"""Reference images for the methods that average over some."""
HOOKED = ("GuidedBackprop", "Deconvolution", "DeepLift", "DeepLiftShap", "GuidedGradCam")
"""Methods that hook ReLU modules: in networks whose ReLUs are not plain they return another method's map."""
MASKED = ("FeatureAblation", "ShapleyValueSampling", "ShapleyValues")
PLAIN = ("Saliency", "InputXGradient", "IntegratedGradients", "GradientShap", "Occlusion", "NoiseTunnel")
LAYERED = ("LayerActivation", "LayerGradientXActivation", "LayerGradCam", "LayerConductance", "InternalInfluence",
           "LayerIntegratedGradients")  # fmt: skip
"""Methods that attribute to the output of the model's layer: maps at its resolution, tokens laid out on their grid."""
STEPPED = ("IntegratedGradients", "LayerConductance", "InternalInfluence", "LayerIntegratedGradients")
MOST = 3
"""Cells a side of ShapleyValues, which runs every set of them: 512 passes."""
NEVER = {
    "LRP": ("its default rules give input x gradient, and the logit is not conserved", "lrp_zplus"),
    "KernelShap": ("it needs scikit-learn, which is not installed with this program", "kernel_shap"),
    "Lime": ("it needs scikit-learn, which is not installed with this program", "lime"),
    "FeaturePermutation": (
        "it shuffles features between the images of a batch, so a map depends on its batch",
        "occlusion",
    ),
}
"""Methods that are refused for every model: why, and which to take."""


@explainer(
    "captum",
    cite="Kokhlikyan et al. 2020, arXiv:2009.07896",
    needs=("gradient",),
    passes=("library",),
    cost="what the library takes",
    family="library",
    signed=True,
)
def captum(
    passes: Passes, targets: Sequence[int], seed: int, *, name: str = "Saliency", grid: int = 6, samples: int = 0
) -> Maps:
    """Return what captum's `name` gives, summed over the colours, (N, H, W); on a copy of the model, image by image.

    `grid` cells per side are the features of FeatureAblation and ShapleyValueSampling, and Occlusion's window is one of
    them; `samples` is how many draws or steps, 0 for captum's default. The baseline is the image's mean colour. Randomness
    comes from the image's pixels and `seed`. NoiseTunnel is that of Saliency; methods of a layer read the model's own and
    give maps at its resolution, (N, h, w); ShapleyValues takes at most 3 x 3 cells. Slow: for comparison, not for bulk.
    """
    _valid(passes, name, grid)
    passes.used.add("library")
    with still(passes.module):
        module = copy.deepcopy(passes.module).eval()
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    method, refs = _method(name, module, passes.layer), references(passes, REFERENCES, seed).images.clone()
    parts = [_one(method, name, image, (int(t), seed, grid, samples), refs) for image, t in zip(
        passes.images, targets, strict=True)]  # fmt: skip
    if name in LAYERED:
        parts = [passes.laid_out(part[None])[0] for part in parts]
    return Maps(torch.stack([part.sum(0) for part in parts]).cpu().numpy(), signed=True, info={"name": name})


def _method(name: str, module: nn.Module, layer: str) -> Any:
    library = importlib.import_module("captum.attr")
    if name == "NoiseTunnel":
        return library.NoiseTunnel(library.Saliency(module))
    if name in LAYERED or name == "GuidedGradCam":
        return getattr(library, name)(module, module.get_submodule(layer))
    return getattr(library, name)(module)


def _valid(passes: Passes, name: str, grid: int) -> None:
    """Refuse what would be wrong, and what is not known here."""
    model = passes.model or "this model"
    if name == "ShapleyValues" and grid > MOST:
        raise ValueError(
            f"captum's ShapleyValues runs all 2^{grid * grid} sets of cells: give a grid of {MOST} at most"
        )
    if name in LAYERED or name == "GuidedGradCam":
        _has_layer(passes, f"captum {name}", model)
    if name in NEVER:
        raise Refused(Refusal(f"captum {name}", model, "validity", *NEVER[name]))
    if name in HOOKED:
        plain_relus(passes, f"captum {name}", "integrated_gradients")
        net = rewire(passes, f"captum {name}")
        if name.startswith("DeepLift") and any(step.kind == "max_pool" for step in net.steps):
            reason = "its rule for maximum pooling loses contributions, so they do not sum to the logit's change"
            nearest = "deeplift" if name == "DeepLift" else "deeplift_shap"
            raise Refused(Refusal(f"captum {name}", model, "validity", reason, nearest))
    elif name not in MASKED + PLAIN + LAYERED:
        known = ", ".join(sorted((*PLAIN, *MASKED, *HOOKED, *LAYERED)))
        raise ValueError(f"captum's {name!r} is not offered here; known: {known}")


def _has_layer(passes: Passes, method: str, model: str) -> None:
    if not passes.layer:
        raise Refused(Refusal(method, model, "activations", REASONS["activations"], "saliency"))
    if "no_inplace" in passes.lacking:
        raise Refused(Refusal(method, model, "no_inplace", passes.lacking["no_inplace"], "saliency"))
    if "GradCam" in method and "convolution" not in passes.has:
        reason = "it averages tokens as if they were channels, and gives another map without a word"
        raise Refused(Refusal(method, model, "convolution", reason, "gradcam"))


def _one(method: Any, name: str, image: Tensor, how: tuple[int, int, int, int], refs: Tensor) -> Tensor:
    """Attribute one image under a random state of its own; captum's notes about hooks are not for the reader of a map."""
    target, seed, grid, samples = how
    x = image[None].clone()
    with warnings.catch_warnings(), _drawing(int(draws(image, seed).integers(2**31)), x):
        warnings.simplefilter("ignore")
        made = method.attribute(
            x.requires_grad_(name not in MASKED),
            **({} if name == "LayerActivation" else {"target": target}),
            **_options(name, x, grid, samples, refs),
        )
    made = made[0] if isinstance(made, tuple) else made
    return made.detach()[0].float()


@contextmanager
def _drawing(seed: int, x: Tensor) -> Iterator[None]:
    """Seed torch and numpy, which captum draws from, and give both their state back."""
    state = np.random.get_state()
    with torch.random.fork_rng(devices=[x.device] if x.is_cuda else []):
        try:
            torch.manual_seed(seed)
            np.random.seed(seed)
            yield
        finally:
            np.random.set_state(state)


def _options(name: str, x: Tensor, grid: int, samples: int, refs: Tensor) -> dict[str, Any]:
    """Return what a method takes beside image and target."""
    mean = x.detach().mean((2, 3), keepdim=True).expand_as(x).contiguous()
    height, width = x.shape[-2:]
    more = {"n_samples": samples} if samples else {}
    if name in ("GradientShap", "DeepLiftShap"):
        return {"baselines": refs, **(more if name == "GradientShap" else {})}
    if name == "NoiseTunnel":
        return {"nt_samples": samples} if samples else {}
    if name in (*STEPPED, "DeepLift"):
        return {"baselines": mean, **({"n_steps": samples} if samples and name in STEPPED else {})}
    if name == "Occlusion":
        window = (x.shape[1], max(1, height // grid), max(1, width // grid))
        return {
            "baselines": mean,
            "sliding_window_shapes": window,
            "strides": (x.shape[1], *(max(1, w // 2) for w in window[1:])),
        }
    if name in MASKED:
        rows, columns = torch.arange(height) * grid // height, torch.arange(width) * grid // width
        cells = (rows[:, None] * grid + columns).expand(1, x.shape[1], height, width).contiguous().to(x.device)
        return {"baselines": mean, "feature_mask": cells, **(more if name == "ShapleyValueSampling" else {})}
    return {}
