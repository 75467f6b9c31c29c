"""Shapley sampling: each cell's fair share of the target's logit, from cells that arrive in random orders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ai.explanation import Maps
from ai.passes import Passes
from ai.perturbed import target_of
from game.registry import explainer


@explainer(
    "shapley_sampling",
    cite="Castro, Gómez & Tejada 2009, doi:10.1016/j.cor.2008.04.004; antithetic as Mitchell et al. 2022, arXiv:2104.12199",
    needs=(),
    passes=("predict", "forward", "masked"),
    cost="842 F",
    family="shapley",
    signed=True,
)
def shapley_sampling(
    passes: Passes, targets: Sequence[int], seed: int, *, grid: int = 6, orders: int = 24, baseline: str = "mean"
) -> Maps:
    """Return each cell's mean contribution over random orders, (N, grid, grid), in logits.

    Orders come in pairs, one the other backwards (antithetic), the same for all images; each costs grid * grid - 1
    forward passes. A map sums to the target's logit of the image less that of the baseline, up to rounding; `gap` is
    that difference, (N,), in logits. Raises ValueError for an odd number of orders.
    """
    if orders < 2 or orders % 2:
        raise ValueError(f"shapley_sampling: orders come in pairs, {orders} is not an even number above 0")
    cells = grid * grid
    arrival = _arrivals(cells, orders, seed)
    arrived = arrival[:, None, :] < np.arange(1, cells)[None, :, None]  # after each arrival but the last, which is all
    masks = torch.from_numpy(arrived.reshape(-1, cells)).to(passes.images)
    between = passes.masked_by(masks, grid, baseline)
    none = target_of(passes.forward(passes.baseline(baseline)), targets).double().cpu().numpy()
    every = target_of(passes.predict(), targets).double().cpu().numpy()
    inner = target_of(between, targets).double().cpu().numpy().reshape(len(passes), orders, cells - 1)
    ends = [np.repeat(v[:, None, None], orders, 1) for v in (none, every)]
    gains = np.diff(np.concatenate([ends[0], inner, ends[1]], 2), axis=2)
    shares = np.take_along_axis(gains, np.broadcast_to(arrival, gains.shape), 2).mean(1)
    return Maps(
        shares.reshape(-1, grid, grid).astype(np.float32),
        signed=True,
        gap=np.abs(shares.sum(1) - (every - none)).astype(np.float32),
        info={"grid": grid, "orders": orders, "baseline": baseline},
    )


def _arrivals(cells: int, orders: int, seed: int) -> np.ndarray:
    """Return when each cell arrives in each order, (orders, cells) of 0 ... cells - 1; the second half is backwards."""
    rng = np.random.default_rng([seed, cells])
    forth = rng.random((orders // 2, cells)).argsort(1).argsort(1)
    return np.concatenate([forth, cells - 1 - forth])
