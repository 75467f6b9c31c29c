"""Random logit: is the map of another class another map?"""

from __future__ import annotations

import numpy as np

from ai.again import Again
from ai.quality import Case, Maps, Scores, quality
from ai.quality.mprt import alike
from ai.rerun import Found, reasons, rerun


@quality(
    "random_logit",
    family="randomisation",
    reads="model",
    takes="signed",
    better="lower",
    cite="Sixt, Granz & Landgraf 2020, ICML, arXiv:1912.09818",
    needs=("passes", "explain"),
    unit="correlation",
)
def random_logit(maps: Maps, case: Case) -> Scores:
    """Return Spearman's correlation of the map with that of another class, drawn by chance, the same for all methods.

    1 says nothing of the class. The paper compares pictures; ranks do so for maps of any scale.
    """
    classes = case.passes.logits().shape[1]
    away = np.random.default_rng([case.seed, classes]).integers(1, max(2, classes), len(maps))
    others = tuple(int(t + a) % classes for t, a in zip(case.targets, away, strict=True))

    def find(again: Again) -> Found:
        if classes < 2:
            raise ValueError("the model knows one class only")
        budget = again.budget()
        values = alike(again.maps[: budget.images], again.of_others(others, budget))
        return budget, values, reasons(values, "the map of the other class is the same everywhere"), {}

    return rerun(maps, case, find)
