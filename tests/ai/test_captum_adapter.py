"""The door to captum: what is right is reached, whatever a network's batch; what is not is refused."""

import numpy as np
import pytest
import torch

from ai.engine import Refused, explain
from ai.passes import Passes


def passes(mate, n):
    x = torch.randn(n, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    return Passes(mate.module, x, layer=mate.layer, has=mate.has, model=mate.name)


@pytest.mark.parametrize("name", ["Saliency", "InputXGradient", "IntegratedGradients", "GradientShap", "Occlusion",
                                  "FeatureAblation", "ShapleyValueSampling", "GuidedBackprop", "Deconvolution", "DeepLift",
                                  "DeepLiftShap"])  # fmt: skip
def test_captum_is_reachable(name, mate):
    p = passes(mate, 2)
    made = explain("captum", p, (0, 1), 3, name=name, grid=2, samples=4)
    assert made.values.shape == (2, 16, 16)
    assert made.values.std() > 0
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
