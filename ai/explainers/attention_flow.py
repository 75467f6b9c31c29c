"""Attention flow, bounded: how much could flow from the answer to each token if attention weights were capacities."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ai.explanation import Maps
from ai.passes import Passes
from ai.tokens import on_grid, reader
from game.registry import explainer


@explainer(
    "attention_flow",
    cite="upper bound of the maximum flow of Abnar & Zuidema 2020, ACL, doi:10.18653/v1/2020.acl-main.385",
    needs=("attention", "grid"),
    passes=("attention",),
    family="attention",
    signed=False,
)
def attention_flow(passes: Passes, targets: Sequence[int], seed: int) -> Maps:
    """Return an upper bound of the maximum flow from the answer to each token, (N, rows, columns).

    A block's capacities are (mean of heads + identity) / 2. The exact flow takes one optimisation per token; the bound
    lets each edge carry the lesser of its capacity and of what could reach its start, block by block. It is exact for up
    to two blocks. The map does not depend on the target; `seed` is not used.
    """
    del targets, seed  # the same for every answer; every method takes a seed
    weights, _ = passes.attention()
    there = reader(passes, weights[-1])
    for block in reversed(weights):
        there = reach(there, block.mean(1))
    return Maps(on_grid(passes, there), info={"bound": "upper", "blocks": len(weights)})


def reach(there: Tensor, mixed: Tensor) -> Tensor:
    """Return what can arrive at each token below a block, (N, 1, T), from what is `there` above it."""
    capacity = (mixed + torch.eye(mixed.shape[-1], device=mixed.device, dtype=mixed.dtype)) / 2
    arrived = torch.minimum(there.transpose(1, 2), capacity).sum(1, keepdim=True)
    return arrived.clamp_max(1)  # the answer itself has no more to give: a row of capacities sums to 1
