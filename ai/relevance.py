"""The rules of AttnLRP, as a changed backward pass: gradient x input then is relevance, at every tensor.

Achtibat et al. 2024, arXiv:2402.05602. Three rules for what attention adds to a network:

- **product of two activations** (query x key, weights x value, gates): each takes half of the relevance;
- **softmax**: first-order Taylor at the weights themselves, x_i (R_i - s_i sum R): its own gradient says just that, and
  what does not depend on the scores is left to the softmax;
- **normalisation**: the spread is taken as a constant, so nothing is lost to it;

and for what was there before: the identity rule for activations (all relevance goes to their one input), and for linear
layers the gamma rule, which at gamma 0 is the epsilon rule with epsilon to zero. Biases keep their share.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

NEAR_ZERO = 1e-6


class Rules(TorchFunctionMode):
    """While entered, operations are recorded with the rules above; values are what they were.

    Parameters must be frozen, as it tells activations from weights by whether they have a gradient. An operation without
    a rule raises ValueError: it would be wrong without a word. `conv` and `linear` are the gammas of such layers: how much
    more a contribution counts that agrees with the sign of the output.
    """

    def __init__(self, conv: float = 0.0, linear: float = 0.0) -> None:
        super().__init__()
        if min(conv, linear) < 0:
            raise ValueError(f"gamma must be 0 or more, not {min(conv, linear)}")
        self.gammas = {functional.conv2d: conv, functional.linear: linear}

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run one operation under its rule."""
        del types
        given = dict(kwargs or {})
        live = [a for a in (*args, *given.values()) if isinstance(a, Tensor) and a.requires_grad]
        if func in REFUSED and live and (func not in TWO_SIDED or _is_live(args[1])):
            name = getattr(func, "__name__", str(func))
            raise ValueError(f"attn_lrp has no rule for {name!r}: write that layer with operations that have one")
        if func in PRODUCTS and len(live) == 2:
            return _half(func(*args, **given))
        if func is functional.gelu and given.get("approximate", "none") == "none" and len(args) == 1 and live:
            return _Gelu.apply(args[0])
        if func in ACTIVATIONS and live:
            return _identity(lambda x: func(x, *args[1:], **given), args[0])
        if self.gammas.get(func) and live:
            return _favoured(func, self.gammas[func], *args, **given)
        if func is functional.layer_norm:
            return _normalised(*args, **given)
        if func is functional.scaled_dot_product_attention:
            return _attended(*args, **given)
        return func(*args, **given)


def _is_live(value: object) -> bool:
    return isinstance(value, Tensor) and value.requires_grad


class _Half(torch.autograd.Function):
    """Passes values on as they are, and half of what comes back."""

    @staticmethod
    def forward(_ctx: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        del ctx  # nothing was kept
        return grads[0] / 2


def _half(x: Tensor) -> Tensor:
    """Return x; only half of its gradient goes back."""
    half: Tensor = _Half.apply(x)
    return half


def _identity(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Return function(x) with slope function(x) / x: then slope x input is the whole output."""
    with torch.no_grad():
        safe = torch.where(x.abs() < NEAR_ZERO, NEAR_ZERO, x)
        ratio = function(safe) / safe
    return x * ratio


class _Gelu(torch.autograd.Function):
    """GELU, whose slope is taken as gelu(x) / x: the share of a standard normal distribution that lies below x."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        y = functional.gelu(x)
        ctx.save_for_backward(x, y)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        x, y = ctx.saved_tensors
        return torch.div(y, x).nan_to_num_(0.5).mul_(grads[0])


def _favoured(
    layer: Callable[..., Tensor],
    gamma: float,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *args: Any,
    **kw: Any,
) -> Tensor:
    """Return layer(x), whose relevance goes back by the gamma rule for inputs and outputs of either sign.

    An output is y times (its contributions, those of y's own sign 1 + gamma times) over the same, held constant. A bias
    is one of them: a weight from an input that is always 1.
    """
    up, down = weight + gamma * weight.clamp_min(0), weight + gamma * weight.clamp_max(0)
    above, below = (
        (None, None) if bias is None else (bias + gamma * bias.clamp_min(0), bias + gamma * bias.clamp_max(0))
    )
    y = layer(x, weight, bias, *args, **kw).detach()
    over, under = x.clamp_min(0), x.clamp_max(0)
    positive = layer(over, up, above, *args, **kw) + layer(under, down, None, *args, **kw)
    negative = layer(over, down, below, *args, **kw) + layer(under, up, None, *args, **kw)
    favoured = torch.where(y > 0, positive, negative)
    safe = torch.where(favoured == 0, 1, favoured).detach()
    return y + (favoured - favoured.detach()) * (y / safe)


class _Normalised(torch.autograd.Function):
    """Layer normalisation over the last `sides` dimensions, whose spread is taken as a constant on the way back."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, shape: Sequence[int], weight: Tensor | None, bias: Tensor | None, eps: float
    ) -> Tensor:
        y, _, rate = torch.native_layer_norm(x, shape, weight, bias, eps)
        ctx.save_for_backward(rate, weight)
        ctx.axes = tuple(range(-len(shape), 0))
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        rate, weight = ctx.saved_tensors
        g = grads[0] if weight is None else grads[0] * weight
        sent = (g - g.mean(ctx.axes, keepdim=True)).mul_(rate)
        bias = grads[0].flatten(0, ctx.axes[0] - 1).sum(0) if ctx.needs_input_grad[3] else None
        return sent, None, None, bias, None


def _normalised(
    x: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    made: Tensor = _Normalised.apply(x, normalized_shape, weight, bias, eps)
    return made


class _Attended(torch.autograd.Function):
    """Attention whose two products each hand half of what comes back to either side."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, scale: float) -> Tensor:
        weights = ((q * scale) @ k.transpose(-2, -1)).softmax(-1)
        ctx.save_for_backward(q, k, v, weights)
        ctx.scale = scale
        return weights @ v

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        q, k, v, weights = ctx.saved_tensors
        g = grads[0] / 2
        scores = torch.ops.aten._softmax_backward_data(g @ v.transpose(-2, -1), weights, -1, weights.dtype)
        return (
            (scores @ k) * (ctx.scale / 2),
            scores.transpose(-2, -1) @ (q * (ctx.scale / 2)),
            weights.transpose(-2, -1) @ g,
            None,
        )


def _attended(q: Tensor, k: Tensor, v: Tensor, *args: Any, **given: Any) -> Tensor:
    """Attend without the fused kernel, whose inside has no rules. Raises ValueError for masks and dropout."""
    if args or any(given.get(name) for name in ("attn_mask", "dropout_p", "is_causal", "enable_gqa")):
        raise ValueError("attn_lrp has no rule for masked attention, dropout or shared heads")
    made: Tensor = _Attended.apply(q, k, v, given.get("scale") or 1 / math.sqrt(q.shape[-1]))
    return made


MULTIPLIED = {torch.mul, torch.multiply, Tensor.mul, Tensor.__mul__, Tensor.__rmul__}
PRODUCTS = MULTIPLIED | {torch.matmul, torch.bmm, Tensor.matmul, Tensor.bmm, Tensor.__matmul__}
"""Where two activations meet."""

ACTIVATIONS = {
    *(functional.gelu, functional.silu, functional.elu, functional.leaky_relu, functional.hardswish, functional.mish),
    *(functional.relu, torch.relu, Tensor.relu, torch.tanh, Tensor.tanh),
}
"""Functions of one number that are zero at zero, so that their output can be laid wholly on their input."""

TWO_SIDED = {torch.div, torch.true_divide, Tensor.div, Tensor.__truediv__}
"""Refused only where both sides are activations."""

REFUSED = TWO_SIDED | {
    *(functional.group_norm, functional.instance_norm, functional.multi_head_attention_forward, torch.einsum),
    *(torch.exp, Tensor.exp, torch.sqrt, Tensor.sqrt, torch.rsqrt, Tensor.rsqrt, torch.pow, Tensor.pow, Tensor.__pow__),
    *(torch.sigmoid, Tensor.sigmoid, torch.baddbmm, torch.addbmm, Tensor.__rtruediv__),
}
