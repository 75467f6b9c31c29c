"""What every model family keeps to."""

import numpy as np
import pytest
import torch
from torch import nn

from ai import weights
from ai.passes import Passes
from ai.teammate import new
from game.registry import model

NAMES = model.names()


def random_pictures(size, n=3):
    return np.random.default_rng(0).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name):
    info = model[name].info
    assert set(info) >= {"size", "layer", "has", "cite"}
    assert info["cite"]
    if "convolution" in info["has"]:
        assert isinstance(new(name, 4).module.get_submodule(info["layer"]), nn.Module)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("classes", [2, 5])
def test_it_answers_with_one_logit_per_class(name, classes):
    mate = new(name, classes)
    logits = mate.logits(random_pictures(mate.size))
    assert logits.shape == (3, classes)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_gives_the_same_model_and_leaves_the_generator(name):
    before = torch.random.get_rng_state()
    one, two, other = (new(name, 4, seed) for seed in (1, 1, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    same = [torch.equal(a, b) for a, b in zip(one.module.parameters(), two.module.parameters(), strict=True)]
    assert all(same)
    assert any(not torch.equal(a, b) for a, b in zip(one.module.parameters(), other.module.parameters(), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_no_relu_is_reused_or_in_place(name):
    mate = new(name, 4)
    relus = [m for m in mate.module.modules() if isinstance(m, nn.ReLU)]
    assert not any(r.inplace for r in relus)
    calls = dict.fromkeys(map(id, relus), 0)
    hooks = [r.register_forward_hook(lambda m, _i, _o: calls.__setitem__(id(m), calls[id(m)] + 1)) for r in relus]
    mate.logits(random_pictures(mate.size, 1))
    [h.remove() for h in hooks]
    assert set(calls.values()) <= {1}


@pytest.mark.parametrize("name", [n for n in NAMES if "convolution" in model[n].info["has"]])
def test_its_layer_can_be_read(name):
    mate = new(name, 4)
    passes = mate.passes(random_pictures(mate.size, 2))
    assert isinstance(passes, Passes)
    acts, grads = passes.activations([0, 1])
    assert acts.shape == grads.shape
    assert acts.ndim == 4
    assert acts.shape[-1] < mate.size


@pytest.mark.parametrize("name", NAMES)
def test_weights_come_back(name):
    one, two = new(name, 4, 1), new(name, 4, 2)
    data = weights.encode(one.module, {"recipe": "x"})
    assert data == weights.encode(one.module, {"recipe": "x"})
    weights.load(two.module, data)
    pictures = random_pictures(one.size)
    np.testing.assert_allclose(one.logits(pictures), two.logits(pictures), atol=0.05)
    with pytest.raises(ValueError, match="weights do not fit"):
        weights.load(new(name, 7).module, data)
    with pytest.raises(ValueError, match="cut off"):
        weights.load(two.module, data[:20])
