"""Attention methods against the plain form of their formulas, and AttnLRP against the logit it hands back."""

import numpy as np
import pytest
import torch
from torch import nn

from ai.attention import Attention, reading
from ai.engine import Refused, explain
from ai.explainers.attention_flow import reach
from ai.passes import Passes
from ai.relevance import Rules
from ai.specimens.moths import Moths
from ai.teammate import new, prepare
from game.registry import explainer

METHODS = ("attention_flow", "attention_last", "attn_lrp", "chefer", "gradient_x_attention", "rollout")
TARGETS = (0, 1, 2, 3)


@pytest.fixture(scope="module")
def vit():
    """An untrained transformer whose attention is not flat, so that a wrong order of blocks would show."""
    mate = new("small_vit", 4, seed=5)
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(1)
        for part in mate.module.modules():
            if isinstance(part, Attention):
                part.qkv.weight.normal_(0, 0.2)
        mate.module.cls.normal_()
        mate.module.head.bias.normal_()
    return mate


@pytest.fixture(scope="module")
def images():
    moths = Moths()
    return prepare(np.stack([moths.draw(scene, 32) for scene in moths.scenes(4, 2)]))


def passes(mate, images, batch=4):
    return Passes(mate.module, images, layer=mate.layer, has=mate.has, model=mate.name, batch=batch)


def near(mine, theirs, atol=2e-7):
    np.testing.assert_allclose(mine, np.asarray(theirs.detach()), atol=atol, rtol=2e-6)


def whole(mate, images):
    """Every block's weights and the gradient of the targets' logits there, with nothing of ours but the weights."""
    mate.module.eval()
    with reading(mate.module) as weights:
        logits = mate.module(images.clone().requires_grad_(True))
    grads = torch.autograd.grad(logits[range(4), TARGETS].sum(), weights)
    return [w.detach() for w in weights], grads


def test_rollout_is_the_product_of_whole_matrices(vit, images):
    weights, _ = whole(vit, images)
    joint = torch.eye(17)
    for block in weights:
        mixed = block.mean(1) + torch.eye(17)
        joint = mixed / mixed.sum(-1, keepdim=True) @ joint
    near(explain("rollout", passes(vit, images), TARGETS).values, joint[:, 0, 1:].reshape(4, 4, 4))


def test_chefer_is_the_rule_on_whole_matrices(vit, images):
    weights, grads = whole(vit, images)
    relevance = torch.eye(17).expand(4, -1, -1)
    for block, grad in zip(weights, grads, strict=True):
        relevance = relevance + (block * grad).clamp_min(0).mean(1) @ relevance
    near(explain("chefer", passes(vit, images), TARGETS).values, relevance[:, 0, 1:].reshape(4, 4, 4))


def test_last_attention_and_gradient_are_read_off(vit, images):
    weights, grads = whole(vit, images)
    ours = passes(vit, images)
    near(explain("attention_last", ours, TARGETS).values, weights[-1].mean(1)[:, 0, 1:].reshape(4, 4, 4))
    near(explain("attention_last", ours, TARGETS, head=2).values, weights[-1][:, 2, 0, 1:].reshape(4, 4, 4))
    both = torch.stack([(w * g.clamp_min(0)).mean((1, 2)) for w, g in zip(weights, grads, strict=True)]).mean(0)
    near(explain("gradient_x_attention", ours, TARGETS).values, both[:, 1:].reshape(4, 4, 4))
    with pytest.raises(ValueError, match="no head 4: the model has 4"):
        explain("attention_last", ours, TARGETS, head=4)


def flow(blocks, tokens):
    """The maximum flow from token 0 above all blocks to each token below them."""
    networkx = pytest.importorskip("networkx", reason="torch brings networkx along; without it there is no oracle")
    graph = networkx.DiGraph()
    for level, block in enumerate(reversed(blocks)):
        for i in range(tokens):
            for j in range(tokens):
                graph.add_edge((level, i), (level + 1, j), capacity=float((block[i, j] + (i == j)) / 2))
    return np.array([networkx.maximum_flow_value(graph, (0, 0), (len(blocks), j)) for j in range(tokens)])


@pytest.mark.parametrize(("depth", "most"), [(1, 1e-6), (2, 1e-6), (4, 0.3)])
def test_the_flow_is_never_more_than_the_bound(depth, most):
    drawn = torch.Generator().manual_seed(depth)
    blocks = [(2 * torch.randn(8, 8, generator=drawn)).softmax(-1) for _ in range(depth)]
    there = torch.zeros(1, 1, 8)
    there[..., 0] = 1
    for block in reversed(blocks):
        there = reach(there, block[None])
    over = there[0, 0].numpy() - flow(blocks, 8)
    assert over.min() > -1e-6
    assert over.max() < most


def test_attention_methods_without_a_class_token_read_all_tokens(vit, images):
    class Pooled(nn.Module):
        patch, prefix = 8, 0

        def __init__(self):
            super().__init__()
            self.embed, self.attend, self.head = nn.Conv2d(3, 8, 8, 8), Attention(8, 2), nn.Linear(8, 4)

        def forward(self, x):
            return self.head(self.attend(self.embed(x).flatten(2).transpose(1, 2)).mean(1))

    module = Pooled().eval()
    ours = Passes(module, images, has=("gradient", "attention", "grid"))
    with reading(module) as weights:
        module(images)
    near(explain("attention_last", ours, TARGETS).values, weights[0].mean((1, 2)).reshape(4, 4, 4))
    assert explain("attn_lrp", ours, TARGETS).values.shape == (4, 4, 4)


# AttnLRP on a whole network; its rules alone are in test_attn_lrp.py


def test_gamma_keeps_the_logit_and_calms_the_map(vit, images):
    ours = passes(vit, images)
    made = explain("attn_lrp", ours, TARGETS, level="pixel", gamma_conv=0.25, gamma_linear=0.05)
    np.testing.assert_allclose(made.values.sum((1, 2)) + made.gap, ours.predict()[range(4), TARGETS], atol=1e-4)
    plain = explain("attn_lrp", ours, TARGETS, level="pixel")
    assert np.abs(made.values).sum() < np.abs(plain.values).sum()
    with pytest.raises(ValueError, match=r"attn_lrp\.gamma_linear is a finite number, 0 or more"):
        explain("attn_lrp", ours, TARGETS, gamma_linear=-1.0)


def test_relevance_and_what_biases_and_softmaxes_keep_is_the_logit(vit, images):
    module, x = vit.module.eval(), images.clone().requires_grad_(True)
    kept = [p for name, p in module.named_parameters() if name.endswith("bias")] + [module.cls, module.place]
    with Rules(), reading(module) as weights:
        logit = module(x)[range(4), TARGETS].sum()
    grads = torch.autograd.grad(logit, [x, *kept, *weights])
    total = sum((value * grad).sum() for value, grad in zip([x, *kept], grads, strict=False))
    for s, g in zip(weights, grads[1 + len(kept) :], strict=True):
        scores = s.log()  # but for a constant, which the softmax does not see
        total = total + (s * g).sum() - (scores * s * (g - (s * g).sum(-1, keepdim=True))).sum()
    torch.testing.assert_close(total, logit, atol=1e-4, rtol=1e-4)


def test_the_gap_is_what_is_not_on_pixels(vit, images):
    ours = passes(vit, images)
    tokens, pixels = (explain("attn_lrp", ours, TARGETS, level=level) for level in ("token", "pixel"))
    logits = ours.predict()[range(4), TARGETS].numpy()
    for made in (tokens, pixels):
        np.testing.assert_allclose(made.values.sum((1, 2)) + made.gap, logits, atol=1e-5)
    np.testing.assert_allclose(tokens.values, pixels.values.reshape(4, 4, 8, 4, 8).sum((2, 4)), atol=1e-6)
    with pytest.raises(ValueError, match=r"attn_lrp\.level is one of token, pixel, not"):
        explain("attn_lrp", ours, TARGETS, level="block")


def test_attn_lrp_is_not_gradient_times_input(vit, images):
    ours = passes(vit, images)
    plain = (ours.gradient(TARGETS) * images).sum(1).numpy()
    made = explain("attn_lrp", ours, TARGETS, level="pixel").values
    assert abs(np.corrcoef(plain.ravel(), made.ravel())[0, 1]) < 0.99


# What every one of them keeps to


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_the_batch_changes_nothing_and_it_repeats(name, vit, images):
    made = [explain(name, passes(vit, images, batch), TARGETS, 1) for batch in (4, 4, 1, 3)]
    assert made[0].values.shape == (4, 4, 4)
    assert made[0].values.std() > 0
    assert np.array_equal(made[0].values, made[1].values)
    for other in made[2:]:
        np.testing.assert_allclose(made[0].values, other.values, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_it_leaves_the_model_alone_and_uses_what_it_declares(name, vit, images):
    ours, before = passes(vit, images), {k: v.clone() for k, v in vit.module.state_dict().items()}
    vit.module.train()
    made = explain(name, ours, TARGETS)
    assert all(m.training for m in vit.module.modules())
    assert all(p.requires_grad and p.grad is None for p in vit.module.parameters())
    assert all(torch.equal(v, vit.module.state_dict()[k]) for k, v in before.items())
    assert ours.used == set(explainer[name].info["passes"])
    assert made.signed == explainer[name].info["signed"]
    assert made.signed or made.values.min() >= 0


@pytest.mark.parametrize("name", METHODS)
def test_a_convolutional_net_is_refused_by_name(name, images):
    mate = new("small_cnn", 4)
    with pytest.raises(Refused, match=rf"'{name}' is not valid for 'small_cnn': it reads attention weights"):
        explain(name, passes(mate, images), TARGETS)
