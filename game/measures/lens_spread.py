"""How sure the numbers of a lens are: groups of people left out, and people drawn anew with what their own rounds say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from game.measures.cue_weights import (
    Floats,
    LensCue,
    Persons,
    answered,
    consistency_of,
    design,
    ideal_fit,
    matching_of,
    usable,
)
from game.measures.ridge import fit, probabilities, without
from game.round import Round


class Parts(NamedTuple):
    """Consistency and matching without each group of people; NaN where one is not defined."""

    consistency: list[float]
    matching: list[float]


def parts(rounds: Sequence[Round], cues: Sequence[LensCue], groups: int = 20) -> Parts:
    """Return what a group's lens is without each of `groups` groups of people (single people where there are fewer).

    Weights move by one Newton step; the ideal weights stay those of all rounds. Empty with one person.
    """
    mine = usable(rounds, cues)
    place = {name: at for at, name in enumerate(sorted({each.participant for each in mine}))}
    if len(place) < 2 or not cues:
        return Parts([], [])
    advice = any(each.ai_shown for each in mine)
    x, targets, ideal = design(mine, cues, advice), answered(mine), ideal_fit(mine, cues)
    of = np.array([place[each.participant] % groups for each in mine])
    moved = without(x, targets, fit(x, targets), of)
    found = Parts([], [])
    for group, weights in enumerate(moved):
        rest = of != group
        said: Floats = (targets[rest] * probabilities(x[rest], weights)).sum(axis=1)
        consistency = consistency_of(float(np.log(said).sum()), int(rest.sum()), x.shape[1])
        matching = matching_of(x[rest][:, :, : len(cues)], weights[: len(cues)], ideal)
        found.consistency.append(np.nan if consistency is None else consistency)
        found.matching.append(np.nan if matching is None else matching)
    return found


def pulls(made: Persons) -> tuple[Floats, Floats]:
    """Return (people, J) twice: the sum of the first over that of the second is how far drawn people move a mean weight.

    Weights that were drawn towards the group vary less than people do. Undoing that, a person's weight is the centre plus
    variance x (weight - centre) / (variance - unsure), and counts by variance - unsure: what their own rounds tell.
    """
    variance = np.array(made.variance)
    away = np.array(list(made.weights.values())) - np.array(made.centre)
    return variance * away, np.maximum(variance - np.array(list(made.unsure.values())), 0.0)
