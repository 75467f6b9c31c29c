"""Attention flow, bounded: how much could flow from the answer to each token if attention weights were capacities."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ai.explanation import Maps
from ai.passes import Passes
from ai.tokens import on_grid, reader
from game.registry import explainer

SOME = 8
"""Images at a time: enough to be worth a call, few enough for the cache."""


@explainer(
    "attention_flow",
    cite="upper bound of the maximum flow of Abnar & Zuidema 2020, ACL, doi:10.18653/v1/2020.acl-main.385",
    needs=("attention", "grid"),
    passes=("attention",),
    cost="1 F",
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
    weights = passes.mixing()
    there = reader(passes, weights[-1])
    for block in reversed(weights):
        there = torch.cat([reach(*part) for part in zip(there.split(SOME), block.split(SOME), strict=True)])
    return Maps(on_grid(passes, there), info={"bound": "upper", "blocks": len(weights)})


def reach(there: Tensor, mixed: Tensor) -> Tensor:
    """Return what can arrive at each token below a block, (N, 1, T), from what is `there` above it."""
    column, own = 2 * there.transpose(1, 2), mixed.diagonal(dim1=1, dim2=2)[:, None]
    arrived = torch.minimum(column, mixed).sum(1, keepdim=True)
    # The way round the block adds to a token's own edge.
    arrived += torch.minimum(2 * there, own + 1) - torch.minimum(2 * there, own)
    return (arrived / 2).clamp_max(1)  # the answer itself has no more to give: a row of capacities sums to 1
