"""What every model family keeps to."""

import importlib.util
import sys

import numpy as np
import pytest
import torch
from torch import nn

from ai import weights
from ai.passes import Passes
from ai.teammate import new
from ai.traits import lacking
from game.registry import model

FAMILIES = model.names()
NAMES = [name for entry in model for name in entry.info.get("examples", (entry.name,))]
"""Every model, and of a family with many of them its examples; those of an extra that is not installed are left out."""
FROM_EXTRAS = sorted({name.split(":")[0] for name in NAMES if ":" in name})
MISSING = {name for name in FROM_EXTRAS if importlib.util.find_spec(name) is None}
NAMES = [name for name in NAMES if name.split(":")[0] not in MISSING]
BUILT = {}


def built(name):
    """Return the model with four classes: built once, for tests that do not change it."""
    if name not in BUILT:
        BUILT[name] = new(name, 4)
    return BUILT[name]


def random_pictures(size, n=3):
    return np.random.default_rng(0).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", FAMILIES)
def test_it_says_what_it_is(name):
    info = model[name].info
    assert set(info) >= {"size", "layer", "has", "cite"}
    assert info["cite"]
    assert not info.get("which") or info.get("examples"), "a family names examples, or nothing of it is tested"
    if "convolution" in info["has"]:
        assert isinstance(built(name).module.get_submodule(info["layer"]), nn.Module)


@pytest.mark.slow
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


@pytest.mark.parametrize("name", NAMES)
def test_its_layer_can_be_read(name):
    mate = built(name)
    if "activations" not in mate.has:
        pytest.skip("it offers no layer to read")
    passes = mate.passes(random_pictures(mate.size, 2))
    assert isinstance(passes, Passes)
    acts, grads = passes.activations([0, 1])
    assert acts.shape == grads.shape
    assert acts.ndim == 4
    assert acts.shape[-1] < mate.size


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_the_same_again_alone_and_in_company(name):
    mate = built(name)
    pictures = random_pictures(mate.size, 3)
    together = mate.logits(pictures)
    assert np.array_equal(together, mate.logits(pictures))
    alone = np.concatenate([mate.logits(pictures[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(together[::-1], mate.logits(pictures[::-1]), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_answering_leaves_modes_and_numbers_alone(name):
    mate = new(name, 4)
    mate.module.train()
    list(mate.module.children())[-1].eval()
    modes = [m.training for m in mate.module.modules()]
    held = {k: v.clone() for k, v in mate.module.state_dict().items()}
    mate.logits(random_pictures(mate.size, 2))
    assert modes == [m.training for m in mate.module.modules()]
    assert all(torch.equal(v, mate.module.state_dict()[k]) for k, v in held.items())


@pytest.mark.parametrize("name", NAMES)
def test_numbers_that_are_not_finite_are_refused(name):
    mate = new(name, 4)
    data = weights.encode(mate.module, {})
    held, _ = weights.unpacked(data)
    first = min(held)
    held[first].view(-1)[0] = float("nan")
    with pytest.raises(ValueError, match=f"{first} holds a number that is not finite"):
        weights.load(mate.module, weights.packed(held, {}))
    assert data == weights.encode(mate.module, {}), "it was filled in part"


@pytest.mark.parametrize("name", NAMES)
def test_its_name_makes_an_equal_net_anew(name):
    mate = built(name)
    again = new(mate.name, 4)
    assert again.name == mate.name
    assert (again.size, again.layer, again.has) == (mate.size, mate.layer, mate.has)
    assert list(again.module.state_dict()) == list(mate.module.state_dict())
    assert mate.cite


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_what_it_offers_is_true(name):
    mate = built(name)
    passes = mate.passes(random_pictures(mate.size, 2))
    missing = lacking(mate.module, passes.images[:1])
    assert {"relu", "no_inplace"} & set(mate.has) <= {"relu", "no_inplace"} - set(missing)
    if "grid" in mate.has:
        rows, columns = passes.grid
        assert rows * columns > 1
        assert passes.activations([0, 1])[0].shape[2:] == (rows, columns)
    if "attention" in mate.has:
        read, gradients = passes.attention([0, 1])
        tokens = passes.prefix + rows * columns
        assert {w.shape[2:] for w in read} == {(tokens, tokens)}
        assert all(torch.allclose(w.sum(-1), torch.ones(()), atol=1e-4) for w in read)
        assert len(gradients) == len(read)
    if "gradient" in mate.has:
        assert passes.gradient([0, 1]).abs().sum() > 0


@pytest.mark.parametrize("name", FROM_EXTRAS)
def test_a_family_that_is_not_installed_says_how(name, monkeypatch):
    for loaded in [each for each in sys.modules if each.split(".")[0] == name]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, name, None)  # as if it were not there
    with pytest.raises(ModuleNotFoundError, match="pip install"):
        new(f"{name}:anything", 4)
