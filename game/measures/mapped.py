"""What a map's own score does to people: plausibility bias, and dwell times attribution mass.

A log does not carry its maps' scores: people's ratings or the lab's scores are joined to the rounds (`joined`), or a table that is
imported has them in columns of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from game.estimate import Estimate, mean, undefined
from game.measures import ADVISED, ASSISTED, measure
from game.measures.reliance import UNSEEN, advised
from game.measures.ridge import fit
from game.round import Round

HIVE = "arXiv:2112.03184"
"""Kim et al. 2022: explanations win trust even for wrong predictions."""
LEAST = 20
Scores = Mapping[tuple[str, str], float]
"""(specimen, method) -> score of that map."""


def joined(rounds: Sequence[Round], plausibility: Scores | None = None, mass: Scores | None = None) -> list[Round]:
    """Return the rounds with the scores of their maps: `map_plausibility` and `map_mass`, unknown where a map has none.

    `plausibility`: rated, or overlap of the map with the object. `mass`: share of the attribution on a region, 0 to 1. What is
    not given leaves the rounds' own scores.
    """
    made = list(rounds)
    for field, scores in (("map_plausibility", plausibility), ("map_mass", mass)):
        if scores is not None:
            made = [msgspec.structs.replace(e, **{field: scores.get((e.specimen, e.method))}) for e in made]
    return made


@measure(
    "plausibility_bias", cite=HIVE, needs=("followed", "ai_correct", "map_plausibility"), protocol=ADVISED, unit="number",
    reads="study", corrected=True,
)  # fmt: skip
def plausibility_bias(rounds: Sequence[Round]) -> Estimate:
    """Slope of logit(followed) on a map's plausibility where the AI is wrong, per standard deviation of these rounds.

    Above 0 plausible maps sell wrong answers. Refused below 20 rounds with a wrong suggestion and a shown map that has a score.
    """
    seen = [each for each in advised(rounds) if each.explanation_shown]
    if not seen:
        return undefined(UNSEEN, len(rounds))
    rows = [(float(each.map_plausibility or 0), bool(each.followed)) for each in seen if each.ai_correct is False]
    if len(rows) < LEAST:
        return undefined(f"fewer than {LEAST} wrong suggestions whose map has a score", len(rows))
    rows.sort()
    x, flags = np.array([score for score, _ in rows]), [flag for _, flag in rows]
    spread = float(x.std())
    if spread < 1e-12 or all(flags) or not any(flags):
        return undefined("the scores, or following, are the same in all of them", len(rows))
    design = np.zeros((len(rows), 2, 2))
    design[:, 1, 0], design[:, 1, 1] = 1.0, (x - x.mean()) / spread
    made = fit(design, np.array([[0.0, 1.0] if flag else [1.0, 0.0] for flag in flags]))
    return Estimate(float(made.weights[1]), None, None, len(rows))


@measure("dwell_on_mass", cite="", needs=("explanation_ms", "map_mass"), protocol=ASSISTED, unit="ms")
def dwell_on_mass(rounds: Sequence[Round]) -> Estimate:
    """Mean over shown maps of visible time times the share of attribution on a region (the object, the cue), in ms.

    What could be taken in of the region, not what was looked at: there is no eye tracker.
    """
    shown = [float(each.explanation_ms or 0) * float(each.map_mass or 0) for each in rounds if each.explanation_shown]
    return mean(shown, "no map was shown")
