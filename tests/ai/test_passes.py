"""Passes are made once, and leave a model as they found it."""

import pytest
import torch
from torch import nn

from ai import batching
from ai.attention import reading
from ai.fused import fused
from ai.passes import Passes, still
from ai.pool import KINDS, draw
from ai.runner import Form, Quick, chosen
from ai.teammate import new, prepare


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


@pytest.fixture
def vit(pictures):
    mate = new("small_vit", 4, seed=5)
    return Passes(mate.module, prepare(pictures[:3, :32, :48]), layer=mate.layer, has=mate.has, batch=2)


def test_any_images_go_forward_and_back(mate, pictures):
    passes = mate.passes(pictures)
    torch.testing.assert_close(passes.forward(passes.images), passes.predict())
    torch.testing.assert_close(passes.backward(passes.images, [1] * 6), passes.gradient([1] * 6))
    with pytest.raises(ValueError, match="1 targets for 2 images"):
        passes.backward(passes.images[:2], [1])
    assert passes.used == {"forward", "predict", "backward", "gradient"}


def test_a_layer_is_read_by_a_shorter_pass_unless_more_is_foreseen(mate, pictures):
    short, long, targets = mate.passes(pictures), mate.passes(pictures), [0, 1, 2, 0, 1, 2]
    long.foreseen = {"gradient"}
    for one, other in zip(short.activations(targets), long.activations(targets), strict=True):
        assert one.requires_grad is False
        torch.testing.assert_close(one, other)
    torch.testing.assert_close(short.gradient(targets), long.gradient(targets))
    assert (short.runner.backwards, long.runner.backwards) == (12, 6), "foreseen, one pass serves both"
    assert short.activations(targets)[0].shape == long.activations(targets)[0].shape


def test_features_are_what_the_head_reads(mate, pictures):
    passes = mate.passes(pictures)
    torch.testing.assert_close(mate.module.head(passes.features()), passes.predict())
    assert passes.runner.forwards == 6, "the features bring the logits"
    with pytest.raises(ValueError, match="does not end in a linear layer"):
        Passes(nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()), passes.images).features()


def test_attention_is_read_with_its_gradient(vit):
    fused = vit.predict()
    weights, grads = vit.attention([0, 1, 2])
    assert [w.shape for w in weights] == [g.shape for g in grads] == [(3, 4, 25, 25)] * len(vit.module.blocks)
    torch.testing.assert_close(weights[0].sum(-1), torch.ones(3, 4, 25))
    assert vit.attention()[0][0] is weights[0], "weights without gradients come for nothing"
    assert vit.grid == (4, 6)
    before = vit.runner.backwards
    vit.attention([0, 1, 2])
    assert vit.runner.backwards == before
    assert all(b.attention.held is None for b in vit.module.blocks)
    torch.testing.assert_close(vit.over(vit.images).predict(), fused)
    with torch.no_grad(), reading(vit.module) as mine:
        torch.testing.assert_close(vit.module.eval()(vit.images), fused, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(mine[0], weights[0])


def test_without_tokens_there_is_neither_grid_nor_attention(mate, pictures):
    passes = mate.passes(pictures)
    with pytest.raises(ValueError, match="no grid of tokens"):
        _ = passes.grid
    with pytest.raises(ValueError, match="no attention"):
        passes.attention([0] * 6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_small_pool_is_the_beginning_of_a_large_one(mate, pictures, kind):
    passes = mate.passes(pictures[:2])
    few, some = passes.masked(4, 40, 1, "blur", kind)
    before = passes.runner.forwards
    more, all_of_them = passes.masked(4, 64, 1, "blur", kind)
    assert passes.runner.forwards - before == 2 * 24, "only what was missing"
    assert torch.equal(few, more[:40])
    assert torch.equal(some, all_of_them[:, :40])
    assert passes.masked(4, 50, 1, "blur", kind)[0].shape == (50, 16)
    other = mate.passes(pictures[:2])
    torch.testing.assert_close(other.masked(4, 64, 1, "blur", kind)[1], all_of_them, atol=1e-5, rtol=1e-5)


def test_a_mask_takes_away_what_it_says(mate, pictures):
    passes = mate.passes(pictures[:2])
    base = passes.baseline("mean")
    masks, logits = passes.masked(2, 4, kind="without")
    assert masks.tolist() == (1 - torch.eye(4)).tolist()
    by_hand = passes.images.clone()
    by_hand[:, :, :24, 24:] = base[:, :, :24, 24:]
    torch.testing.assert_close(logits[:, 1], passes.forward(by_hand), atol=1e-5, rtol=1e-5)
    half = torch.full((1, 48, 48), 0.25)
    torch.testing.assert_close(
        passes.masked_by(half)[:, 0], passes.forward(0.25 * passes.images + 0.75 * base), atol=1e-5, rtol=1e-5
    )
    cells = torch.zeros(2, 48, 48, dtype=torch.int64)
    cells[0, :24, 24:] = 1
    mine = passes.masked_by(torch.tensor([[1.0, 0.0]]), cells, base)
    torch.testing.assert_close(mine[0, 0], logits[0, 1], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(mine[1, 0], passes.predict()[1], atol=1e-5, rtol=1e-5)
    with pytest.raises(ValueError, match="do not fit"):
        passes.masked(cells[:, :3], 4)


def test_pairs_are_complements_and_orders_grow():
    paired = draw("paired", 40, 9, 3)
    assert torch.equal(paired[::2] + paired[1::2], torch.ones(20, 9))
    assert set(paired.sum(1).int().tolist()) <= set(range(1, 9))
    order = draw("permutation", 16, 9, 3)
    assert order[:8].sum(1).tolist() == list(range(1, 9))
    assert ((order[1:8] - order[:7]) >= 0).all()
    assert torch.equal(order[:8].flip(0) + order[8:], torch.ones(8, 9)), "the reverse order adds the others first"


@pytest.mark.parametrize("kind", ["mean", "blur", "black", "grey", "noise"])
def test_a_baseline_depends_on_its_image_only(mate, pictures, kind):
    passes = mate.passes(pictures)
    whole = passes.baseline(kind, 3)
    assert whole.shape == passes.images.shape
    torch.testing.assert_close(whole[2:3], passes.over(passes.images[2:3]).baseline(kind, 3))
    assert torch.equal(whole, passes.baseline(whole))
    assert float(whole.min()) >= -1.8 - 1e-6
    assert float(whole.max()) <= 2.2 + 1e-6


def test_memory_is_bounded(vit, mate, pictures, monkeypatch):
    vit.room = 1000
    with pytest.raises(MemoryError, match=r"attention weights for 3 images.*explain fewer"):
        vit.attention([0, 0, 0])
    passes, seen = Passes(mate.module, prepare(pictures), batch=4), []
    forward = mate.module.forward
    monkeypatch.setattr(mate.module, "forward", lambda x: seen.append(len(x)) or forward(x))
    passes.masked(4, 9), passes.forward(passes.images), passes.backward(passes.images, [0] * 6)
    assert max(seen) == 4
    assert seen[:14] == [4] * 13 + [2], "batches are filled across images and masks"


@pytest.mark.slow
def test_the_batch_is_measured_once(mate, pictures, monkeypatch):
    passes = Passes(mate.module, prepare(pictures), layer=mate.layer, batch=None)
    assert passes.batch in batching.ON_CPU
    monkeypatch.setattr(batching, "_fastest", lambda *_: pytest.fail("measured again"))
    assert Passes(mate.module, prepare(pictures), batch=None).batch == passes.batch


@pytest.mark.parametrize("last", [False, True])
def test_a_fused_copy_gives_the_same(mate, pictures, last):
    mate.module.train()(prepare(pictures))
    passes, mine = mate.passes(pictures), mate.passes(pictures)
    copy, changed = fused(mate.module.eval(), passes.images[:1])
    assert not any(isinstance(m, nn.BatchNorm2d) for m in copy.modules())
    assert changed == {n for n, m in mate.module.named_modules() if isinstance(m, nn.Conv2d)}
    if last:
        copy.to(memory_format=torch.channels_last)
    mine.runner.ahead = mine.runner.back = Form(16, Quick(copy, last, changed))
    targets = [0, 1, 2, 3, 0, 1]
    for ask in (lambda p: p.gradient(targets), lambda p: p.activations(targets)[1], lambda p: p.forward(p.images)):
        a, b = ask(passes), ask(mine)
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)
    mine.layer, passes.layer = "early.0.conv_1", "early.0.conv_1"
    torch.testing.assert_close(passes.activations([1] * 6)[0], mine.activations([1] * 6)[0], atol=1e-5, rtol=1e-4)


def test_going_back_has_a_form_of_its_own(mate, pictures, monkeypatch):
    best = {False: ("eager", 8), True: ("fused, channels last", 32)}
    monkeypatch.setattr(batching, "_chosen", {})
    monkeypatch.setattr(batching, "_fastest", lambda *given: best[given[-1]])
    mine, targets = Passes(mate.module, prepare(pictures), layer=mate.layer, batch=None), [0, 1, 2, 3, 0, 1]
    assert (mine.batch, mine.form.batch) == (8, 32)
    assert mine.runner.ahead.quick is None
    planes = mine.form.planes(mine.images)
    assert planes.shape == (6, 48, 48, 3)
    assert mine.form.shown(planes).data_ptr() == planes.data_ptr()
    grads = mine.slopes(planes, lambda logits: chosen(logits, targets))
    assert grads.is_contiguous(), "nothing is copied"
    torch.testing.assert_close(mine.form.shown(grads), mate.passes(pictures).gradient(targets), atol=1e-5, rtol=1e-4)


def test_activations_alone_need_no_backward_pass(mate, pictures):
    targets = [0, 1, 2, 3, 0, 1]
    passes, other = mate.passes(pictures), mate.passes(pictures)
    acts, none = passes.activations()
    assert none.shape == (6, 0)
    assert (passes.runner.forwards, passes.runner.backwards) == (6, 0)
    torch.testing.assert_close(acts, other.activations(targets)[0])
    assert other.activations()[0].data_ptr() == other.activations(targets)[0].data_ptr(), "they are there already"
    passes.predict()
    assert passes.runner.forwards == 6


def test_mixing_is_the_mean_of_the_heads(vit):
    mixed = vit.over(vit.images).mixing()
    weights = vit.attention()[0]
    for one, heads in zip(mixed, weights, strict=True):
        torch.testing.assert_close(one, heads.mean(1))
    assert all(b.attention.held is None and not b.attention.mixed for b in vit.module.blocks)
    before = vit.runner.forwards
    assert len(vit.mixing()) == len(weights)
    assert vit.runner.forwards == before, "weights that are there are read again"


def test_a_copy_that_is_another_model_is_not_used(mate, pictures, monkeypatch):
    images = prepare(pictures)
    assert set(batching.quicker(mate.module, images)) == {"fused", "fused, channels last"}
    other = new("small_cnn", 4, seed=9).module.eval()
    monkeypatch.setattr(batching, "fused", lambda *_: (other, frozenset()))
    assert not batching.quicker(mate.module, images)


def test_half_precision_says_what_it_costs(mate, pictures):
    passes = Passes(mate.module, prepare(pictures), precision="bf16")
    assert 0.99 < passes.fidelity < 1
    assert passes.forward(passes.images).dtype == torch.float32
    assert torch.equal(passes.predict(), mate.passes(pictures).predict()), "the answer itself stays fp32"
    with pytest.raises(ValueError, match="no precision is called"):
        Passes(mate.module, passes.images, precision="fp8")
