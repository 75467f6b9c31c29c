"""Judging the AI: do people foresee it, tell its errors, know whose map it is, and would they use it?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from game.estimate import Estimate, share, undefined
from game.measures import EVERY, measure
from game.measures.confidence import probability
from game.round import Round

COLIN = "arXiv:2112.04417"
HIVE = "arXiv:2112.03184"
ADEBAYO = "arXiv:2011.05429"
SURE = 3
"""From this step of `agree` on the AI's answer was called right."""


@measure("simulation_accuracy", cite=COLIN, needs=("predicted", "ai"), protocol=EVERY, better="higher")
def simulation_accuracy(rounds: Sequence[Round]) -> Estimate:
    """Simulatability: share of rounds in which the person foretold the AI's answer (Colin et al. 2022)."""
    return share([each.predicted == each.ai for each in rounds], "no prediction of the AI's answer")


@measure(
    "illusion_of_understanding", cite="", needs=("predicted", "ai", "predicted_confidence"), protocol=EVERY,
    unit="difference", better="lower",
)  # fmt: skip
def illusion_of_understanding(rounds: Sequence[Round]) -> Estimate:
    """How sure people are to foresee the AI, minus how often they do; above 0 they understand it less than they believe.

    Steps of confidence are read as in `game.measures.confidence`; rounds without a known number of classes are left out.
    """
    known = [(said, each.predicted == each.ai) for each in rounds
             if (said := probability(each.predicted_confidence, len(each.options))) is not None]  # fmt: skip
    if not known:
        return undefined("no prediction has a confidence on the five steps and a known number of classes", len(rounds))
    gap = math.fsum(said - right for said, right in known) / len(known)
    return Estimate(gap, None, None, len(known))


@measure("verification_accuracy", cite=HIVE, needs=("agree", "ai_correct"), protocol=EVERY, better="higher")
def verification_accuracy(rounds: Sequence[Round]) -> Estimate:
    """Share of the AI's answers that were judged as they are: called right (3 or 4 of 4) where right (Kim et al. 2022)."""
    return share([((each.agree or 0) >= SURE) == each.ai_correct for each in rounds], "no answer was judged")


@measure("false_agreement", cite=HIVE, needs=("agree", "ai_correct"), protocol=EVERY, better="lower")
def false_agreement(rounds: Sequence[Round]) -> Estimate:
    """Share of the AI's wrong answers that were called right (Kim et al. 2022)."""
    wrong = [(each.agree or 0) >= SURE for each in rounds if each.ai_correct is False]
    return share(wrong, "no wrong answer was judged", len(rounds))


@measure("distinction_accuracy", cite=HIVE, needs=("candidate", "ai"), protocol=EVERY, better="higher")
def distinction_accuracy(rounds: Sequence[Round]) -> Estimate:
    """Share of rounds in which the map of the AI's answer was found among those of all classes (Kim et al. 2022)."""
    return share([each.candidate == each.ai for each in rounds], "no map was chosen")


@measure("deployment", cite=ADEBAYO, needs=("deploy",), protocol=EVERY)
def deployment(rounds: Sequence[Round]) -> Estimate:
    """Share of audits after which the AI would be used; read by explanation method (Adebayo et al. 2020)."""
    return share([each.deploy == "yes" for each in rounds], "no audit")
