"""Label permutation: does the map differ from that of a model that learned wrong labels by heart?"""

from __future__ import annotations

from ai.again import Again
from ai.passes import Passes
from ai.quality import Case, Maps, Scores, quality
from ai.quality.mprt import alike
from ai.relabelled import relabelled
from ai.rerun import Found, reasons, rerun


@quality(
    "label_permuted",
    family="randomisation",
    reads="model",
    takes="signed",
    better="lower",
    cite="Adebayo et al. 2018, NeurIPS, arXiv:1810.03292",
    needs=("passes", "explain"),
    unit="correlation",
)
def label_permuted(maps: Maps, case: Case) -> Scores:
    """Return Spearman's correlation of the map with that of a model of the same kind trained on permuted labels.

    The data randomisation test. The other model starts afresh and learns the very images under test, each under a label
    that is not its own, by heart: one short training serves all methods. Undefined where it cannot learn them.
    """

    def find(again: Again) -> Found:
        budget = again.budget()
        passes = _other(case, again, budget.images)
        values = alike(again.maps[: budget.images], again.of_model("label permuted", passes))
        return budget, values, reasons(values, "the other model's map is the same everywhere"), {}

    return rerun(maps, case, find)


def _other(case: Case, again: Again, k: int) -> Passes:
    """Return passes over the first k images of the one model that all methods share."""
    old = again.passes
    module = case.held.get("label permuted")
    if module is None:
        try:
            classes = old.logits().shape[1]
            module = relabelled(old.module, old.images, again.targets, classes, again.asked.seed)
        except ValueError as error:
            module = str(error)
        case.held["label permuted"] = module
    if isinstance(module, str):
        raise ValueError(module)
    held = ("label permuted", k)
    if held not in case.held:
        made = Passes(module, old.images[:k], layer=old.layer, has=old.has, model=old.model, batch=old.batch)
        case.held[held] = made
    return case.held[held]
