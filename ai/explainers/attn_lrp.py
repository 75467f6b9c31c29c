"""AttnLRP: the target's logit handed back to the tokens, layer by layer, with rules for attention."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from torch.nn import functional

from ai.allowed import one_of
from ai.explanation import Maps
from ai.passes import Passes
from ai.relevance import Rules
from ai.runner import Runner
from game.registry import explainer

LEVELS = ("token", "pixel")
FEW = 8
"""Images a pass on a CPU: their attention weights, which the fused kernel would not write out, stay in the cache."""


@explainer(
    "attn_lrp",
    cite="Achtibat et al. 2024, ICML, arXiv:2402.05602",
    needs=("gradient", "attention", "grid"),
    passes=("backward",),
    cost="1 G",
    family="attention",
    signed=True,
    allowed={"level": one_of(*LEVELS)},
)
def attn_lrp(
    passes: Passes,
    targets: Sequence[int],
    seed: int,
    *,
    level: str = "token",
    gamma_conv: float = 0.0,
    gamma_linear: float = 0.0,
) -> Maps:
    """Return the relevance of each token's pixels for the target, (N, rows, columns); "pixel" keeps them apart, (N, H, W).

    Rules: see ai/relevance.py. Gammas above 0 make maps calmer, cost five passes through a linear layer instead of one,
    and let biases weigh otherwise. `gap` is the target's logit less all relevance: what biases, positions, the class
    token and softmaxes keep. The model itself is not touched: a frozen copy runs.
    Deterministic; `seed` is not used. Raises ValueError for an operation that has no rule, or another `level`.
    """
    del seed  # every method takes one
    if level not in LEVELS:
        raise ValueError(f"no level is called {level!r}; known: {', '.join(LEVELS)}")
    passes.used.add("backward")
    quick = passes.form.quick if gamma_conv == gamma_linear == 0 else None
    frozen = quick.module if quick else copy.deepcopy(passes.module).requires_grad_(False)
    with Rules(gamma_conv, gamma_linear):
        logits, grads, *_ = Runner(frozen, batch=_few(passes), quick=quick).backward(passes.images, targets)
    passes.runner.backwards += len(passes)
    relevance = (grads * passes.images).sum(1, keepdim=True)
    kept = logits.gather(1, logits.new_tensor(list(targets)).long()[:, None])[:, 0] - relevance.sum((1, 2, 3))
    if level == "token":
        rows, columns = passes.grid
        size = passes.images.shape[-2] // rows, passes.images.shape[-1] // columns
        relevance = functional.avg_pool2d(relevance, size) * (size[0] * size[1])
    info = {"level": level, "gamma_conv": gamma_conv, "gamma_linear": gamma_linear}
    return Maps(relevance[:, 0].cpu().numpy(), signed=True, gap=kept.cpu().numpy(), info=info)


def _few(passes: Passes) -> int:
    return passes.form.batch if passes.images.is_cuda else min(FEW, passes.form.batch)
