"""Generic attention explainability: attention weighted by the target's gradient, followed through all blocks."""

from __future__ import annotations

from collections.abc import Sequence

from ai.explanation import Maps
from ai.passes import Passes
from ai.tokens import on_grid, reader
from game.registry import explainer


@explainer(
    "chefer",
    cite="Chefer, Gur & Wolf 2021, ICCV, arXiv:2103.15679",
    needs=("gradient", "attention", "grid"),
    passes=("attention",),
    family="attention",
    signed=False,
)
def chefer(passes: Passes, targets: Sequence[int], seed: int) -> Maps:
    """Return each token's relevance for the target, (N, rows, columns).

    The rule R <- R + mean over heads of (gradient x attention)+ @ R is needed in the answer's row only, so it is run
    from the last block to the first, one row times a matrix per block. Deterministic; `seed` is not used.
    """
    del seed  # every method takes one
    weights, grads = passes.attention(targets)
    row = reader(passes, weights[-1])
    for block, grad in zip(reversed(weights), reversed(grads), strict=True):
        row = row + (row[:, None] @ (block * grad).clamp_min_(0)).mean(1)
    return Maps(on_grid(passes, row), info={"blocks": len(weights)})
