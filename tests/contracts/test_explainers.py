"""What every explanation method keeps to. A new file in ai/explainers is tested here without another word.

Two small models that are not trained, tiny pictures, few samples: what is tested is the contract, not the maps.
"""

import contextlib
import inspect
from dataclasses import replace
from itertools import product

import msgspec
import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam, Saliency
from torch import nn

from ai.engine import REASONS, Refused, attribute, explain, refusal
from ai.explanation import Examples, Maps, Pictures
from ai.guard import HOOKS
from ai.passes import Passes
from ai.specimens.moths import Moths
from ai.surroundings import surround
from ai.teammate import new, prepare
from game.registry import explainer, model

NAMES = explainer.names()
MODELS = ("small_cnn", "small_vit")
GIVEN = ("gallery", "twins", "masks", "others")
SIZE, TARGETS = 32, (0, 1)
FEW = {
    "grid": 4,
    "masks": 56,
    "samples": 6,
    "steps": 6,
    "orders": 2,
    "baselines": 3,
    "permutations": 2,
    "nodes": 4,
    "n": 8,
}
"""What a method may have many of, by the parameter's name."""
TRAITS = {*REASONS}


def few(name):
    known = inspect.signature(explainer[name].thing).parameters
    return {k: v for k, v in FEW.items() if k in known}


def offered(name):
    return (*model[name].info["has"], *GIVEN)


PAIRS = [(name, kind) for kind in MODELS for name in NAMES if refusal(name, offered(kind)) is None]
REFUSED = [(name, kind) for kind in MODELS for name in NAMES if refusal(name, offered(kind)) is not None]
each_pair = pytest.mark.parametrize(("name", "kind"), PAIRS)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def moths():
    return Moths()


@pytest.fixture(scope="module")
def scenes(moths):
    return moths.scenes(20, 2)


@pytest.fixture(scope="module")
def images(moths, scenes):
    return prepare(np.stack([moths.draw(scene, SIZE) for scene in scenes[: len(TARGETS)]]))


def small(kind):
    """Return the model as it is tested: untrained, and the transformer cut to two blocks, which says all there is to say."""
    mate = replace(new(kind, 4, seed=6), size=SIZE)
    if kind == "small_vit":
        del mate.module.blocks[2:]
        return replace(mate, layer="blocks.1.norm_1")
    return mate


@pytest.fixture(scope="module")
def around(moths, scenes):
    n = len(TARGETS)
    return {kind: surround(moths, small(kind), scenes[:n], gallery=scenes[n:], others=scenes[n:]) for kind in MODELS}


@pytest.fixture
def passes_of(images, around):
    def make(kind, chosen=slice(None), batch=16):
        mate = small(kind)
        about = {"layer": mate.layer, "has": mate.has, "model": kind, "surroundings": around[kind]}
        return Passes(mate.module, images[chosen], batch=batch, **about)

    return make


@pytest.fixture
def passes(passes_of):
    return passes_of("small_cnn")


@pytest.fixture(scope="module")
def first():
    """Return what a method made the first time, and the passes it used: most tests compare with it."""
    return {}


def made_by(first, passes_of, name, kind):
    if (name, kind) not in first:
        passes = passes_of(kind)
        first[name, kind] = explain(name, passes, TARGETS, 3, **few(name)), set(passes.used)
    return first[name, kind]


def numbers(made):
    return made.scores if isinstance(made, Examples) else made.values


def state(module):
    parts = list(module.modules())
    hooks = [tuple(tuple(getattr(m, kind)) for kind in HOOKS) for m in parts]
    learning = [(p.requires_grad, p.grad) for p in module.parameters()]
    return [m.training for m in parts], hooks, learning, ["forward" in vars(m) for m in parts]


def copied(module):
    return {k: v.clone() for k, v in module.state_dict().items()}


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name):
    info = explainer[name].info
    assert set(info) >= {"cite", "needs", "passes", "family", "signed"}
    assert info["cite"].strip()
    assert info["family"]
    assert isinstance(info["signed"], bool)
    assert set(info["needs"]) <= TRAITS
    assert (explainer[name].thing.__doc__ or "").strip()


def test_both_models_have_methods_and_refusals():
    assert len(NAMES) >= 30
    assert {kind for _, kind in PAIRS} == set(MODELS)
    assert {kind for _, kind in REFUSED} == set(MODELS)


@each_pair
def test_it_gives_one_finite_map_per_image(name, kind, passes_of, first):
    made, _ = made_by(first, passes_of, name, kind)
    assert isinstance(made, Maps | Examples | Pictures)
    assert np.isfinite(numbers(made)).all()
    assert len(numbers(made)) == len(TARGETS)
    if isinstance(made, Maps):
        assert made.values.ndim == 3
        assert made.values.dtype == np.float32
        assert max(made.values.shape[1:]) <= max(SIZE, 48)
        others = enumerate(product(range(4), repeat=2))
        assert made.values.std() > 0 or any(
            explain(name, passes_of(kind), targets, seed, **few(name)).values.std() > 0 for seed, targets in others
        ), "nothing, whatever the target"
        assert made.signed == explainer[name].info["signed"]
        assert made.signed or made.values.min() >= 0
        assert made.gap is None or (made.gap.shape == (len(TARGETS),) and np.isfinite(made.gap).all())
    if isinstance(made, Examples):
        assert [len(d) for d in made.digests] == [made.scores.shape[1]] * len(TARGETS)


@each_pair
def test_it_uses_the_passes_it_declares(name, kind, passes_of, first):
    assert made_by(first, passes_of, name, kind)[1] == set(explainer[name].info["passes"])


@each_pair
def test_it_repeats_and_leaves_the_model_alone_even_after_an_error(name, kind, passes_of, first):
    passes = passes_of(kind)
    passes.module.train()
    passes.module.head.eval()
    method, params = explainer[name].thing, few(name)  # without the guard of `explain`

    def fail(_module, _given):
        raise RuntimeError("out of order")

    hook = passes.module.head.register_forward_pre_hook(fail)
    hooked, held = state(passes.module), copied(passes.module)
    with pytest.raises(RuntimeError) if explainer[name].info["passes"] else contextlib.nullcontext():
        method(passes, TARGETS, 3, **params)
    assert state(passes.module) == hooked
    hook.remove()
    before = state(passes.module)
    torch.manual_seed(2)
    drawn = torch.random.get_rng_state()
    again = method(passes, TARGETS, 3, **params)
    assert torch.equal(drawn, torch.random.get_rng_state()), "it drew from everybody's random numbers"
    assert state(passes.module) == before
    assert all(torch.equal(v, passes.module.state_dict()[k]) for k, v in held.items())
    assert np.array_equal(numbers(made_by(first, passes_of, name, kind)[0]), numbers(again))


@each_pair
def test_it_does_not_depend_on_the_batch(name, kind, passes_of, first):
    alone = [
        explain(name, passes_of(kind, slice(i, i + 1), batch=7), TARGETS[i : i + 1], 3, **few(name))
        for i in range(len(TARGETS))
    ]
    one, many = numbers(made_by(first, passes_of, name, kind)[0]), np.concatenate([numbers(a) for a in alone])
    np.testing.assert_allclose(one, many, atol=1e-5)
    scale = max(float(np.abs(one).max()), 1e-12)
    np.testing.assert_allclose(one / scale, many / scale, atol=2e-4)


@pytest.mark.parametrize(("name", "kind"), REFUSED)
def test_it_refuses_a_model_that_lacks_what_it_needs(name, kind, passes_of):
    passes = passes_of(kind)
    with pytest.raises(Refused, match=name) as caught:
        explain(name, passes, TARGETS, 0)
    assert caught.value.refusal.need in explainer[name].info["needs"]
    assert not passes.used, "it worked before it refused"


@pytest.mark.parametrize("name", [n for n in NAMES if explainer[n].info["needs"]])
def test_it_refuses_with_a_reason(name, images):
    bare = Passes(new("small_cnn", 4).module, images, model="mute")
    with pytest.raises(Refused) as caught:
        explain(name, bare, TARGETS, 0)
    told = caught.value.refusal
    assert (told.method, told.model) == (name, "mute")
    assert told.reason == REASONS[told.need]
    assert told.reason in str(caught.value)
    assert name in str(caught.value)
    assert not bare.used, "it worked before it refused"


def test_a_refusal_names_the_nearest_method():
    told = refusal("attn_lrp", ("gradient", "convolution", "activations"), "cnn")
    assert told is not None
    assert set(explainer[told.nearest].info["needs"]) <= {"gradient", "convolution", "activations"}
    assert explainer[told.nearest].info["family"] != "control"
    assert msgspec.to_builtins(told)["need"] == "attention"
    kin = refusal("gradcam_plus_plus", ("gradient",))
    assert kin is not None
    assert "gradient" in explainer[kin.nearest].info["needs"], "of those that are left, the one most like it"
    assert refusal("saliency", ("gradient",)) is None
    with pytest.raises(LookupError, match="saliency"):
        refusal("salience", ())


def test_a_map_carries_what_it_was_made_with(passes):
    made = attribute("occlusion", passes, TARGETS, 7, window=8, stride=8)
    told = made.facts(1)
    assert (told["method"], told["seed"], told["target"], told["model"]) == ("occlusion", 7, 1, "small_cnn")
    assert (told["window"], told["baseline"], told["device"], told["precision"]) == (8, "mean", "cpu", "fp32")
    assert told["seconds"] > 0
    assert len(told["digest"]) == 64
    np.testing.assert_allclose(told["target_logit"], passes.predict()[1, 1].item(), atol=1e-4)
    with pytest.raises(
        ValueError, match=r"'occlusion' has no parameter 'windw'; did you mean 'window'\? It has: window"
    ):
        explain("occlusion", passes, TARGETS, windw=3)


def test_a_control_knows_nothing_but_its_seed(passes):
    one, two = (explain("random", passes, TARGETS, seed).values for seed in (1, 2))
    assert all(np.abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.9 for a, b in zip(one, two, strict=True))
    assert np.array_equal(one, explain("random", passes, (1, 0), 1).values)


def test_saliency_is_captums(passes):
    passes.module.eval()
    images = passes.images.clone().requires_grad_(True)
    theirs = Saliency(passes.module).attribute(images, target=torch.tensor(TARGETS), abs=True).amax(1)
    np.testing.assert_allclose(
        explain("saliency", passes, TARGETS).values, theirs.detach().numpy(), atol=1e-7, rtol=1e-5
    )


def test_gradcam_is_captums(passes):
    passes.module.eval()
    method = LayerGradCam(passes.module, passes.module.get_submodule(passes.layer))
    theirs = method.attribute(passes.images, target=torch.tensor(TARGETS), relu_attributions=True)[:, 0]
    np.testing.assert_allclose(
        explain("gradcam", passes, TARGETS).values, theirs.detach().numpy(), atol=1e-7, rtol=1e-5
    )


def test_the_two_models_differ_in_what_they_offer():
    assert "relu" not in model["small_vit"].info["has"]
    assert "attention" not in model["small_cnn"].info["has"]
    assert not any(isinstance(m, nn.ReLU) for m in new("small_vit", 2).module.modules())
