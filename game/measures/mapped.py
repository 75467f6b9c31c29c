"""Rounds joined with what is known of their maps: plausibility bias, and dwell times attribution mass.

Neither is a registered measure, as a round does not carry the map's score: the lab's scores (or people's ratings) give it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from game.estimate import Estimate, mean, undefined
from game.measures.reliance import UNSEEN, advised
from game.measures.ridge import fit
from game.round import Round

LEAST = 20
Scores = Mapping[tuple[str, str], float]
"""(specimen, method) -> score of that map."""


def plausibility_bias(rounds: Sequence[Round], scores: Scores) -> Estimate:
    """Return the slope of logit(followed) on a map's plausibility where the AI is wrong, per standard deviation.

    Above 0 plausible maps sell wrong answers. `scores`: rated plausibility, or overlap of the map with the object. Refused below 20
    rounds with a wrong suggestion whose map has a score.
    """
    seen = [each for each in advised(rounds) if each.explanation_shown and each.followed is not None]
    if not seen:
        return undefined(UNSEEN, len(rounds))
    rows = [(scores[key], bool(each.followed)) for each in seen
            if each.ai_correct is False and (key := (each.specimen, each.method)) in scores]  # fmt: skip
    if len(rows) < LEAST:
        return undefined(f"fewer than {LEAST} wrong suggestions whose map has a score", len(rows))
    x, flags = np.array([score for score, _ in rows]), [flag for _, flag in rows]
    spread = float(x.std())
    if spread < 1e-12 or all(flags) or not any(flags):
        return undefined("the scores, or following, are the same in all of them", len(rows))
    design = np.zeros((len(rows), 2, 2))
    design[:, 1, 0], design[:, 1, 1] = 1.0, (x - x.mean()) / spread
    made = fit(design, np.array([[0.0, 1.0] if flag else [1.0, 0.0] for flag in flags]))
    return Estimate(float(made.weights[1]), None, None, len(rows))


def dwell_on_mass(rounds: Sequence[Round], mass: Scores) -> Estimate:
    """Return the mean over shown maps of visible time times the share of attribution on a region (the object, the cue), in ms.

    What could be taken in of the region, not what was looked at: there is no eye tracker.
    """
    values = [float(each.explanation_ms) * mass[key] for each in rounds
              if each.scored and each.explanation_shown and each.explanation_ms is not None
              and (key := (each.specimen, each.method)) in mass]  # fmt: skip
    return mean(values, "no shown map has a time and a mass")
