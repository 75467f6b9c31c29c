"""Self-attention whose weights can be read: fused while nobody asks, its own softmax while somebody does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

TOGETHER = 4
"""Pictures a thread whose weights are made at once: enough for all cores, few enough for the cache."""


class Attention(nn.Module):
    """Multi-head self-attention over tokens, (N, T, width) -> (N, T, width).

    While `held` is a list, forward computes the weights itself and appends them, (N, heads, T, T), with their graph; or,
    where `mixed`, only their mean over the heads, (N, T, T).
    """

    held: list[Tensor] | None = None
    mixed: bool = False

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Attend; the numbers are the same on both paths up to rounding."""
        n, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(n, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        if self.held is None:
            out = functional.scaled_dot_product_attention(q, k, v)
        elif self.mixed:
            return self.proj(self._mixing(q, k, v))
        else:
            weights, out = self._weighed(q, k, v)
            self.held.append(weights)
        return self.proj(out.transpose(1, 2).reshape(n, tokens, width))

    def _mixing(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend some pictures at a time, so that their weights stay in the cache; keep the mean of heads."""
        assert self.held is not None
        n, heads, tokens, each = q.shape
        mixed, out = q.new_empty(n, tokens, tokens), q.new_empty(n, tokens, heads * each)
        by_head = out.view(n, tokens, heads, each).transpose(1, 2)
        for place in torch.arange(n).split(n if q.is_cuda else TOGETHER * torch.get_num_threads()):
            some = slice(int(place[0]), int(place[-1]) + 1)
            weights, by_head[some] = self._weighed(q[some], k[some], v[some])
            torch.mean(weights, 1, out=mixed[some])
        self.held.append(mixed)
        return out

    def _weighed(self, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        weights = ((q * q.shape[-1] ** -0.5) @ k.transpose(-2, -1)).softmax(-1)
        return weights, weights @ v


@contextmanager
def reading(module: nn.Module, *, mixed: bool = False) -> Iterator[list[Tensor]]:
    """Collect the weights of every `Attention` in `module`, in the order they run, first block first.

    `mixed` collects their means over heads. Raises ValueError where the module has none.
    """
    blocks = [m for m in module.modules() if isinstance(m, Attention)]
    if not blocks:
        raise ValueError("the model has no attention whose weights can be read")
    weights: list[Tensor] = []
    before = [(b.held, b.mixed) for b in blocks]
    for block in blocks:
        block.held, block.mixed = weights, mixed
    try:
        yield weights
    finally:
        for block, (held, was) in zip(blocks, before, strict=True):
            block.held, block.mixed = held, was
