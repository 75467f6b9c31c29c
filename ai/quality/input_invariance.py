"""Input invariance: a shift of all inputs that the model takes back must not change the map."""

from __future__ import annotations

from ai.again import Again
from ai.passes import Passes
from ai.quality import Case, Maps, Scores, quality
from ai.rerun import Found, length, reasons, rerun
from ai.shifted import Shifted


@quality(
    "input_invariance",
    family="axiomatic",
    reads="model",
    takes="signed",
    better="lower",
    cite="Kindermans et al. 2019, doi:10.1007/978-3-030-28954-6_14",
    needs=("passes", "explain"),
    unit="share",
)
def input_invariance(maps: Maps, case: Case, *, shift: float = 1.0) -> Scores:
    """Return the change of the map, as a share of its length, for an equal model of images shifted by one number.

    The other model takes the shift back before its first layer, so both give the same answers everywhere; 0 is invariant.
    """

    def find(again: Again) -> Found:
        budget = again.budget()
        made = case.held.get(("shifted", budget.images, shift))
        if made is None:
            made = case.held["shifted", budget.images, shift] = _shifted(again.passes, budget.images, shift)
        plain = again.maps[: budget.images]
        values = length(again.of_model(f"shifted {shift}", made) - plain, 2) / length(plain, 2)
        return budget, values, reasons(values, "a map is not finite"), {}

    return rerun(maps, case, find)


def _shifted(passes: Passes, k: int, shift: float) -> Passes:
    layer = f"{Shifted.INSIDE}.{passes.layer}" if passes.layer else ""
    module = Shifted(passes.module, passes.images.shape[1], shift)
    images = passes.images[:k] + shift
    return Passes(module, images, layer=layer, has=passes.has, model=passes.model, batch=passes.batch)
