"""Models of timm, made here and kept in folders: no test reaches the network."""

import importlib.util
import inspect
import json

import numpy as np
import pytest
import torch

from ai import weights
from ai.engine import explain, refusal
from ai.models import timm
from ai.teammate import new
from game.registry import explainer

pytestmark = pytest.mark.skipif(importlib.util.find_spec("timm") is None, reason="the extra [timm] is not installed")

VIT = "timm:vit_tiny_patch16_224?depth=2&size=32"
CNN = "timm:test_resnet?size=32"
FEW = {
    "grid": 4,
    "masks": 56,
    "samples": 4,
    "steps": 4,
    "permutations": 1,
    "orders": 2,
    "baselines": 2,
    "nodes": 3,
    "n": 4,
}


@pytest.fixture(scope="module")
def small():
    return {name: new(name, 3, 1) for name in (VIT, CNN)}


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), dtype=np.uint8)


def checkpoint(folder, name, classes=3, **config):
    """Write a checkpoint folder as timm does."""
    net = new(name, classes, 4).module.net
    folder.mkdir(exist_ok=True)
    said = {"architecture": name.split(":")[1].split("?")[0], "num_classes": classes}
    said |= {"pretrained_cfg": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.3], "input_size": [3, 32, 32]}, **config}
    (folder / "config.json").write_text(json.dumps(said))
    (folder / "model.safetensors").write_bytes(weights.packed(dict(net.state_dict()), {}))
    return net


def test_what_they_offer_is_seen(small):
    assert set(small[VIT].has) == {"gradient", "no_inplace", "activations", "grid", "attention"}
    assert set(small[CNN].has) == {"gradient", "relu", "no_inplace", "convolution", "activations"}
    assert small[VIT].passes(np.zeros((1, 32, 32, 3), np.uint8)).grid == (2, 2)


@pytest.mark.slow
@pytest.mark.parametrize("name", [VIT, CNN])
def test_every_method_that_suits_them_works(small, pictures, name):
    mate = small[name]
    tried = 0
    for entry in explainer:
        needs = set(entry.info["needs"])
        if refusal(entry.name, mate.has) is not None or needs & {"gallery", "twins", "masks", "others"}:
            continue
        passes = mate.passes(pictures)
        known = inspect.signature(entry.thing).parameters
        made = explain(entry.name, passes, (0, 1), 0, **{k: v for k, v in FEW.items() if k in known})
        assert np.isfinite(made.values).all(), entry.name
        tried += 1
    assert tried > 10


def test_ours_and_theirs_give_the_same(small):
    torch.manual_seed(0)
    theirs = new("timm:vit_tiny_patch16_224?depth=2&size=32", 3, 1).module
    from timm.layers.attention import Attention

    for name, part in list(theirs.net.named_modules()):
        if isinstance(part, timm.Attended):
            plain = Attention(part.qkv.in_features, part.heads, qkv_bias=True)
            plain.qkv, plain.proj = part.qkv, part.proj
            theirs.net.set_submodule(name, plain)
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(small[VIT].module.eval()(x), theirs.eval()(x), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", [VIT, CNN])
def test_a_checkpoint_folder_is_read_with_its_pixels(tmp_path, pictures, name):
    options = {"depth": 2, "img_size": 32} if name == VIT else {}
    net = checkpoint(tmp_path / "net", name, model_args=options).eval()
    mate = new(f"timm:{tmp_path / 'net'}", 3)
    x = torch.from_numpy(pictures).permute(0, 3, 1, 2) / 255
    x = (x - torch.tensor([0.5, 0.4, 0.3]).view(3, 1, 1)) / torch.tensor([0.2, 0.2, 0.3]).view(3, 1, 1)
    with torch.no_grad():
        np.testing.assert_allclose(mate.logits(pictures), net(x).numpy(), atol=1e-4)
    assert str(tmp_path) not in mate.name, "what makes it anew needs no folder"
    again = new(mate.name, 3)
    weights.load(again.module, weights.encode(mate.module, {}))
    np.testing.assert_allclose(again.logits(pictures), mate.logits(pictures), atol=0.05)


def test_a_checkpoint_for_other_classes_gets_a_new_head_only_when_asked(tmp_path):
    checkpoint(tmp_path / "net", CNN, classes=7)
    with pytest.raises(ValueError, match="these weights are for 7 classes, not 3: head=new"):
        new(f"timm:{tmp_path / 'net'}", 3)
    mate = new(f"timm:{tmp_path / 'net'}?head=new", 3)
    assert mate.logits(np.zeros((1, 32, 32, 3), np.uint8)).shape == (1, 3)


def test_positions_are_resampled_for_another_size(tmp_path):
    checkpoint(tmp_path / "net", VIT, model_args={"depth": 2, "img_size": 32})
    mate = new(f"timm:{tmp_path / 'net'}?size=64&img_size=64", 3)
    assert mate.size == 64
    assert mate.module.net.pos_embed.shape[1] == 17


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "config.json").unlink(), "has no config.json"),
        (lambda f: (f / "config.json").write_text("{"), "config.json: "),
        (
            lambda f: (f / "config.json").write_text('{"model_type": "vit"}'),
            r"no architecture of timm \(model_type: vit\)",
        ),
        (lambda f: (f / "model.safetensors").rename(f / "pytorch_model.bin"), "could run code when read"),
        (lambda f: (f / "model.safetensors").write_bytes(b"x" * 40), "header is cut off"),
        (lambda f: (f / "config.json").write_text('{"architecture": "test_vit"}'), "do not fit the model"),
        (lambda f: (f / "config.json").write_text('{"architecture": "nothing_18"}'), "timm has no model 'nothing_18'"),
    ],
)
def test_a_folder_that_is_not_one_is_refused(tmp_path, spoil, said):
    checkpoint(tmp_path / "net", CNN)
    spoil(tmp_path / "net")
    with pytest.raises(ValueError, match=said):
        new(f"timm:{tmp_path / 'net'}", 3)


def test_numbers_that_are_not_finite_are_named(tmp_path):
    net = checkpoint(tmp_path / "net", CNN)
    held = dict(net.state_dict())
    held["conv1.0.weight" if "conv1.0.weight" in held else "conv1.weight"][0] = float("nan")
    (tmp_path / "net" / "model.safetensors").write_bytes(weights.packed(held, {}))
    with pytest.raises(ValueError, match=r"weights are broken: conv1\S* holds a number that is not finite"):
        new(f"timm:{tmp_path / 'net'}", 3)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("timm:", "name a model of timm"),
        ("timm:resnet1888", "timm has no model 'resnet1888'"),
        ("timm:test_resnet?size", "'size' has no value"),
        ("timm:test_resnet?colour=3", "does not take"),
        ("timm:test_resnet?pretrained=true", "add head=new"),
        ("timm:test_resnet?weights=none.safetensors", "cannot be read: No such file"),
        ("small_cnn:x", "'small_cnn' is one model"),
    ],
)
def test_a_name_that_does_not_do_is_refused(name, said):
    with pytest.raises(ValueError, match=said):
        new(name, 3)


def test_nothing_is_downloaded_unless_asked(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ValueError, match="its weights are not on this disk; --download fetches them"):
        new("timm:test_resnet?pretrained=true&head=new", 3)
    assert constants.HF_HUB_OFFLINE in (False, True)
    with timm.downloading():
        assert timm._downloads.get()
    assert not timm._downloads.get()
