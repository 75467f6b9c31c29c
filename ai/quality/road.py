"""ROAD, remove and debias: is the answer still the same when the most important pixels are filled in without a trace?"""

from __future__ import annotations

import numpy as np

from ai.asked import Asked
from ai.curves import counts, shares
from ai.quality import Case, Maps, Scores, quality


@quality(
    "road",
    family="faithfulness",
    reads="model",
    takes="signed",
    better="lower",
    cite="Rong et al. 2022, ICML, arXiv:2202.00449",
    needs=("passes",),
    unit="share",
)
def road(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the share of steps at which the model still answers the target, most important pixels first.

    What is taken away is filled in by noisy linear imputation, so that the shape of the hole says nothing. Over images
    this is the accuracy of the paper. The curve is that of `deletion_inpaint` and costs nothing more.
    """
    asked, at = Asked.of(case), shares(steps)
    logits = asked.curve(maps, counts(at, maps[0].size), "inpaint").cpu().numpy()
    wanted = np.array(asked.targets)[np.arange(len(maps)) % len(asked.targets)]
    same = (logits.argmax(-1) == wanted[:, None]).astype(np.float64)
    return Scores(same.mean(1), curves={"ROAD": (at, same)})
