"""Asks other people's programs for maps of the networks in `formula_nets.py`, and keeps their numbers in `others.json`.

Run by hand, in an environment of its own, never by a test; none of these is a dependency:

    pip install --no-deps grad-cam==1.5.7 ttach saliency==0.2.1 shap==0.51.0 slicer numba llvmlite cloudpickle \
        lime==0.2.0.1 xaitk-saliency==0.15.0 smqtk-core smqtk-image-io fast-vit-rollout==0.1.1 lxt==2.1 zennit==0.5.1
    python -m tests.ai.others_side

They are called by their public interfaces. Chefer's rules are published as a notebook only: its cell "Implementation of
rules", without its `.cuda()` calls, is looked for as a module `chefer_rules`.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
import types
from pathlib import Path

import numpy as np
import torch
from torch import nn

from tests.ai.formula_nets import TARGETS, Net, Transformer, blobs, images

HERE = Path(__file__).parent
SHARP, KEEN = 100.0, 10.0
"""Gains of the last layer: so large that Grad-CAM++'s 1e-6 below the line is nothing; so that channels' scores differ."""
RISE = {"seed": 3, "masks": 120, "grid": 4}
BLUR = {"side": 48, "wide": 4.0, "strongest": 4.0, "steps": 4000, "grad_step": 0.001}
EVERY = np.array(list(itertools.product((1, 0), repeat=9)), float)
"""All masks of 3 x 3 cells, the whole image first."""


def rise_draws() -> tuple[np.ndarray, np.ndarray]:
    """Return the coins (masks, grid, grid) and shifts (masks, 2) that our RISE draws, which theirs are given."""
    n, side = RISE["masks"], RISE["grid"]
    chance = torch.Generator().manual_seed(RISE["seed"])
    coins = torch.rand((n, side, side), generator=chance) < 0.5
    shifts = [torch.randint(math.ceil(28 / side), (n,), generator=chance) for _ in range(2)]
    return coins.numpy().astype(np.float32), torch.stack(shifts, 1).numpy()


def under(net: nn.Module, masks: np.ndarray, k: int) -> np.ndarray:
    """Return the logits of image k under masks (n, 28, 28), its mean colour where they are 0."""
    x, keep = images(28)[k : k + 1], torch.tensor(masks, dtype=torch.float32)[:, None]
    with torch.no_grad():
        return net(x * keep + x.mean((2, 3), keepdim=True) * (1 - keep)).numpy()


def cells(rows: np.ndarray) -> np.ndarray:
    """Return masks (n, 9) of 3 x 3 cells as (n, 28, 28)."""
    line = np.arange(28) * 3 // 28
    return rows[:, line[:, None] * 3 + line]


def cam(kind: str, gain: float = 1.0) -> np.ndarray:
    """grad-cam: `get_cam_image` at the layer's own resolution, before it is enlarged and scaled to [0, 1]."""
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    net, x = Net(gain=gain).requires_grad_(True), images(28)
    theirs = getattr(pytorch_grad_cam, kind)(model=net, target_layers=[net.act_2])
    wanted = [ClassifierOutputTarget(t) for t in TARGETS]
    logits = theirs.activations_and_grads(x)
    sum(t(o) for t, o in zip(wanted, logits, strict=True)).backward()
    acts, grads = (getattr(theirs.activations_and_grads, v)[0].detach().numpy() for v in ("activations", "gradients"))
    corners = nn.UpsamplingBilinear2d
    nn.UpsamplingBilinear2d = lambda size: nn.Upsample(size=size, mode="bilinear", align_corners=False)  # for ScoreCAM
    try:
        return theirs.get_cam_image(x, net.act_2, wanted, acts, grads, False)
    finally:
        nn.UpsamplingBilinear2d = corners


def rise() -> np.ndarray:
    """RISE: the authors' recipe for masks (skimage, with edges repeated), xaitk-saliency's weighted mean."""
    from skimage.transform import resize
    from xaitk_saliency.utils.masking import weight_regions_by_scalar

    coins, shifts = rise_draws()
    large = [resize(c, (5 * 7, 5 * 7), order=1, mode="edge", anti_aliasing=False) for c in coins]
    masks = np.stack([m[a : a + 28, b : b + 28] for m, (a, b) in zip(large, shifts, strict=True)]).astype(np.float64)
    return np.stack([_weighed(weight_regions_by_scalar, masks, masks, k)[0] for k in range(2)])


def rise_grid() -> np.ndarray:
    """xaitk-saliency's weighted mean over every mask of 3 x 3 cells."""
    from xaitk_saliency.utils.masking import weight_regions_by_scalar

    return np.stack([_weighed(weight_regions_by_scalar, cells(EVERY), EVERY.reshape(-1, 3, 3), k)[0] for k in range(2)])


def _weighed(weigh, masks, shown, k):
    chances = torch.tensor(under(Net(gain=KEEN), masks, k)).softmax(1)[:, TARGETS[k] : TARGETS[k] + 1]
    return weigh(chances.double().numpy(), shown, inv_masks=False, normalize=True)


def lime() -> np.ndarray:
    """lime: `LimeBase.explain_instance_with_data` over every mask of 3 x 3 cells, its own kernel, distances and ridge."""
    from lime.lime_base import LimeBase
    from sklearn.metrics import pairwise_distances

    solver, made = LimeBase(lambda d: np.sqrt(np.exp(-(d**2) / 0.25**2)), random_state=0), []
    away = pairwise_distances(EVERY, EVERY[:1], metric="cosine").ravel()
    for k, target in enumerate(TARGETS):
        scores = under(Net(gain=KEEN), cells(EVERY), k)
        told = solver.explain_instance_with_data(EVERY, scores, away, target, 9, feature_selection="none")[1]
        made.append([value for _, value in sorted(told)])
    return np.array(made).reshape(2, 3, 3)


def kernel_shap() -> np.ndarray:
    """shap: `KernelExplainer` with all 510 masks of 3 x 3 cells and no selection of features."""
    import shap

    made = []
    for k, target in enumerate(TARGETS):
        game = shap.KernelExplainer(
            lambda rows, k=k, t=target: under(Net(gain=KEEN), cells(rows), k)[:, t].astype(float), np.zeros((1, 9))
        )
        made.append(game.shap_values(np.ones((1, 9)), nsamples=2000, l1_reg=False, silent=True))
    return np.array(made).reshape(2, 3, 3)


def blur_ig() -> np.ndarray:
    """saliency: `BlurIG.GetMask`, 4,000 steps, summed over colours and over 6 x 6 pixels."""
    from saliency.core import INPUT_OUTPUT_GRADIENTS, BlurIG

    net, x = Net(BLUR["side"], nn.Softplus, gain=3.0), blobs(BLUR["side"], BLUR["wide"])

    def call(points, call_model_args=None, expected_keys=None):
        at = torch.tensor(np.asarray(points), dtype=torch.float32).permute(0, 3, 1, 2).requires_grad_(True)
        net(at)[:, call_model_args].sum().backward()
        return {INPUT_OUTPUT_GRADIENTS: at.grad.permute(0, 2, 3, 1).numpy()}

    how = {"max_sigma": BLUR["strongest"], "steps": BLUR["steps"], "grad_step": BLUR["grad_step"], "batch_size": 50}
    whole = [
        BlurIG().GetMask(x[k].permute(1, 2, 0).double().numpy(), call, TARGETS[k], **how).sum(-1) for k in range(2)
    ]
    return np.stack(whole).reshape(2, 8, 6, 8, 6).sum((2, 4))


class Plain(nn.Module):
    """The transformer in the shape that others' hooks look for: `blocks[i].attn` with `attn_drop`, its map and gradient."""

    class Heads(nn.Module):
        def __init__(self, ours):
            super().__init__()
            self.ours, self.attn_drop = ours, nn.Dropout(0.0)

        def get_attention_map(self):
            return self.map

        def get_attn_gradients(self):
            return self.grad

        def keep(self, grad):
            self.grad = grad

        def forward(self, x, register_hook):
            n, tokens, width = x.shape
            q, k, v = self.ours.qkv(x).reshape(n, tokens, 3, self.ours.heads, -1).permute(2, 0, 3, 1, 4)
            self.map = self.attn_drop(((q @ k.transpose(-2, -1)) * q.shape[-1] ** -0.5).softmax(-1))
            if register_hook:
                self.map.register_hook(self.keep)
            return self.ours.proj((self.map @ v).transpose(1, 2).reshape(n, tokens, width))

    class Layer(nn.Module):
        def __init__(self, ours):
            super().__init__()
            self.ours, self.attn = ours, Plain.Heads(ours.attention)

        def forward(self, x, register_hook):
            x = x + self.attn(self.ours.norm_1(x), register_hook)
            return x + self.ours.shrink(self.ours.gelu(self.ours.grow(self.ours.norm_2(x))))

    def __init__(self):
        super().__init__()
        self.ours = Transformer().requires_grad_(True)
        self.blocks = nn.ModuleList([self.Layer(block) for block in self.ours.blocks])

    def forward(self, x, register_hook=False):
        x = self.ours.embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.ours.cls.expand(len(x), -1, -1), x], 1) + self.ours.place
        for block in self.blocks:
            x = block(x, register_hook)
        return self.ours.head(self.ours.norm(x[:, 0]))


def rollout() -> np.ndarray:
    """fast-vit-rollout: mean over heads, nothing discarded; its hooks see the plain twin."""
    from fast_vit_rollout import ViTAttentionRollout

    twin = Plain()
    theirs = ViTAttentionRollout(twin, head_fusion="mean", discard_ratio=0.0)
    with torch.no_grad():
        twin(images(32))
    return theirs._compute_rollout()[:, 0, 1:].numpy().reshape(2, 4, 4)


def chefer() -> np.ndarray:
    """The authors' `generate_relevance`."""
    from chefer_rules import generate_relevance

    twin, x = Plain(), images(32)
    made = [generate_relevance(twin, x[k : k + 1], index=t).detach().numpy() for k, t in enumerate(TARGETS)]
    return np.stack(made).reshape(2, 4, 4)


def attn_lrp(least: float = 1e-12) -> np.ndarray:
    """lxt: the network written with its explicit rules, in double precision; epsilons are `least`."""
    from lxt.explicit import functional as lrp
    from lxt.explicit.rules import epsilon_lrp, identity

    net = Transformer().double()

    def linear(layer, x):
        return lrp.linear_epsilon(x, layer.weight, layer.bias, least)

    def norm(layer, x):
        return lrp.layer_norm(x, layer.weight, layer.bias, layer.eps)

    def attend(layer, x):
        n, tokens, width = x.shape
        q, k, v = linear(layer.qkv, x).reshape(n, tokens, 3, layer.heads, -1).permute(2, 0, 3, 1, 4)
        scores = lrp.matmul(lrp.mul2(q, torch.tensor(q.shape[-1] ** -0.5).double()), k.transpose(-2, -1), False, least)
        out = lrp.matmul(lrp.softmax(scores, -1), v, False, least)
        return linear(layer.proj, out.transpose(1, 2).reshape(n, tokens, width))

    given = images(32).double().requires_grad_(True)
    x = epsilon_lrp(net.embed, least, given).flatten(2).transpose(1, 2)
    x = lrp.add2(torch.cat([net.cls.expand(2, -1, -1), x], 1), net.place.expand(2, -1, -1), False, least)
    for block in net.blocks:
        x = lrp.add2(x, attend(block.attention, norm(block.norm_1, x)), False, least)
        x = lrp.add2(
            x, linear(block.shrink, identity(block.gelu, linear(block.grow, norm(block.norm_2, x)))), False, least
        )
    logit = linear(net.head, norm(net.norm, x[:, 0]))[range(2), list(TARGETS)]
    (relevance,) = torch.autograd.grad(logit, given, grad_outputs=logit.detach())
    return relevance.sum(1).reshape(2, 4, 8, 4, 8).sum((2, 4)).numpy()


def attn_lrp_gamma() -> np.ndarray:
    """lxt's efficient rules with zennit's `Gamma`: 0.25 for the convolution, 0.05 for linear layers, double precision."""
    import lxt

    package = types.ModuleType("lxt.efficient")  # its own would load models that want all of transformers
    package.__path__ = [str(Path(lxt.__path__[0]) / "efficient")]
    sys.modules["lxt.efficient"] = package
    from lxt.efficient.patches import layer_norm_forward as norm
    from lxt.efficient.rules import divide_gradient, identity_rule_implicit
    from lxt.efficient.zennit_patches import monkey_patch_zennit
    from zennit.composites import LayerMapComposite
    from zennit.rules import Gamma

    def attend(layer, x):
        q, k, v = layer.qkv(x).reshape(*x.shape[:2], 3, layer.heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = divide_gradient(q, 4), divide_gradient(k, 4), divide_gradient(v, 2)
        out = ((q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)).softmax(-1) @ v
        return layer.proj(out.transpose(1, 2).reshape(x.shape))

    monkey_patch_zennit()
    net, given = Transformer().double(), images(32).double().requires_grad_(True)
    with LayerMapComposite([(nn.Conv2d, Gamma(0.25)), (nn.Linear, Gamma(0.05))]).context(net):
        x = net.embed(given).flatten(2).transpose(1, 2)
        x = torch.cat([net.cls.expand(2, -1, -1), x], 1) + net.place
        for block in net.blocks:
            x = x + attend(block.attention, norm(block.norm_1, x))
            x = x + block.shrink(identity_rule_implicit(block.gelu, block.grow(norm(block.norm_2, x))))
        net.head(norm(net.norm, x[:, 0]))[range(2), list(TARGETS)].sum().backward()
    return (given.grad * given.detach()).sum(1).reshape(2, 4, 8, 4, 8).sum((2, 4)).numpy()


def main() -> None:
    """Ask all of them and write the file."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):  # torchvision of another build stops at import without them
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    coins, shifts = rise_draws()
    maps = {
        "gradcam": cam("GradCAM"), "gradcam_plus_plus": cam("GradCAMPlusPlus", SHARP), "layercam": cam("LayerCAM"),
        "scorecam": cam("ScoreCAM", KEEN), "eigencam": cam("EigenCAM"), "rise": rise().reshape(2, 7, 4, 7, 4).mean((2, 4)),
        "rise_grid": rise_grid(), "lime": lime(), "kernel_shap": kernel_shap(), "blur_ig": blur_ig(),
        "rollout": rollout(), "chefer": chefer(), "attn_lrp": attn_lrp(),
        "attn_lrp with gamma": attn_lrp_gamma(),
    }  # fmt: skip
    kept = {name: [[float(f"{v:.8g}") for v in one.ravel()] for one in map_] for name, map_ in maps.items()}
    text = {"torch": torch.__version__, "rise_draws": [int(coins.sum()), int(shifts.sum())], "maps": kept}
    (HERE / "others.json").write_text(json.dumps(text, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
