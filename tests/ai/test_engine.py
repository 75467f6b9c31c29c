"""Never a wrong map without a word: each silent failure of today's libraries is made here, and ours refuses or is right."""

import numpy as np
import pytest
import torch
from captum.attr import LRP, DeepLift, GuidedBackprop, InputXGradient, LayerGradCam, Saliency
from torch import nn
from torch.nn import functional

from ai.engine import Refused, attribute, explain
from ai.explanation import Maps
from ai.guard import Polluted, guarded
from ai.one_image import teammate
from ai.passes import Passes
from ai.teammate import new
from ai.traits import lacking
from game.registry import explainer

HAS = ("gradient", "convolution", "activations", "relu", "no_inplace")
LRPS = ("lrp_epsilon", "lrp_gamma", "lrp_zplus", "lrp_alpha_beta")
NEED_RELU = ("guided_backprop", "deconvolution", "deeplift", *LRPS)


class Net(nn.Module):
    """Two convolutions; each subclass does one thing that libraries pass over in silence."""

    def __init__(self):
        super().__init__()
        self.conv_1, self.norm = nn.Conv2d(3, 4, 3, 2), nn.BatchNorm2d(4)
        self.conv_2 = nn.Conv2d(4, 6, 3, 2)
        self.relu_1, self.relu_2 = nn.ReLU(), nn.ReLU()
        self.head = nn.Linear(6, 4)

    def forward(self, x):
        x = self.relu_1(self.norm(self.conv_1(x)))
        return self.head(self.relu_2(self.conv_2(x)).mean((2, 3)))


class Functional(Net):
    def forward(self, x):
        x = functional.relu(self.norm(self.conv_1(x)))
        return self.head(functional.relu(self.conv_2(x)).mean((2, 3)))


class Reused(Net):
    def forward(self, x):
        x = self.relu_1(self.norm(self.conv_1(x)))
        return self.head(self.relu_1(self.conv_2(x)).mean((2, 3)))


class InPlace(Net):
    def __init__(self):
        super().__init__()
        self.relu_1, self.relu_2 = nn.ReLU(inplace=True), nn.ReLU(inplace=True)


class Gelu(Net):
    def __init__(self):
        super().__init__()
        self.relu_1, self.relu_2 = nn.GELU(), nn.GELU()


def built(kind):
    torch.manual_seed(3)
    module = kind()
    for _ in range(3):
        module(torch.randn(8, 3, 17, 17) * 2 + 1)  # so that its normalisation does something
    return module.eval()


def passes_of(kind=Net, has=HAS, images=None):
    torch.manual_seed(4)
    images = torch.randn(2, 3, 17, 17) if images is None else images
    return Passes(built(kind), images, layer="conv_2", has=has, model=kind.__name__)


def correlation(a, b):
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def library(method, passes, **options):
    images = passes.images.clone().requires_grad_(True)
    return method(passes.module).attribute(images, target=torch.tensor([0, 1]), **options).detach()


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", [Functional, Gelu])
def test_guided_backprop_is_never_the_plain_gradient(kind):
    """Captum: a ReLU that is no module, or none at all, gives the plain gradient without a warning."""
    passes = passes_of(kind)
    theirs, plain = library(GuidedBackprop, passes), library(Saliency, passes, abs=False)
    torch.testing.assert_close(theirs, plain)
    with pytest.raises(Refused, match="guided_backprop"):
        explain("guided_backprop", passes, [0, 1])


@pytest.mark.parametrize("method", NEED_RELU)
@pytest.mark.parametrize(
    ("kind", "why"),
    [(Gelu, "also uses gelu"), (Reused, r"used 2 times"), (Functional, "called as a function")],
)
def test_methods_for_relus_look_at_what_the_model_does(method, kind, why):
    with pytest.raises(Refused, match=why) as caught:
        explain(method, passes_of(kind), [0, 1])
    assert caught.value.refusal.nearest
    assert caught.value.refusal.need == "relu"


def test_an_inplace_relu_is_refused_where_it_matters():
    assert "no_inplace" in lacking(built(InPlace), torch.zeros(1, 3, 17, 17))
    assert lacking(built(Net), torch.zeros(1, 3, 17, 17)) == {}
    with pytest.raises(Refused, match="in place"):
        explain("guided_backprop", passes_of(InPlace), [0, 1])


@pytest.mark.parametrize("method", NEED_RELU)
def test_methods_for_relus_are_refused_on_a_transformer(method):
    """Captum: DeepLift on a transformer is input x gradient; LRP dies in LayerNorm."""
    mate = new("small_vit", 4)
    passes = Passes(mate.module, torch.zeros(1, 3, 32, 32), layer=mate.layer, has=mate.has, model="small_vit")
    with pytest.raises(Refused, match="small_vit"):
        explain(method, passes, [0])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_lrp_is_never_input_x_gradient(pictures):
    """Captum: LRP's default rule, with normalisation behind each convolution, is input x gradient and conserves nothing."""
    passes = teammate("small_cnn")[0].passes(pictures[:2])
    theirs, plain = library(LRP, passes), library(InputXGradient, passes)
    assert correlation(theirs.numpy(), plain.numpy()) > 0.999
    logits = passes.predict()[[0, 1], [0, 1]]
    assert float(((theirs.sum((1, 2, 3)) - logits) / logits).abs().max()) > 0.2
    for method in LRPS:
        ours = explain(method, passes, [0, 1])
        assert isinstance(ours, Maps)
        assert correlation(ours.values, plain.sum(1).numpy()) < 0.99, method


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_deeplift_is_complete_where_it_is_not_refused():
    """And is Captum's there; what becomes of the other nets is in test_silent_failures.py."""
    made = explain("deeplift", passes_of(), [0, 1], baseline="grey")
    theirs = library(DeepLift, passes_of())
    assert isinstance(made, Maps)
    assert made.gap is not None
    assert np.abs(made.gap).max() < 1e-4
    np.testing.assert_allclose(made.values, theirs.sum(1).numpy(), atol=1e-5)


def test_gradcam_reads_tokens_as_a_grid():
    """Captum: on a transformer's block, tokens are taken for channels."""
    mate = new("small_vit", 4)
    passes = Passes(mate.module.eval(), torch.randn(2, 3, 32, 48), layer=mate.layer, has=mate.has)
    theirs = LayerGradCam(mate.module, mate.module.get_submodule(mate.layer)).attribute(passes.images, target=0)
    assert theirs.shape == (2, 1, 128), "no picture"
    ours = explain("gradcam", passes, [0, 0])
    assert isinstance(ours, Maps)
    assert ours.values.shape == (2, 4, 6)
    acts, grads = passes.activations([0, 0])
    tokens = passes.runner.backward(passes.images, [0, 0], mate.layer)[2]
    torch.testing.assert_close(acts[:, :, 1, 2], tokens[:, 1 + 6 + 2])
    assert float(grads.abs().max()) > 0, "a layer after the last attention has no gradient at the image's tokens"


def test_a_model_in_training_mode_is_explained_in_eval_mode():
    """Captum: what is attributed is the training mode's model."""
    passes, training = passes_of(), passes_of()
    training.module.train()
    ours, right = (explain("saliency", p, [0, 1]).values for p in (training, passes))
    assert training.module.training
    assert np.array_equal(ours, right)
    theirs = library(Saliency, training).amax(1).numpy()
    assert np.abs(theirs - right).mean() > 0.1 * right.mean()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_an_error_inside_leaves_nothing_for_the_next_call():
    """Captum: after LRP failed on a layer it has no rule for, the model stays hooked."""
    for method in ("guided_backprop", "deeplift", "lrp_epsilon", "gradcam"):
        passes = passes_of()
        clean = explain(method, passes_of(), [0, 1]).values
        with pytest.raises((ValueError, IndexError, RuntimeError)):
            explain(method, passes, [0, 99])
        assert not any(m._forward_hooks or m._backward_hooks for m in passes.module.modules())
        assert np.array_equal(explain(method, passes, [0, 1]).values, clean), method


def leave(what, module):
    match what:
        case "hook":
            module.relu_1.register_forward_hook(lambda *_: None)
        case "forward":
            module.relu_1.forward = lambda x: x
        case "gradient":
            module(torch.ones(1, 3, 17, 17)).sum().backward()
        case "changed":
            with torch.no_grad():
                module.conv_1.weight.mul_(2)


@pytest.mark.parametrize("what", ["hook", "forward", "gradient", "changed"])
@pytest.mark.parametrize("fails", [False, True])
def test_what_a_method_leaves_behind_is_found_and_taken_away(what, fails):
    module = built(Net).train()

    def work():
        with guarded(module, "mine", 0):
            leave(what, module)
            if fails:
                raise KeyError("its own")

    with pytest.raises(KeyError if fails else Polluted, match="its own" if fails else what):
        work()
    assert not module.relu_1._forward_hooks
    assert "forward" not in vars(module.relu_1)
    assert module.conv_1.weight.grad is None
    assert all(m.training for m in module.modules())


@pytest.mark.parametrize(
    ("values", "signed", "why"),
    [
        (np.zeros((1, 4, 4), np.float32), False, "shape"),
        (np.full((2, 4, 4), np.nan, np.float32), False, "finite"),
        (np.full((2, 4, 4), -1, np.float32), False, "below zero"),
    ],
)
def test_a_wrong_map_is_refused(values, signed, why, monkeypatch):
    entry = explainer["saliency"]
    monkeypatch.setitem(explainer._entries, "saliency", entry._replace(thing=lambda p, t, s: Maps(values, signed)))
    with pytest.raises(ValueError, match=why):
        explain("saliency", passes_of(), [0, 1])


def test_a_gap_is_a_number(monkeypatch):
    made = Maps(np.ones((2, 4, 4), np.float32), gap=np.array([0.1, np.nan], np.float32))
    entry = explainer["saliency"]
    monkeypatch.setitem(explainer._entries, "saliency", entry._replace(thing=lambda p, t, s: made))
    with pytest.raises(ValueError, match="gap"):
        explain("saliency", passes_of(), [0, 1])


def test_the_record_of_a_map_is_whole():
    passes = passes_of()
    made = attribute("integrated_gradients", passes, [0, 1], 9, baseline="blur", steps=4)
    assert (made.method, made.seed, made.baseline, made.targets) == ("integrated_gradients", 9, "blur", (0, 1))
    assert made.gap is not None
    assert made.params["steps"] == 4
    assert made.digest == attribute("saliency", passes_of(), [0, 1]).digest
    np.testing.assert_allclose(made.logits, passes.predict()[[0, 1], [0, 1]].numpy())
    other = passes_of()
    with torch.no_grad():
        other.module.head.bias[0] += 1e-3
    assert attribute("saliency", other, [0, 1]).digest != made.digest


@pytest.mark.parametrize("method", ["saliency", "occlusion", "lime", "random", "extremal_mask"])
def test_what_is_asked_is_checked_before_anything_runs(method, mate):
    x = torch.zeros(2, 3, 32, 32)
    asked = Passes(mate.module, x, layer=mate.layer, has=mate.has, model="small_cnn")
    for targets, said in (([0], "1 targets for 2 images"), ([0, 9], "class 9 of image 1"), ([-1, 0], "class -1")):
        with pytest.raises(ValueError, match=said):
            explain(method, asked, targets)
    spoilt = x.clone()
    spoilt[1, 2, 3, 4] = torch.nan
    with pytest.raises(ValueError, match="not finite numbers"):
        explain(method, asked.over(spoilt), [0, 1])
    assert asked.runner.forwards == asked.runner.backwards == 0
