"""What a completeness gap means, in words: by how much a map's sum misses what it should be, or what biases keep of it."""

from __future__ import annotations

ENOUGH = 0.01
"""Share of the change up to which a sum counts as complete, as in `ai/path.py`."""
KEPT = ("lrp_epsilon", "lrp_zplus", "lrp_alpha_beta", "lrp_gamma")
"""Methods whose gap is the share of the logit that biases keep: no sign of too few steps."""
LOGITS = {
    "attn_lrp": "biases, positions and the class token keep",
    "kernel_shap": "sum off by",
    "shapley_sampling": "sum off by",
}
"""Methods whose gap is in logits, and what it is."""


def told(method: str, gap: float) -> str:
    """Return a method's gap with its unit, and whether that is too much.

    >>> told("integrated_gradients", 0.034)
    'sum off by 3.4 % of the change: not converged'
    >>> told("lrp_zplus", 7.355)
    'biases keep 736 % of the logit'
    """
    if method in LOGITS:
        return f"{LOGITS[method]} {gap:.3g} logits"
    share = f"{100 * gap:.3g} %" if gap < 1 else f"{100 * gap:.0f} %"
    if method in KEPT:
        return f"biases keep {share} of the logit"
    return f"sum off by {share} of the change{': not converged' if gap > ENOUGH else ''}"
