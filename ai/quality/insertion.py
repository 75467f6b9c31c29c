"""Insertion: how fast the answer comes when the most important pixels are put in. The other half of deletion."""

from __future__ import annotations

from functools import partial

from ai.asked import Asked
from ai.curves import area, curve
from ai.quality import Case, Maps, Scores, quality

declared = partial(
    quality,
    family="faithfulness",
    reads="model",
    takes="signed",
    better="higher",
    cite="Petsiuk, Das & Saenko 2018, BMVC, arXiv:1806.07421",
    needs=("passes",),
    unit="probability",
)


def insertion(maps: Maps, case: Case, baseline: str, steps: int) -> Scores:
    """Return the area under the target's probability while pixels come in the map's order, with the curve."""
    x, y = curve(Asked.of(case), maps, baseline, steps, keep=True)
    return Scores(area(x, y), curves={f"insertion, {baseline}": (x, y)})


@declared("insertion_blur")
def insertion_blur(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the mean probability of the target while the most important pixels come into the blurred picture."""
    return insertion(maps, case, "blur", steps)


@declared("insertion_mean")
def insertion_mean(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the mean probability of the target while the most important pixels come into the picture's mean colour."""
    return insertion(maps, case, "mean", steps)


@declared("insertion_noise")
def insertion_noise(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the mean probability of the target while the most important pixels come into noise."""
    return insertion(maps, case, "noise", steps)


@declared("insertion_inpaint")
def insertion_inpaint(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the mean probability of the target while the most important pixels come and the rest is filled in from them."""
    return insertion(maps, case, "inpaint", steps)
