"""What Captum 0.9 passes over in silence, shown on small nets; what ours does instead stands beside it."""

import numpy as np
import pytest
import torch
from captum.attr import LRP, DeepLift, FeaturePermutation, InputXGradient, LayerGradCam, ShapleyValueSampling
from captum.attr._utils.lrp_rules import IdentityRule
from torch import nn
from torch.nn import functional

from ai.engine import Refused, explain
from ai.passes import Passes
from ai.teammate import new

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
HAS = ("gradient", "convolution", "activations", "relu", "no_inplace")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.head = nn.Conv2d(3, 4, 3, 2), nn.Conv2d(4, 6, 3, 2), nn.Linear(6, 4)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.head(functional.relu(self.second(functional.relu(self.first(x)))).mean((2, 3)))


class Reused(Net):
    def forward(self, x):
        return self.head(self.relu(self.second(self.relu(self.first(x)))).mean((2, 3)))


def passes(kind):
    torch.manual_seed(3)
    return Passes(kind().eval(), torch.randn(2, 3, 17, 17), layer="second", has=HAS, model=kind.__name__)


def test_deeplift_does_not_sum_up_where_relus_are_functions():
    p, chosen = passes(Net), torch.tensor([0, 1])
    x = p.images.clone().requires_grad_(True)
    theirs = DeepLift(p.module).attribute(x, torch.zeros_like(x), target=chosen)
    change = (p.module(x) - p.module(torch.zeros_like(x))).gather(1, chosen[:, None])[:, 0]
    assert float(((theirs.sum((1, 2, 3)) - change) / change).abs().max()) > 0.05
    with pytest.raises(Refused, match="called as a function"):
        explain("deeplift", p, [0, 1])


def test_a_relu_used_twice_is_an_error_there_and_a_refusal_with_advice_here():
    p = passes(Reused)
    with pytest.raises(RuntimeError, match="used more than once"):
        DeepLift(p.module).attribute(p.images.clone().requires_grad_(True), target=torch.tensor([0, 1]))
    with pytest.raises(Refused, match=r"used 2 times in a pass: give each use its own"):
        explain("deeplift", passes(Reused), [0, 1])


def test_deeplift_on_a_transformer_is_input_x_gradient():
    mate = new("small_vit", 4, seed=2)
    x = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(1)).requires_grad_(True)
    base = torch.zeros_like(x)
    theirs, plain = (
        DeepLift(mate.module.eval()).attribute(x, base, target=1),
        InputXGradient(mate.module).attribute(x, target=1),
    )
    torch.testing.assert_close(theirs, plain, atol=1e-6, rtol=1e-4)
    change = float((mate.module(x) - mate.module(base))[0, 1])
    assert abs(float(theirs.sum()) - change) > 0.1 * abs(change)
    p = Passes(mate.module, x.detach(), layer=mate.layer, has=mate.has, model="small_vit")
    with pytest.raises(Refused, match=r"gelu.*'integrated_gradients'"):
        explain("deeplift", p, [1])
    made = explain("integrated_gradients", p, [1], baseline="grey")
    assert made.gap.max() < 0.05, "and what is named instead does sum up"


def test_lrp_dies_in_a_flatten_and_leaves_the_model_unusable():
    def flat():
        torch.manual_seed(1)
        return nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 8 * 8, 3)).eval()

    theirs, x = flat(), torch.randn(2, 3, 17, 17, generator=torch.Generator().manual_seed(1))
    with pytest.raises(TypeError, match="Flatten"):
        LRP(theirs).attribute(x, target=0)
    theirs[2].rule = IdentityRule()
    with pytest.raises((RuntimeError, AttributeError, TypeError)):
        LRP(theirs).attribute(x, target=0)
    module = flat()
    p = Passes(module, x, layer="0", has=HAS, model="flat")
    first = explain("lrp_epsilon", p, [0, 0])
    assert np.isfinite(first.values).all()
    assert not any(m._forward_hooks or m._backward_hooks or m._forward_pre_hooks for m in module.modules())
    np.testing.assert_array_equal(first.values, explain("lrp_epsilon", p.over(x), [0, 0]).values)


def test_grad_cam_takes_tokens_for_channels():
    mate = new("small_vit", 4, seed=2)
    x = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    block = mate.module.eval().get_submodule(mate.layer)
    theirs = LayerGradCam(mate.module, block).attribute(x.requires_grad_(True), target=1)
    assert theirs.shape == (1, 1, 128), "one number a channel, none a place"
    p = Passes(mate.module, x.detach(), layer=mate.layer, has=mate.has, model="small_vit")
    assert explain("gradcam", p, [1]).values.shape == (1, 4, 4)


def test_an_expanded_mask_is_an_error_and_permutation_of_one_image_shows_nothing(capsys):
    p = passes(Net)
    cells = (torch.arange(17)[:, None] * 2 // 17 * 2 + torch.arange(17) * 2 // 17).expand(1, 3, 17, 17)
    with pytest.raises(RuntimeError, match="view"):
        ShapleyValueSampling(p.module).attribute(p.images, target=0, feature_mask=cells, n_samples=1)
    assert np.isfinite(explain("shapley_sampling", p, [0, 0], grid=2, orders=2).values).all()
    alone = FeaturePermutation(p.module).attribute(p.images[:1], target=0, feature_mask=cells[:1].contiguous())
    capsys.readouterr()
    assert not alone.any(), "one image has nothing to be shuffled with"
    with pytest.raises(Refused, match="depends on its batch"):
        explain("captum", p, [0, 0], name="FeaturePermutation")
