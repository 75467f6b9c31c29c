"""Whether following is judged: right answers where the two disagree, balanced accuracy, and heed of both confidences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from game.estimate import Estimate, share, undefined
from game.measures import ASSISTED, measure
from game.measures.confidence import said
from game.measures.reliance import UNSEEN, advised
from game.measures.revision import TWO
from game.measures.ridge import fit
from game.round import Round

HE = "10.1145/3544548.3581025"
WANG = "10.1145/3485447.3512240"
LEAST = 20


@measure(
    "appropriate_reliance", cite=HE, needs=("own", "ai", "correct"), protocol=TWO, better="higher",
)  # fmt: skip
def appropriate_reliance(rounds: Sequence[Round]) -> Estimate:
    """Share of right final answers where the first answer and the AI's differed (He et al. 2023)."""
    seen = advised(rounds)
    if not seen:
        return undefined(UNSEEN, len(rounds), 0.0, 0.0)
    differing = [each.correct for each in seen if each.own != each.ai]
    return share(differing, "no round where the first answer and the suggestion differed", len(seen))


@measure("balanced_accuracy", cite="", needs=("truth", "correct"), protocol=ASSISTED, better="higher")
def balanced_accuracy(rounds: Sequence[Round]) -> Estimate:
    """Mean over classes of the share right, so that frequent classes count no more than rare ones.

    Classes that never came are no part of the mean; undefined where only one did.
    """
    found = recalls(rounds)
    if len(found) < 2:
        return undefined("all rounds are of one class", len(rounds))
    return Estimate(sum(each.value for each in found.values()) / len(found), None, None, len(rounds))


def recalls(rounds: Sequence[Round]) -> dict[str, Estimate]:
    """Return class -> share right of the rounds in which it was the truth; classes that never came are not there."""
    by_class: defaultdict[str, list[bool]] = defaultdict(list)
    for each in rounds:
        if each.truth and each.correct is not None:
            by_class[each.truth].append(each.correct)
    return {name: share(flags, "no round") for name, flags in sorted(by_class.items())}


@measure("lowest_recall", cite="", needs=("truth", "correct"), protocol=ASSISTED, better="higher")
def lowest_recall(rounds: Sequence[Round]) -> Estimate:
    """Share right of the class that fares worst, which a mean over classes hides; undefined where only one class came.

    The lowest of several is too low on average where classes have few rounds.
    """
    found = recalls(rounds)
    if len(found) < 2:
        return undefined("all rounds are of one class", len(rounds))
    return Estimate(min(each.value for each in found.values()), None, None, len(rounds))


@measure(
    "confidence_heed", cite=WANG, needs=("own", "ai", "own_confidence", "ai_confidence", "followed"), protocol=TWO,
    unit="number", better="higher", corrected=True,
)  # fmt: skip
def confidence_heed(rounds: Sequence[Round]) -> Estimate:
    """How much following depends on who is surer: slope of logit F on the AI's minus the own confidence, on disagreements.

    In logits per difference of 1 (from no to full confidence); with a wide normal prior, so separable answers stay finite.
    Refused below 20 disagreements. After Wang, Lu & Yin 2022.
    """
    rows = [((each.ai_confidence or 0.0) - sure, bool(each.followed)) for each in advised(rounds)
            if each.own != each.ai and (sure := said(each, "own")) is not None]  # fmt: skip
    if len(rows) < LEAST:
        return undefined(f"fewer than {LEAST} disagreements with both confidences", len(rows))
    gaps, flags = np.array([gap for gap, _ in rows]), [flag for _, flag in rows]
    if all(flags) or not any(flags) or float(np.ptp(gaps)) == 0:
        return undefined("following, or who is surer, is the same in all disagreements", len(rows))
    design = np.zeros((len(rows), 2, 2))
    design[:, 1, 0], design[:, 1, 1] = 1.0, gaps
    made = fit(design, np.array([[0.0, 1.0] if flag else [1.0, 0.0] for flag in flags]))
    return Estimate(float(made.weights[1]), None, None, len(rows))
