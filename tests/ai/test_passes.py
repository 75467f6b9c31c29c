"""Passes are made once, and leave a model as they found it."""

import pytest
import torch
from torch import nn

from ai.passes import Passes, still
from ai.teammate import prepare


def hooks(module):
    return sum(len(m._forward_hooks) + len(m._backward_hooks) for m in module.modules())


class Failing(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x):
        self.norm(self.conv(x))
        raise RuntimeError("out of order")


def test_a_pass_is_made_once(mate, pictures, monkeypatch):
    calls = []
    forward = mate.module.forward
    monkeypatch.setattr(mate.module, "forward", lambda x: calls.append(len(x)) or forward(x))
    passes = mate.passes(pictures)
    passes.gradient([0] * 6), passes.activations([0] * 6), passes.predict(), passes.gradient([0] * 6)
    assert calls == [6]
    passes.gradient([1] * 6)
    assert calls == [6, 6]


def test_the_mode_comes_back(mate, pictures):
    mate.module.train()
    mate.module.stem_norm.eval()
    before = [m.training for m in mate.module.modules()]
    mate.passes(pictures).gradient([0] * 6)
    assert [m.training for m in mate.module.modules()] == before


def test_nothing_stays_behind_after_an_error(pictures):
    module = Failing().train()
    numbers = {k: v.clone() for k, v in module.state_dict().items()}
    passes = Passes(module, prepare(pictures), layer="conv")
    for ask in (passes.predict, lambda: passes.gradient([0] * 6)):
        with pytest.raises(RuntimeError, match="out of order"):
            ask()
        assert hooks(module) == 0
        assert all(m.training for m in module.modules())
    assert all(torch.equal(v, module.state_dict()[k]) for k, v in numbers.items()), "it ran in training mode"


def test_parameters_keep_no_gradient(mate, pictures):
    mate.passes(pictures).activations([0] * 6)
    assert all(p.grad is None and p.requires_grad for p in mate.module.parameters())
    assert hooks(mate.module) == 0


@pytest.mark.parametrize("batch", [1, 4])
def test_the_batch_size_changes_nothing(mate, pictures, batch):
    whole, parts = (Passes(mate.module, prepare(pictures), layer=mate.layer, batch=b) for b in (6, batch))
    targets = [0, 1, 2, 3, 0, 1]
    for a, b in zip(
        (whole.predict(), whole.gradient(targets), *whole.activations(targets)),
        (parts.predict(), parts.gradient(targets), *parts.activations(targets)),
        strict=True,
    ):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-5)


def test_wrong_questions_are_refused(mate, pictures):
    with pytest.raises(ValueError, match="2 targets for 6 images"):
        mate.passes(pictures).gradient([0, 1])
    with pytest.raises(ValueError, match="names no convolutional layer"):
        Passes(mate.module, prepare(pictures)).activations([0] * 6)


def test_still_holds_the_mode():
    module = nn.Sequential(nn.BatchNorm2d(3)).train()
    with still(module):
        assert not module[0].training
    assert module[0].training
