"""Axioms that methods claim, over drawn networks and pictures: where the picture moves the map moves, and how a function is
written does not matter."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from ai.engine import explain
from ai.fused import fused
from ai.passes import Passes

few = settings(max_examples=4, deadline=None)
HAS = ("gradient", "convolution", "activations", "relu", "no_inplace")
SIDE, GRID = 12, 3


class Turning(nn.Module):
    """A network on a torus: a picture that is rolled gives the same logits. With `mode` zeros it has borders."""

    def __init__(self, seed, mode="circular"):
        super().__init__()
        torch.manual_seed(seed)
        self.first = nn.Conv2d(3, 5, 3, padding=1, padding_mode=mode, bias=False)
        self.norm = nn.BatchNorm2d(5)
        self.second = nn.Conv2d(5, 6, 3, padding=1, padding_mode=mode)
        self.relu_1, self.relu_2, self.head = nn.ReLU(), nn.ReLU(), nn.Linear(6, 3)
        with torch.no_grad():
            self.norm.running_mean.normal_(0, 0.2)
            self.norm.running_var.uniform_(0.5, 2)
            self.norm.weight.uniform_(0.5, 1.5)
            self.norm.bias.normal_(0, 0.2)

    def forward(self, x):
        return self.head(self.relu_2(self.second(self.relu_1(self.norm(self.first(x))))).mean((2, 3)))


def passes(module, images):
    return Passes(module.eval(), images, layer="relu_2", has=HAS, model="net")


def pictures(seed):
    return torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


ON_A_GRID = {
    "feature_ablation": {"grid": GRID},
    "kernel_shap": {"grid": GRID, "masks": 600},  # nine cells: every coalition, so nothing is drawn
    "occlusion": {"window": 4, "stride": 4},
}


@pytest.mark.parametrize("method", ON_A_GRID)
@few
@given(seed=st.integers(0, 999), down=st.integers(0, GRID - 1), across=st.integers(0, GRID - 1))
def test_a_picture_that_moves_by_cells_moves_its_map(method, seed, down, across):
    net, x, cell = Turning(seed), pictures(seed), SIDE // GRID
    here = explain(method, passes(net, x), [0, 1], **ON_A_GRID[method]).values
    there = explain(
        method, passes(net, x.roll((down * cell, across * cell), (2, 3))), [0, 1], **ON_A_GRID[method]
    ).values
    steps = (down, across) if here.shape[1] == GRID else (down * cell, across * cell)
    np.testing.assert_allclose(np.roll(here, steps, (1, 2)), there, atol=1e-5)


@pytest.mark.parametrize("method", ["saliency", "input_x_gradient", "gradcam", "layercam", "gradcam_plus_plus"])
@few
@given(seed=st.integers(0, 999), down=st.integers(0, SIDE - 1), across=st.integers(0, SIDE - 1))
def test_a_picture_that_moves_by_pixels_moves_its_map(method, seed, down, across):
    net, x = Turning(seed), pictures(seed)
    here, there = (explain(method, passes(net, y), [0, 1]).values for y in (x, x.roll((down, across), (2, 3))))
    np.testing.assert_allclose(np.roll(here, (down, across), (1, 2)), there, atol=1e-5)


WRITTEN = {
    **{name: {} for name in ("saliency", "input_x_gradient", "gradcam", "contrast", "deeplift", "eigencam")},
    **{name: {"samples": 4} for name in ("smoothgrad", "vargrad", "expected_gradients", "deeplift_shap")},
    **{name: {"steps": 16} for name in ("integrated_gradients", "blur_ig")},
    **{name: {} for name in ("lrp_epsilon", "lrp_zplus", "lrp_gamma", "lrp_alpha_beta", "guided_backprop")},
    **{name: {"grid": GRID} for name in ("feature_ablation", "kernel_shap", "shapley_sampling")},
}


@pytest.mark.parametrize("method", WRITTEN)
@few
@given(seed=st.integers(0, 999))
def test_a_norm_of_its_own_or_one_with_its_convolution_makes_no_difference(method, seed):
    """The rules that are not invariant by nature (LRP) are so here: norms are folded before they are applied."""
    net, x = Turning(seed, "zeros").eval(), pictures(seed)
    other, changed = fused(net, x[:1])
    assert changed, "a norm was folded"
    one, two = (explain(method, passes(module, x), [0, 1], 3, **WRITTEN[method]).values for module in (net, other))
    scale = max(1.0, float(np.abs(one).max()))
    np.testing.assert_allclose(one / scale, two / scale, atol=2e-5)
