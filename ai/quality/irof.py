"""IROF, iterative removal of features: the answer while areas of alike colour go, most important first."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ai.asked import Asked
from ai.curves import area
from ai.quality import Case, Maps, Scores, quality
from ai.superpixels import superpixels


@quality(
    "irof",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="higher",
    cite="Rieger & Hansen 2020, arXiv:2003.08747",
    needs=("passes",),
    unit="share",
)
def irof(maps: Maps, case: Case, *, steps: int = 6, side: int = 6, baseline: str = "mean") -> Scores:
    """Return the area over the curve of the target's probability, as a share of the first, while areas take the mean colour.

    Areas are about `side` x `side` superpixels, ordered by the mean of the signed map, taken in `steps` even steps: at
    least as many as there are areas takes them one by one.
    """
    asked = Asked.of(case)
    areas = _areas(asked, case, side)
    held = areas.flatten(1).amax(1).cpu().numpy()[np.arange(len(maps)) % len(areas)] + 1
    gone = np.unique(np.ceil(np.arange(1, steps + 1) * held.max() / steps)).astype(int)
    left = asked.target(asked.curve(maps, gone.tolist(), baseline, cells=areas), probability=True)
    whole = asked.plain(len(maps), probability=True)[:, None]
    y = np.column_stack([np.ones(len(maps)), left / whole])
    x = np.minimum(np.array([0, *gone])[None] / held[:, None], 1)
    return Scores(1 - area(x, y), curves={"IROF": (np.array([0, *gone]) / held.max(), y)})


def _areas(asked: Asked, case: Case, side: int) -> Tensor:
    key = ("areas", side, id(asked))
    if key not in case.held:
        labels = superpixels(asked.passes.images.float().cpu().numpy(), side)
        case.held[key] = torch.from_numpy(np.stack(labels)).to(asked.passes.images.device)
    return case.held[key]
