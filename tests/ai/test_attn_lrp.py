"""AttnLRP's rules: one network worked out by hand, each rule alone, and what has no rule."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from ai.attention import Attention
from ai.engine import explain
from ai.passes import Passes
from ai.relevance import Rules


class Tiny(nn.Module):
    """One head over three tokens of width 2, no bias: small enough for the formulas of the paper, term by term."""

    def __init__(self):
        super().__init__()
        drawn = torch.Generator().manual_seed(3)
        self.q, self.k, self.v = (nn.Parameter(torch.randn(2, 2, generator=drawn)) for _ in range(3))

    def forward(self, x):
        q, k, v = (functional.linear(x, w) for w in (self.q, self.k, self.v))
        return ((q @ k.transpose(-2, -1)).softmax(-1) @ v)[:, 0].sum(1, keepdim=True)


def linear_back(relevance, x, w):
    """Epsilon rule, epsilon to zero: R_i = sum_j x_i w_ji / z_j R_j."""
    z = x @ w.T
    return x * ((relevance / z) @ w)


def product_back(relevance, a, b):
    """Each factor's half: R_a(i, j) = sum_p a_ij b_jp / (2 o_ip) R_ip."""
    share = relevance / (2 * (a @ b))
    return a * (share @ b.T), b * (a.T @ share)


def test_attn_lrp_is_the_paper_worked_out_by_hand():
    x, net = np.random.default_rng(0).normal(size=(3, 2)), Tiny().double()
    wq, wk, wv = (getattr(net, n).detach().numpy() for n in "qkv")
    q, k, v = x @ wq.T, x @ wk.T, x @ wv.T
    scores = q @ k.T
    weights = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    out = weights @ v
    start = np.zeros((3, 2))
    start[0] = out[0]  # the logit is the sum of the first token
    r_weights, r_v = product_back(start, weights, v)
    r_scores = scores * (r_weights - weights * r_weights.sum(1, keepdims=True))
    r_q, r_k = product_back(r_scores, q, k.T)
    by_hand = linear_back(r_v, x, wv) + linear_back(r_q, x, wq) + linear_back(r_k.T, x, wk)

    given = torch.tensor(x)[None].requires_grad_(True)
    with Rules():
        logit = net.requires_grad_(False)(given)
    (grad,) = torch.autograd.grad(logit.sum(), given)
    np.testing.assert_allclose((grad * given)[0].detach().numpy(), by_hand, rtol=1e-9, atol=1e-12)
    assert logit.item() == pytest.approx(out[0].sum())


def ran(function, *inputs):
    """Relevance in and out of one operation under the rules."""
    given = [i.double().requires_grad_(True) for i in inputs]
    with Rules():
        out = function(*given)
    start = torch.linspace(-1, 2, out.numel(), dtype=torch.double).reshape(out.shape)
    grads = torch.autograd.grad(out, given, start)
    return (start * out).sum().item(), [(g * i).sum().item() for g, i in zip(grads, given, strict=True)], out


def test_each_rule_conserves_relevance():
    drawn = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 3, 4, generator=drawn), torch.randn(2, 4, 3, generator=drawn)
    before, (left, right), out = ran(torch.matmul, a, b)
    assert left == pytest.approx(before / 2)
    assert right == pytest.approx(before / 2)
    torch.testing.assert_close(out, a.double() @ b.double())
    before, after, _ = ran(torch.mul, a, a + 1)
    assert after == pytest.approx([before / 2] * 2)
    for function in (functional.gelu, nn.GELU("tanh"), nn.SiLU(), nn.ReLU(), torch.tanh):
        before, (after,), out = ran(function, a)
        assert after == pytest.approx(before)
        torch.testing.assert_close(out, function(a.double()))
    before, (after,), out = ran(nn.LayerNorm(4, elementwise_affine=False), a)
    assert after == pytest.approx(before)
    torch.testing.assert_close(out, functional.layer_norm(a.double(), (4,)))


def gamma_back(relevance, x, w, gamma, bias):
    """Gamma rule for inputs of either sign: contributions that agree with the output's sign count more, a bias's too."""
    parts = np.concatenate([w * x[None], bias[:, None]], 1)  # (out, in and 1)
    agree = np.where(np.sign(parts) == np.sign(parts.sum(1))[:, None], 1 + gamma, 1)
    share = parts * agree
    return (share / share.sum(1, keepdims=True) * relevance[:, None]).sum(0)[:-1]


@pytest.mark.parametrize("strength", [0.0, 0.5])
@pytest.mark.parametrize("gamma", [0.0, 0.05, 0.25, 10.0])
def test_the_gamma_rule_is_its_formula(gamma, strength):
    rng = np.random.default_rng(4)
    x, w, r, b = rng.normal(size=5), rng.normal(size=(3, 5)), rng.normal(size=3), strength * rng.normal(size=3)
    given, weight, bias = torch.tensor(x)[None].requires_grad_(True), torch.tensor(w), torch.tensor(b)
    for rules, function in (
        (Rules(linear=gamma), lambda: functional.linear(given, weight, bias)),
        (
            Rules(conv=gamma),
            lambda: functional.conv2d(given[..., None, None], weight[..., None, None], bias)[..., 0, 0],
        ),
    ):
        with rules:
            out = function()
        np.testing.assert_allclose(out[0].detach().numpy(), w @ x + b, rtol=1e-12)
        (grad,) = torch.autograd.grad(out, given, torch.tensor(r)[None] / out.detach())
        np.testing.assert_allclose((grad * given)[0].detach().numpy(), gamma_back(r, x, w, gamma, b), rtol=1e-9)


class Strange(nn.Module):
    patch, prefix = 8, 0

    def __init__(self):
        super().__init__()
        self.embed, self.attend, self.norm = nn.Conv2d(3, 8, 8, 8), Attention(8, 2), nn.GroupNorm(2, 8)

    def forward(self, x):
        return self.attend(self.norm(self.embed(x)).flatten(2).transpose(1, 2)).mean(1)


def test_attn_lrp_refuses_an_operation_without_a_rule():
    module = Strange().train()
    before = {k: v.clone() for k, v in module.state_dict().items()}
    with pytest.raises(ValueError, match="no rule for 'group_norm'"):
        explain(
            "attn_lrp", Passes(module, torch.rand(4, 3, 32, 32), has=("gradient", "attention", "grid")), (0, 1, 2, 3)
        )
    assert all(m.training for m in module.modules())
    assert all(p.requires_grad for p in module.parameters())
    assert all(torch.equal(v, module.state_dict()[k]) for k, v in before.items())
