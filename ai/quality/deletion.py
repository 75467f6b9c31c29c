"""Deletion: how fast the answer goes when the most important pixels are taken away."""

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
    better="lower",
    cite="Petsiuk, Das & Saenko 2018, BMVC, arXiv:1806.07421",
    needs=("passes",),
    unit="probability",
)


def deletion(maps: Maps, case: Case, baseline: str, steps: int) -> Scores:
    """Return the area under the target's probability while pixels go in the map's order, with the curve."""
    x, y = curve(Asked.of(case), maps, baseline, steps)
    return Scores(area(x, y), curves={f"deletion, {baseline}": (x, y)})


@declared("deletion_blur")
def deletion_blur(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the mean probability of the target while the most important pixels are blurred, from none to all.

    The signed map gives the order, evidence against goes last; chance orders pixels that it holds alike.
    """
    return deletion(maps, case, "blur", steps)


@declared("deletion_mean")
def deletion_mean(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the mean probability of the target while the most important pixels take the picture's mean colour."""
    return deletion(maps, case, "mean", steps)


@declared("deletion_noise")
def deletion_noise(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the mean probability of the target while the most important pixels turn to noise, the same for all maps."""
    return deletion(maps, case, "noise", steps)


@declared("deletion_inpaint")
def deletion_inpaint(maps: Maps, case: Case, *, steps: int = 5) -> Scores:
    """Return the mean probability of the target while the most important pixels are filled in from those that are left."""
    return deletion(maps, case, "inpaint", steps)
