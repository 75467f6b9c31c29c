"""Gradient and path methods: Captum's numbers where Captum is right, the axioms they claim, refusals where they would lie."""

import captum.attr
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from ai.engine import Refused, explain
from ai.passes import Passes
from ai.path import at_baseline, chosen
from ai.references import references
from ai.rewired import plain_relus, rewire

HAS = ("gradient", "convolution", "activations", "relu", "no_inplace")
TARGETS = (0, 1, 2)
few = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


class Net(nn.Module):
    """Everything that is read: strides, both poolings, normalisation, a way round, and each ReLU a module."""

    def __init__(self, seed=0, bias=True):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.one, self.norm, self.relu_1 = nn.Conv2d(3, 6, 3, 2, 1, bias=bias), nn.BatchNorm2d(6), nn.ReLU()
            self.pool = nn.MaxPool2d(2)
            self.two, self.relu_2 = nn.Conv2d(6, 6, 3, 1, 1, bias=bias), nn.ReLU()
            self.mean, self.head = nn.AdaptiveAvgPool2d(2), nn.Linear(24, 3, bias=bias)
            nn.init.normal_(self.norm.running_mean, 0, 0.2 if bias else 0)
            nn.init.uniform_(self.norm.running_var, 0.5, 2)
            nn.init.normal_(self.norm.bias, 0, 0.2 if bias else 0)
        self.eval()

    def forward(self, x):
        x = self.pool(self.relu_1(self.norm(self.one(x))))
        return self.head(torch.flatten(self.mean(self.relu_2(self.two(x) + x)), 1))


class Functional(Net):
    def forward(self, x):
        x = self.pool(functional.relu(self.norm(self.one(x))))
        return self.head(self.mean(torch.relu(self.two(x) + x)).flatten(1))


class Reused(Net):
    def forward(self, x):
        x = self.pool(self.relu_1(self.norm(self.one(x))))
        return self.head(torch.flatten(self.mean(self.relu_1(self.two(x) + x)), 1))


class InPlace(Net):
    def __init__(self):
        super().__init__()
        self.relu_1, self.relu_2 = nn.ReLU(inplace=True), nn.ReLU(inplace=True)


class Gelu(Net):
    def __init__(self):
        super().__init__()
        self.relu_2 = nn.GELU()


def images(n=3, size=16, seed=1):
    return torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(seed))


def passes(module=None, x=None, **more):
    module = Net() if module is None else module
    return Passes(module, images() if x is None else x, layer="relu_2", has=HAS, model="net", **more)


def differ(ours, theirs):
    """The largest difference as a share of the largest value."""
    theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else theirs
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def asked(method, p, **more):
    return method.attribute(p.images.clone().requires_grad_(True), target=torch.tensor(TARGETS), **more)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_captum_gives_the_same_numbers():
    p = passes()
    net, base = p.module, p.baseline("mean")
    theirs = {
        "input_x_gradient": asked(captum.attr.InputXGradient(net), p).sum(1),
        "guided_backprop": asked(captum.attr.GuidedBackprop(net), p).abs().amax(1),
        "deconvolution": asked(captum.attr.Deconvolution(net), p).abs().amax(1),
        "guided_gradcam": asked(captum.attr.GuidedGradCam(net, net.relu_2), p, interpolate_mode="bilinear")
        .abs()
        .amax(1),
    }
    for name, values in theirs.items():
        assert differ(explain(name, p, TARGETS).values, values) < 1e-5, name
    path = asked(captum.attr.IntegratedGradients(net), p, baselines=base, n_steps=32).sum(1)
    assert differ(explain("integrated_gradients", p, TARGETS, steps=32).values, path) < 1e-5


def test_the_steps_of_integrated_gradients_suffice():
    p = passes()
    fine = explain("integrated_gradients", p, TARGETS, steps=512)
    made = explain("integrated_gradients", p, TARGETS)
    assert made.gap.max() < 0.01 or max(made.each["steps"]) == 128
    assert differ(made.values, fine.values) < 0.1
    coarse = explain("integrated_gradients", p, TARGETS, steps=1)
    assert coarse.gap.max() > made.gap.max()


def test_each_image_has_its_own_steps():
    p = passes(x=images(6))
    whole = explain("integrated_gradients", p, (0, 1, 2, 0, 1, 2))
    alone = [explain("integrated_gradients", passes(x=p.images[i : i + 1]), (i % 3,)).values for i in range(6)]
    np.testing.assert_allclose(whole.values, np.concatenate(alone), atol=1e-5)


def test_blur_ig_is_complete():
    p = passes()
    made = explain("blur_ig", p, TARGETS)
    fine = explain("blur_ig", p, TARGETS, steps=512)
    assert fine.gap.max() < 0.02
    assert differ(made.values, fine.values) < 0.2
    with pytest.raises(ValueError, match=r"blur_ig\.sigma is a finite number, above 0, not 0"):
        explain("blur_ig", p, TARGETS, sigma=0)


@pytest.mark.slow
def test_expected_gradients_nears_the_mean_of_integrated_gradients():
    p = passes()
    refs, kind, _ = references(p, 64, 0)
    assert kind == "colours"
    exact = np.mean([explain("integrated_gradients", passes_from(p, ref), TARGETS, steps=32).values for ref in refs], 0)
    made = explain("expected_gradients", p, TARGETS, samples=64)
    assert np.corrcoef(made.values.ravel(), exact.ravel())[0, 1] > 0.97
    assert np.median(made.gap) < 0.2


def passes_from(p, ref):
    other = Passes(p.module, p.images, layer=p.layer, has=p.has)
    other.baseline = lambda kind, seed=0: ref[None].expand_as(p.images)
    return other


def test_one_noisy_set_serves_three_methods():
    p = passes()
    mean = explain("smoothgrad", p, TARGETS, 4, samples=8)
    used = p.runner.backwards
    square, variance = (explain(name, p, TARGETS, 4, samples=8) for name in ("smoothgrad_squared", "vargrad"))
    assert p.runner.backwards == used == 8 * 3
    assert (square.values >= variance.values).all(), "a mean square is a variance and a squared mean"
    assert mean.values.min() >= 0
    assert not np.array_equal(mean.values, explain("smoothgrad", p, TARGETS, 5, samples=8).values)


def test_little_noise_gives_the_gradient():
    p = passes()
    assert (
        differ(explain("smoothgrad", p, TARGETS, samples=4, noise=1e-6).values, explain("saliency", p, TARGETS).values)
        < 1e-3
    )


@pytest.mark.slow
@few
@given(
    seed=st.integers(0, 999), method=st.sampled_from(["integrated_gradients", "blur_ig", "deeplift", "deeplift_shap"])
)
def test_completeness(seed, method):
    p = passes(Net(seed), images(seed=seed))
    made = explain(method, p, TARGETS, **({"steps": 256} if "ig" in method or "integrated" in method else {}))
    assert made.gap.max() < (1e-3 if "deeplift" in method else 0.1)
    if method == "integrated_gradients":
        change = chosen(p.logits(), TARGETS) - chosen(at_baseline(p, p.baseline("mean")), TARGETS)
        np.testing.assert_allclose(made.values.sum((1, 2)), change.numpy(), atol=0.03 * float(p.logits().std()) + 1e-3)


@pytest.mark.slow
@few
@given(seed=st.integers(0, 999))
def test_what_the_model_cannot_see_gets_nothing(seed):
    net = Net(seed)
    net.one.weight.data[:, 1] = 0  # the second colour
    p = passes(net, images(seed=seed))
    shifted = p.images.clone()
    shifted[:, 1] += 5
    for method in ("integrated_gradients", "deeplift", "input_x_gradient", "guided_backprop", "lrp_epsilon"):
        one, two = explain(method, p, TARGETS), explain(method, passes(net, shifted), TARGETS)
        np.testing.assert_allclose(one.values, two.values, atol=1e-5, err_msg=method)


@pytest.mark.slow
@few
@given(seed=st.integers(0, 999), a=st.floats(-2, 2), b=st.floats(-2, 2))
def test_linear_in_the_model(seed, a, b):
    one, both = Net(seed), Net(seed)
    with torch.no_grad():
        both.head.weight[0] = a * one.head.weight[0] + b * one.head.weight[1]
        both.head.bias[0] = a * one.head.bias[0] + b * one.head.bias[1]
    for method, more in (("integrated_gradients", {"steps": 16}), ("deeplift", {}), ("input_x_gradient", {})):
        first, second = (explain(method, passes(one), (t,) * 3, **more).values for t in (0, 1))
        made = explain(method, passes(both), (0,) * 3, **more).values
        np.testing.assert_allclose(made, a * first + b * second, atol=1e-5, err_msg=method)


@few
@given(seed=st.integers(0, 999), share=st.floats(0.2, 5))
def test_the_implementation_does_not_matter(seed, share):
    """Scaling a layer and unscaling the next computes the same function."""
    one, other = Net(seed), Net(seed)
    with torch.no_grad():
        other.norm.weight *= share
        other.norm.bias *= share
        other.two.bias *= share
        other.head.weight /= share
    for method, more in (("integrated_gradients", {"steps": 16}), ("blur_ig", {"steps": 16}), ("input_x_gradient", {})):
        np.testing.assert_allclose(
            explain(method, passes(one), TARGETS, **more).values,
            explain(method, passes(other), TARGETS, **more).values,
            atol=2e-5,
            err_msg=method,
        )


@pytest.mark.parametrize("net", [Functional, Reused, InPlace, Gelu])
@pytest.mark.parametrize("method", ["guided_backprop", "deconvolution", "guided_gradcam", "captum"])
def test_a_claim_of_plain_relus_is_checked(net, method):
    p = passes(net())
    with pytest.raises(Refused) as caught:
        explain(method, p, TARGETS, **({"name": "GuidedBackprop"} if method == "captum" else {}))
    told = caught.value.refusal
    assert told.need in ("relu", "no_inplace")
    assert method in told.method
    assert told.reason
    with pytest.raises(Refused):
        plain_relus(p, method)


@pytest.mark.parametrize("net", [Functional, Reused, InPlace])
def test_the_reading_is_right_however_a_relu_is_written(net):
    """Behind the refusals: the second backward pass itself does not depend on modules."""
    other = net()
    other.load_state_dict(Net().state_dict())
    from ai.explainers.guided_backprop import guided_backprop

    ours = guided_backprop(passes(other), TARGETS, 0).values
    np.testing.assert_allclose(ours, explain("guided_backprop", passes(), TARGETS).values, atol=1e-6)


def test_a_network_that_is_not_read_is_refused_by_name():
    with pytest.raises(Refused, match="GELU at relu_2") as caught:
        rewire(passes(Gelu()), "deeplift")
    assert caught.value.refusal.nearest == "integrated_gradients"

    class Branching(Net):
        def forward(self, x):
            return super().forward(x if x.sum() > 0 else -x)

    with pytest.raises(Refused, match="cannot be read as a graph"):
        rewire(passes(Branching()), "deeplift")

    class Doubling(Net):
        def forward(self, x):
            return super().forward(x) * 2

    with pytest.raises(Refused, match="mul"):
        rewire(passes(Doubling()), "deeplift")


def test_a_reading_that_gives_other_logits_is_refused():
    net = Net()
    net.head.register_forward_hook(lambda _m, _x, out: out + 1)
    with pytest.raises(Refused, match="does not give its logits"):
        rewire(passes(net), "deeplift")


@pytest.mark.parametrize("method", ["integrated_gradients", "blur_ig", "smoothgrad", "expected_gradients", "guided_backprop",
                                    "deeplift_shap", "lrp_gamma", "captum"])  # fmt: skip
def test_nothing_stays_behind_after_an_error(method):
    net = Net().train()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    fooled = passes(net)
    fooled.runner.classes = 100  # or the class would be refused beforehand
    with pytest.raises((IndexError, RuntimeError, AssertionError)):
        explain(method, fooled, (0, 1, 99))
    assert all(m.training for m in net.modules())
    assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in net.modules())
    assert all(torch.equal(v, net.state_dict()[k]) for k, v in before.items())
    assert all(p.grad is None and p.requires_grad for p in net.parameters())
    net.eval()
    assert np.isfinite(explain(method, passes(net), TARGETS).values).all(), "and the next call works"
