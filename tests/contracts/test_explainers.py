"""What every explanation method keeps to. A new file in ai/explainers is tested here without another word."""

import msgspec
import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam, Saliency

from ai.engine import Refused, explain, refusal
from ai.explanation import Examples, Maps, Pictures
from ai.passes import Passes
from ai.specimens.moths import Moths
from ai.teammate import new, prepare
from game.registry import explainer

NAMES = explainer.names()
TARGETS = (0, 1, 2, 3)


@pytest.fixture(scope="module")
def pictures():
    moths = Moths()
    return np.stack([moths.draw(scene, 48) for scene in moths.scenes(4, 2)])


@pytest.fixture
def passes(pictures):
    return new("small_cnn", 4, seed=5).passes(pictures)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name):
    entry = explainer[name]
    assert set(entry.info) >= {"cite", "needs", "passes", "family", "signed"}
    assert entry.info["cite"]
    assert entry.info["family"]
    assert isinstance(entry.info["signed"], bool)
    assert (entry.thing.__doc__ or "").strip()


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_one_finite_map_per_image(name, passes):
    made = explain(name, passes, TARGETS, 1)
    assert isinstance(made, Maps | Examples | Pictures)
    if isinstance(made, Maps):
        assert made.values.ndim == 3
        assert len(made.values) == 4
        assert made.values.dtype == np.float32
        assert np.isfinite(made.values).all()
        assert made.values.std() > 0
        assert made.signed == explainer[name].info["signed"]
        assert made.signed or made.values.min() >= 0
        assert made.gap is None or made.gap.shape == (4,)


@pytest.mark.parametrize("name", NAMES)
def test_it_repeats_under_a_seed(name, pictures):
    one, two = (explain(name, new("small_cnn", 4, seed=5).passes(pictures), TARGETS, 3) for _ in range(2))
    assert isinstance(one, Maps)
    assert np.array_equal(one.values, two.values)


@pytest.mark.parametrize("name", NAMES)
def test_it_uses_the_passes_it_declares(name, passes):
    explain(name, passes, TARGETS, 0)
    assert passes.used == set(explainer[name].info["passes"])


@pytest.mark.parametrize("name", NAMES)
def test_it_leaves_the_model_alone(name, passes):
    passes.module.train()
    before = {k: v.clone() for k, v in passes.module.state_dict().items()}
    explain(name, passes, TARGETS, 0)
    assert all(m.training for m in passes.module.modules())
    assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in passes.module.modules())
    assert all(torch.equal(v, passes.module.state_dict()[k]) for k, v in before.items())


@pytest.mark.parametrize("name", NAMES)
def test_it_does_not_depend_on_the_batch(name, pictures):
    module, images = new("small_cnn", 4, seed=5), prepare(pictures)
    kept = {"layer": module.layer, "has": module.has}
    whole = explain(name, Passes(module.module, images, batch=4, **kept), TARGETS, 2)
    alone = [explain(name, Passes(module.module, images[i : i + 1], **kept), TARGETS[i : i + 1], 2) for i in range(4)]
    np.testing.assert_allclose(whole.values, np.concatenate([a.values for a in alone]), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", [n for n in NAMES if explainer[n].info["needs"]])
def test_it_refuses_with_a_reason(name, pictures):
    mate = new("small_cnn", 4)
    bare = Passes(mate.module, prepare(pictures), model="mute")
    with pytest.raises(Refused) as caught:
        explain(name, bare, TARGETS, 0)
    told = caught.value.refusal
    assert (told.method, told.model) == (name, "mute")
    assert told.reason in str(caught.value)
    assert name in str(caught.value)
    assert not bare.used, "it worked before it refused"


def test_a_refusal_names_the_nearest_method():
    told = refusal("gradcam", ("gradient",), "vit")
    assert told is not None
    assert told.nearest == "saliency"
    assert "no convolutional layer" in told.reason or "has none" in told.reason
    assert refusal("gradcam", ("gradient", "convolution")) is None
    assert msgspec.to_builtins(told)["need"] == "convolution"
    nothing = refusal("gradcam", ())
    assert nothing is not None
    assert nothing.nearest == "", "a control is never offered in place of a method"


def test_a_control_knows_nothing_but_its_seed(passes):
    one, two = (explain("random", passes, TARGETS, seed).values for seed in (1, 2))
    assert all(np.abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.9 for a, b in zip(one, two, strict=True))
    assert np.array_equal(one, explain("random", passes, (3, 2, 1, 0), 1).values)


def test_saliency_is_captums(passes):
    passes.module.eval()
    images = passes.images.clone().requires_grad_(True)
    theirs = Saliency(passes.module).attribute(images, target=torch.tensor(TARGETS), abs=True).amax(1)
    np.testing.assert_allclose(
        explain("saliency", passes, TARGETS).values, theirs.detach().numpy(), atol=1e-7, rtol=1e-5
    )


def test_gradcam_is_captums(passes):
    passes.module.eval()
    layer = passes.module.get_submodule(passes.layer)
    method = LayerGradCam(passes.module, layer)
    theirs = method.attribute(passes.images, target=torch.tensor(TARGETS), relu_attributions=True)[:, 0]
    np.testing.assert_allclose(
        explain("gradcam", passes, TARGETS).values, theirs.detach().numpy(), atol=1e-7, rtol=1e-5
    )
