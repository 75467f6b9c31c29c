"""Class activation maps: each against its own definition, written out slowly, and on tokens."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from ai.enlarging import enlarging
from ai.explainers import eigencam, scorecam
from ai.passes import Passes
from game.registry import explainer

CAMS = ("gradcam", "gradcam_plus_plus", "layercam", "scorecam", "eigencam")
TARGETS = (0, 2, 1)


class Convolved(nn.Module):
    """Two convolutions and a hidden layer, so that gradients differ from place to place."""

    def __init__(self):
        super().__init__()
        self.last = nn.Sequential(nn.Conv2d(3, 5, 3, 2, 1), nn.ReLU(), nn.Conv2d(5, 6, 3, 2, 1), nn.ReLU())
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(6 * 16, 8), nn.Tanh(), nn.Linear(8, 3))

    def forward(self, x):
        return self.head(self.last(x))


class Tokens(nn.Module):
    """A class token and 4 x 4 patches by their mean colours; the answer reads patch (1, 3) alone."""

    patch, prefix, seen = 4, 1, 1 + 1 * 4 + 3

    def __init__(self):
        super().__init__()
        self.lay = nn.Identity()

    def forward(self, x):
        patches = functional.avg_pool2d(x, self.patch).flatten(2).transpose(1, 2)
        tokens = self.lay(torch.cat([patches.new_ones(len(x), 1, 3), patches], 1))
        read = tokens[:, self.seen].sum(1)
        return torch.stack([3 * read, -read], 1)


@pytest.fixture
def passes():
    torch.manual_seed(3)
    module = Convolved().eval()
    return Passes(module, torch.randn(3, 3, 16, 16), layer="last", has=("gradient", "activations"))


def made(name, passes, targets=TARGETS, **params):
    return torch.from_numpy(explainer[name].thing(passes, targets, 0, **params).values)


def read(passes, k):
    """Return image k's activations, still in the graph, and its target's logit, on tensors of our own."""
    acts = passes.module.last(passes.images[k : k + 1]).detach().requires_grad_(True)
    return acts, passes.module.head(acts)[0, TARGETS[k]]


def test_layercam_is_its_formula(passes):
    for k in range(3):
        acts, logit = read(passes, k)
        (grad,) = torch.autograd.grad(logit, acts)
        wanted = (grad.relu() * acts).sum(1).relu()[0]
        torch.testing.assert_close(made("layercam", passes)[k], wanted.detach(), rtol=1e-5, atol=1e-7)


def test_gradcam_plus_plus_is_its_formula(passes):
    """Equation 19 with the score exp(logit): its derivatives in one activation are powers of the logit's gradient."""
    for k in range(3):
        acts, logit = read(passes, k)
        (g,) = torch.autograd.grad(logit, acts)
        a, g, y = acts.detach()[0].double(), g[0].double(), logit.detach().double().exp()
        weights = torch.zeros(len(a), dtype=torch.float64)
        for c in range(len(a)):
            for i, j in np.ndindex(*a.shape[1:]):
                first, second, third = (y * g[c, i, j] ** power for power in (1, 2, 3))
                if first != 0:
                    weights[c] += second / (2 * second + a[c].sum() * third) * first.clamp_min(0)
        wanted = (weights[:, None, None] * a).sum(0).relu() / y
        torch.testing.assert_close(made("gradcam_plus_plus", passes)[k].double(), wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("centred", [False, True])
def test_eigencam_is_the_first_component(passes, centred):
    acts, _ = passes.activations(TARGETS)
    for k, values in enumerate(made("eigencam", passes, centred=centred)):
        places = acts[k].flatten(1).T.double().numpy()
        places = places - places.mean(0) * centred
        first = np.linalg.svd(places, full_matrices=False)[2][0]
        along = places @ first
        along = along * np.sign((along**3).sum())
        np.testing.assert_allclose(values.numpy().ravel(), along.clip(0), rtol=1e-5, atol=1e-6)
    assert torch.equal(made("eigencam", passes), made("eigencam", passes, (1, 1, 0))), "no class speaks here"


def test_eigencam_takes_the_cheaper_way_to_the_same_map(passes):
    wide = Passes(nn.Identity(), torch.zeros(2, 3, 8, 8))
    for shape in ((2, 3, 4, 4), (2, 20, 2, 2)):
        acts = torch.rand(shape, generator=torch.Generator().manual_seed(1))
        wide.activations = lambda acts=acts: (acts, acts)
        for values, own in zip(made("eigencam", wide, (0, 0)).numpy(), acts.flatten(2).numpy(), strict=True):
            left, strength, _ = np.linalg.svd(own.T, full_matrices=False)
            np.testing.assert_allclose(values.ravel(), np.abs(left[:, 0] * strength[0]), rtol=1e-4)


def test_eigencam_solves_for_directions_that_are_nearly_as_strong():
    acts = torch.randn((3, 12, 5, 5), generator=torch.Generator().manual_seed(2))
    left, strength, right = torch.linalg.svd(acts.flatten(2), full_matrices=False)
    strength[:, 1:] *= 0.5
    strength[1, 1] = strength[1, 0] * (1 - 1e-4)
    acts = (left * strength[:, None]) @ right
    assert eigencam._iterated(acts)[1].tolist() == [False, True, False]
    along = eigencam._along(acts, centred=False)
    _, strength, right = torch.linalg.svd(acts.double(), full_matrices=False)  # of what single precision left of it
    torch.testing.assert_close(along.abs().double(), (strength[:, :1] * right[:, 0]).abs(), atol=2e-3, rtol=0)


def test_scorecam_is_its_algorithm(passes):
    acts, _ = passes.activations(TARGETS)
    base = passes.baseline("mean")
    for k in range(3):
        scores = []
        for channel in acts[k]:
            large = functional.interpolate(channel[None, None], (16, 16), mode="bilinear")
            span = large.max() - large.min()
            shown = base[k] + (large - large.min()) / span * (passes.images[k] - base[k])
            scores.append(passes.module(shown)[0, TARGETS[k]].item() if span > 0 else -np.inf)
        weights = torch.tensor(scores).softmax(0)
        wanted = (weights[:, None, None] * acts[k]).sum(0).relu()
        torch.testing.assert_close(made("scorecam", passes)[k], wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("sizes", [(4, 16, 4, 16), (5, 17, 3, 40), (1, 9, 2, 7), (13, 11, 6, 6)])
def test_the_ends_of_an_enlarged_channel_are_found_without_enlarging_all_of_it(sizes):
    tall, height, wide, width = sizes
    acts = torch.randn(2, 5, tall, wide, generator=torch.Generator().manual_seed(4))
    large = functional.interpolate(acts, (height, width), mode="bilinear")
    low, high = scorecam._ends(acts, enlarging(tall, height, acts), enlarging(wide, width, acts).T, 4)
    torch.testing.assert_close(low, large.amin((2, 3), keepdim=True))
    torch.testing.assert_close(high, large.amax((2, 3), keepdim=True))


def test_scorecam_of_a_layer_that_sees_nothing_is_empty(passes):
    with torch.no_grad():
        passes.module.last[2].bias.fill_(-1e3)
    assert not made("scorecam", passes).any()


@pytest.mark.parametrize("name", CAMS)
def test_tokens_are_laid_out_on_their_grid(name):
    images = torch.full((2, 3, 16, 16), 0.1)
    images[:, :, 4:8, 12:16] = 2.0  # row 1, column 3
    passes = Passes(Tokens(), images, layer="lay", has=("gradient", "activations", "grid"))
    values = made(name, passes, (0, 0))
    assert values.shape == (2, 4, 4)
    assert [int(v) for v in values.flatten(1).argmax(1)] == [7, 7]


@pytest.mark.parametrize("name", ["gradcam", "gradcam_plus_plus", "layercam"])
def test_a_token_that_speaks_against_the_target_is_not_shown(name):
    images = torch.full((1, 3, 16, 16), 0.5)
    passes = Passes(Tokens(), images, layer="lay", has=("gradient", "activations", "grid"))
    assert not made(name, passes, (1,)).any()
    assert made(name, passes, (0,)).any()


@pytest.mark.parametrize("name", CAMS)
def test_an_empty_gradient_gives_a_finite_map(name, passes):
    with torch.no_grad():
        passes.module.head[1].weight.zero_()
    assert torch.isfinite(made(name, passes)).all()
