"""Expected gradients (GradientSHAP): integrated gradients averaged over many reference images."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ai.explanation import Maps
from ai.passes import Passes
from ai.path import chosen, gap, parts, slopes
from ai.references import mean_logits, references
from ai.surroundings import draws
from game.registry import explainer

TOGETHER = 5
"""Points summed at once: few enough for the cache."""


@explainer(
    "expected_gradients",
    cite="Erion et al. 2021, Nature Machine Intelligence, doi:10.1038/s42256-021-00343-w",
    needs=("gradient",),
    passes=("predict", "forward", "backward"),
    cost="1 F + 32 G, 32 F a model",
    family="gradient",
    signed=True,
)
def expected_gradients(passes: Passes, targets: Sequence[int], seed: int, *, samples: int = 32) -> Maps:
    """Return what each pixel adds to the target's logit over the references, summed over the colours, (N, H, W), in logits.

    Each of `samples` references (see `ai/references.py`) is met once, at a random place on the way to the image, one in
    each of `samples` equal parts of it. `gap` is the distance of the sum to the logit over the references' mean logit, as
    a share of it: sampling error, about 1 / `samples`.
    """
    if samples < 1:
        raise ValueError(f"{samples} samples: give at least 1")
    refs = references(passes, samples, seed)
    away = mean_logits(passes, refs).expand(len(passes), -1)
    change = chosen(passes.predict(), targets) - chosen(away, targets)
    away_planes, made = passes.form.planes(refs.images), torch.zeros_like(passes.form.planes(passes.images))
    for place, part in parts(passes, len(passes), samples):
        images = passes.images[place]
        drawn = [draws(image, seed) for image in images]
        u = torch.stack([torch.from_numpy((r.permutation(samples) + r.random(samples)) / samples) for r in drawn])
        shown, away_here = passes.form.planes(images)[:, None], away_planes[part]
        points = torch.lerp(away_here, shown, u[:, part].to(images)[:, :, None, None, None])
        grads = slopes(passes, targets, torch.arange(len(passes))[place], points)
        for k in range(0, len(away_here), TOGETHER):
            some = slice(k, k + TOGETHER)
            made[place] += (shown - away_here[some]).mul_(grads[:, some]).sum(1)
    total = passes.form.shown(made) / samples
    gaps = gap(total.sum((1, 2, 3)), change, passes.predict()).cpu().numpy()
    return Maps(total.sum(1).cpu().numpy(), signed=True, gap=gaps, info={"samples": samples, "references": refs.kind})
