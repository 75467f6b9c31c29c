"""The door to captum: what is right is reached, whatever a network's batch; what is not is refused."""

import numpy as np
import pytest
import torch

from ai.engine import Refused, explain
from ai.explainers.captum_adapter import LAYERED
from ai.passes import Passes
from ai.teammate import new


def passes(mate, n):
    x = torch.randn(n, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    return Passes(mate.module, x, layer=mate.layer, has=mate.has, model=mate.name)


@pytest.mark.parametrize("name", ["Saliency", "InputXGradient", "IntegratedGradients", "GradientShap", "Occlusion",
                                  "FeatureAblation", "ShapleyValueSampling", "GuidedBackprop", "Deconvolution", "DeepLift",
                                  "DeepLiftShap", "GuidedGradCam", "NoiseTunnel", "ShapleyValues", *LAYERED])  # fmt: skip
def test_captum_is_reachable(name, mate):
    p = passes(mate, 2)
    made = explain("captum", p, (0, 1), 3, name=name, grid=2, samples=4)
    assert made.values.shape == ((2, *p.activations()[0].shape[2:]) if name in LAYERED else (2, 16, 16))
    nowhere = name == "GuidedGradCam" and not explain("gradcam", p, (0, 1)).values.any()
    assert made.values.std() > 0 or nowhere
    alone = explain("captum", p.over(p.images[1:]), (1,), 3, name=name, grid=2, samples=4)
    np.testing.assert_allclose(made.values[1:], alone.values, atol=1e-6)
    assert not any(m._forward_hooks or m._backward_hooks for m in mate.module.modules())


@pytest.mark.parametrize(
    ("name", "reason"),
    [("LRP", "input x gradient"), ("FeaturePermutation", "depends on its batch"), ("Lime", "scikit-learn")],
)
def test_what_captum_gets_wrong_is_refused(name, reason, mate):
    with pytest.raises(Refused, match=reason):
        explain("captum", passes(mate, 2), (0, 1), name=name)
    with pytest.raises(ValueError, match="not offered"):
        explain("captum", passes(mate, 2), (0, 1), name="Nonsense")


def test_a_layer_of_tokens_is_laid_out_and_grad_cam_on_it_refused():
    mate = new("small_vit", 4, seed=5)
    p = Passes(mate.module, torch.randn(1, 3, 32, 32), layer=mate.layer, has=mate.has, model="small_vit")
    made = explain("captum", p, (1,), name="LayerGradientXActivation")
    acts, grads = p.activations((1,))
    np.testing.assert_allclose(made.values, (acts * grads).sum(1), atol=1e-5)
    assert made.values.shape == (1, 4, 4)
    with pytest.raises(Refused, match=r"tokens as if they were channels.*'gradcam'"):
        explain("captum", p, (1,), name="LayerGradCam")
    with pytest.raises(ValueError, match="a grid of 3 at most"):
        explain("captum", p, (1,), name="ShapleyValues", grid=4)
