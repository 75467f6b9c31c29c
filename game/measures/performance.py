"""Performance: how often the team, the person alone and the AI are right.

Rounds without a final answer (time ran out) are left out and not counted as wrong; the denominator shows how many count.
"""

from __future__ import annotations

from collections.abc import Sequence

from game.estimate import Estimate, share
from game.measures import ASSISTED, EVERY, measure
from game.round import Round

BANSAL = "10.1145/3411764.3445717"


@measure("accuracy_team", cite=BANSAL, needs=("correct",), protocol=ASSISTED, better="higher")
def accuracy_team(rounds: Sequence[Round]) -> Estimate:
    """Share of rounds with an AI in which the final answer is right, whoever gave it: mean C (Bansal et al. 2021)."""
    return share([each.correct for each in rounds], "no round")


@measure("accuracy_alone", cite=BANSAL, needs=("correct",), protocol=("alone",), better="higher")
def accuracy_alone(rounds: Sequence[Round]) -> Estimate:
    """Share of rounds without AI in which the person is right (Bansal et al. 2021)."""
    return share([each.correct for each in rounds], "no round")


@measure(
    "accuracy_own", cite="10.1145/3581641.3584066", needs=("own_correct",), protocol=("two_stage",), better="higher"
)
def accuracy_own(rounds: Sequence[Round]) -> Estimate:
    """Share of right first answers, given before the AI's was seen: mean I (Schemmer et al. 2023).

    Not pooled with `accuracy_alone`: being asked twice changes how people decide.
    """
    return share([each.own_correct for each in rounds], "no round")


@measure("accuracy_ai", cite=BANSAL, needs=("ai_correct", "correct"), protocol=EVERY)
def accuracy_ai(rounds: Sequence[Round]) -> Estimate:
    """Share of the same rounds in which the AI's own answer is right: mean R (Bansal et al. 2021).

    The same rounds: those with a known AI answer that the person or the team finished.
    """
    return share([each.ai_correct for each in rounds], "no round")
