"""LRP in four composites: the logit shared out among the pixels, every layer by a rule of its own, batch norms folded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from ai import lrp
from ai.engine import Refusal, Refused
from ai.explanation import Maps
from ai.lrp import Composite
from ai.passes import Passes
from ai.path import gap
from ai.rewired import batches, counted, one_hot, rewire
from game.pack import Scalar
from game.registry import explainer

BACH = "Bach et al. 2015, PLOS ONE, doi:10.1371/journal.pone.0130140"
LEAST = 0.01
"""A smaller epsilon gives input x gradient (Ancona et al. 2018, arXiv:1711.06104), and that has its own name."""


@explainer(
    "lrp_epsilon",
    cite=BACH,
    needs=("gradient", "relu"),
    passes=("modified",),
    cost="1 G",
    family="relevance",
    signed=True,
)
def lrp_epsilon(passes: Passes, targets: Sequence[int], seed: int, *, epsilon: float = 0.25) -> Maps:
    """Return relevance by the epsilon rule in every layer, summed over the colours, (N, H, W), in logits.

    `epsilon` is a share of each layer's root mean square, as in Montavon et al. 2019 (doi:10.1007/978-3-030-28954-6_10);
    below 0.01 it is refused, because the map would be input x gradient. Relevance that epsilon and biases keep is told in
    `info` and in `gap`. Deterministic; `seed` is not used.
    """
    del seed  # every method takes one
    if epsilon < LEAST:
        reason = f"with epsilon {epsilon} below {LEAST} the map is input x gradient under another name"
        raise Refused(Refusal("lrp_epsilon", passes.model or "this model", "epsilon", reason, "input_x_gradient"))
    return _maps(passes, targets, Composite(None, epsilon, flat=False), "lrp_epsilon", {"epsilon": epsilon})


@explainer(
    "lrp_zplus",
    cite="Montavon et al. 2017, Pattern Recognition, doi:10.1016/j.patcog.2016.11.008",
    needs=("gradient", "relu"),
    passes=("modified",),
    cost="1 F + 1 G",
    family="relevance",
    signed=True,
)
def lrp_zplus(passes: Passes, targets: Sequence[int], seed: int, *, flat: bool = True) -> Maps:
    """Return relevance that follows positive contributions only, summed over the colours, (N, H, W), in logits.

    Dense layers share by the epsilon rule, convolutions by z+, the first convolution evenly if `flat`, else by z+ too.
    `gap` is the share of the logit that biases keep. Deterministic; `seed` is not used.
    """
    del seed  # every method takes one
    return _maps(passes, targets, Composite(lrp.zplus, flat=flat), "lrp_zplus", {"flat": flat})


@explainer(
    "lrp_alpha_beta",
    cite=BACH,
    needs=("gradient", "relu"),
    passes=("modified",),
    cost="2 G",
    family="relevance",
    signed=True,
)
def lrp_alpha_beta(passes: Passes, targets: Sequence[int], seed: int, *, alpha: float = 2.0, flat: bool = True) -> Maps:
    """Return relevance with positive contributions weighed `alpha` and negative ones alpha - 1, (N, H, W), in logits.

    Summed over the colours. Dense layers share by the epsilon rule, convolutions by alpha-beta, the first convolution
    evenly if `flat`, else by alpha-beta too. `alpha` of 1 is z+. Deterministic; `seed` is not used.
    """
    del seed  # every method takes one
    if alpha < 1:
        raise ValueError(f"alpha {alpha}: it is at least 1, and beta is alpha - 1")
    rule = partial(lrp.alpha_beta, alpha=alpha)
    info: dict[str, Scalar] = {"alpha": alpha, "beta": alpha - 1, "flat": flat}
    return _maps(passes, targets, Composite(rule, flat=flat), "lrp_alpha_beta", info)


@explainer(
    "lrp_gamma",
    cite="Montavon et al. 2019, in Explainable AI, doi:10.1007/978-3-030-28954-6_10",
    needs=("gradient", "relu"),
    passes=("modified",),
    cost="1 F + 1 G",
    family="relevance",
    signed=True,
)
def lrp_gamma(passes: Passes, targets: Sequence[int], seed: int, *, gamma: float = 0.25, flat: bool = True) -> Maps:
    """Return relevance that favours contributions of each unit's own sign by `gamma`, (N, H, W), in logits.

    Summed over the colours. Dense layers share by the epsilon rule, convolutions by gamma, the first convolution evenly if
    `flat`, else by gamma too. Refuses a `gamma` of 0 or less without `flat`: that is input x gradient.
    """
    del seed  # every method takes one
    if gamma < LEAST:
        reason = f"with gamma {gamma} below {LEAST} the map is input x gradient but for its first layer"
        raise Refused(Refusal("lrp_gamma", passes.model or "this model", "gamma", reason, "input_x_gradient"))
    rule = partial(lrp.gamma, gain=gamma)
    return _maps(passes, targets, Composite(rule, flat=flat), "lrp_gamma", {"gamma": gamma, "flat": flat})


def _maps(passes: Passes, targets: Sequence[int], composite: Composite, method: str, info: dict[str, Scalar]) -> Maps:
    net = rewire(passes, method)
    parts, gaps, kept = list[Tensor](), list[Tensor](), list[Tensor]()
    for images, chosen, _ in batches(passes, targets):
        run = net.forward(images)
        logits = run.values[-1].gather(1, chosen[:, None])[:, 0]
        shared, absorbed = lrp.relevance(net, run, one_hot(run, chosen), composite)
        parts.append(shared.sum(1))
        gaps.append(gap(shared.sum((1, 2, 3)), logits, run.values[-1]))
        kept.append(gap(shared.sum((1, 2, 3)) + absorbed, logits, run.values[-1]))
    counted(passes, len(passes) if composite.convolution else 0, len(passes))
    each = {"lost": torch.cat(kept).tolist()}
    return Maps(torch.cat(parts).cpu().numpy(), signed=True, gap=torch.cat(gaps).cpu().numpy(), info=info, each=each)
