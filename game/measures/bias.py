"""Biases that advice and explanations may induce, each by the design it needs; whoever lacks the design gets a reason.

Placebos are maps that cannot explain (`PLACEBOS`); other controls belong to neither arm and are left out; a "real" explanation is
any other map or picture that was on the screen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from game.estimate import Estimate, mean, undefined
from game.measures import ADVISED, EVERY, measure
from game.measures.confidence import said
from game.measures.modes import people_of
from game.measures.reliance import UNSEEN, advised
from game.measures.revision import TWO
from game.measures.signal import LEAST, log_linear, solo_choice
from game.round import Round

BANSAL = "10.1145/3411764.3445717"
DIETVORST = "10.1037/xge0000033"
JACOWITZ = "10.1177/01461672952111004"
NOURANI = "10.1145/3397481.3450639"
EIBAND = "10.1145/3290607.3312787"
PLACEBOS = ("random", "smoothed_random", "shuffled", "centre", "edges", "randomised_model")
"""Methods (or what their names begin with) that know nothing of the model's reasons."""
OTHER_CONTROLS = ("wrong_class", "inverted", "ground_truth")
"""Controls (or what their names begin with) that know the model, or more than it does: neither placebos nor explanations."""
TAUGHT = ("own", "ai", "both")
"""Feedback of a round that tells the truth, and so whether the AI was right."""
EARLY = 5
"""Rounds that make a first impression."""
CEILING = 0.98
FEW = 20
Arm = Literal["none", "placebo", "control", "real"]


def arm_of(each: Round) -> Arm:
    """Return what stood beside the suggestion: nothing, a placebo, another control (by name or the pack), or a real explanation."""
    if not each.explanation_shown:
        return "none"
    if each.method.startswith(PLACEBOS):
        return "placebo"
    return "control" if each.method.startswith(OTHER_CONTROLS) or each.method_family == "control" else "real"


def untaught(rounds: Sequence[Round]) -> str:
    """Return why nobody can have learned from the AI's errors: no feedback after any of the rounds, or none known; or ""."""
    if any(each.feedback in TAUGHT for each in rounds):
        return ""
    known = any(each.feedback for each in rounds)
    return (
        "after no round were people told who was right"
        if known
        else "whether people were told who was right is not known"
    )


def _of_arm(rounds: Sequence[Round], arm: Arm) -> list[Round]:
    return [each for each in advised(rounds) if arm_of(each) == arm]


def _difference(one: Sequence[bool], other: Sequence[bool], why: tuple[str, str]) -> Estimate:
    """Return mean(one) - mean(other), or which of the two sides is empty."""
    n = len(one) + len(other)
    if not one or not other:
        return undefined(why[bool(one)], n)
    return Estimate(sum(one) / len(one) - sum(other) / len(other), None, None, n)


@measure(
    "automation_bias", cite=BANSAL, needs=("followed", "ai_correct"), protocol=ADVISED, unit="difference",
    better="lower", reads="study",
)  # fmt: skip
def automation_bias(rounds: Sequence[Round]) -> Estimate:
    """What an explanation adds to following wrong suggestions: P(F | AI wrong), with a real explanation minus with none.

    Where it is above 0 and `dprime` does not grow, the explanation persuades. See Bansal et al. 2021.
    """
    sides = [[bool(e.followed) for e in _of_arm(rounds, arm) if not e.ai_correct] for arm in ("real", "none")]
    return _difference(
        sides[0], sides[1], ("no wrong suggestion with an explanation", "no wrong suggestion without explanation")
    )


@measure("placebo_persuasion", cite=EIBAND, needs=("followed",), protocol=ADVISED, unit="difference", reads="study")
def placebo_persuasion(rounds: Sequence[Round]) -> Estimate:
    """What a map that explains nothing adds to following: P(F), with a placebo minus with no explanation.

    Placebic explanations: Eiband et al. 2019.
    """
    sides = [[bool(e.followed) for e in _of_arm(rounds, arm)] for arm in ("placebo", "none")]
    return _difference(sides[0], sides[1], ("no round with a placebo", "no round without explanation"))


@measure(
    "placebo_information", cite=EIBAND, needs=("followed", "ai_correct"), protocol=ADVISED, unit="number",
    better="higher", reads="study", corrected=True,
)  # fmt: skip
def placebo_information(rounds: Sequence[Round]) -> Estimate:
    """What a real explanation tells beyond a placebo: d' of following with a real one minus with a placebo.

    Pooled over participants, log-linear; refused below 8 right and 8 wrong suggestions in either arm.
    """
    found: list[float] = []
    n = 0
    for arm in ("real", "placebo"):
        flags: dict[bool, list[bool]] = {True: [], False: []}
        for each in _of_arm(rounds, arm):
            flags[bool(each.ai_correct)].append(bool(each.followed))
        right, wrong = flags[True], flags[False]
        n += len(right) + len(wrong)
        if min(len(right), len(wrong)) < LEAST:
            return undefined(f"{arm} explanations: fewer than {LEAST} right and {LEAST} wrong suggestions", n)
        found.append(log_linear(sum(right), len(right), sum(wrong), len(wrong))[0])
    return Estimate(found[0] - found[1], None, None, n)


@measure(
    "after_error_drop", cite=DIETVORST, needs=("followed", "ai_correct"), protocol=ADVISED, unit="difference",
    reads="person", ordered=True, corrected=True,
)  # fmt: skip
def after_error_drop(rounds: Sequence[Round]) -> Estimate:
    """How much less is followed right after the AI erred: P(F | it was right before) - P(F | it was wrong before).

    Only after rounds at whose end people were told (Dietvorst et al. 2015: seen to err); refused where nobody was, or it is not
    known. Pairs are neighbours in one block.
    """
    if why := untaught(rounds):
        return undefined(why, len(rounds))
    after: dict[bool, list[bool]] = {True: [], False: []}
    for theirs in people_of(advised(rounds)):
        ordered = sorted(theirs, key=lambda each: each.round)
        for one, two in pairwise(ordered):
            if (one.condition, one.block, one.round + 1) != (two.condition, two.block, two.round):
                continue
            if one.feedback in TAUGHT:
                after[bool(one.ai_correct)].append(bool(two.followed))
    return _difference(
        after[True], after[False], ("no round follows a right suggestion", "no round follows a wrong one")
    )


@measure("anchoring", cite=JACOWITZ, needs=(), protocol=EVERY, unit="number", reads="study", pools=True, better="lower")
def anchoring(rounds: Sequence[Round]) -> Estimate:
    """How far answers are drawn to the AI's: sum of (F - b) over sum of (1 - b), b how often people alone choose its label.

    0 as without AI, 1 always the AI's, below 0 away from it; of one-stage rounds whose item was also answered alone. An
    anchoring index in the manner of Jacowitz & Kahneman 1995, pooled over items because single ones divide by little.
    """
    rates = solo_choice(rounds)
    over: list[float] = []
    room: list[float] = []
    for each in advised(rounds):
        chosen, n = rates.get((each.specimen, each.ai or ""), (0, 0))
        if each.protocol == "one_stage" and n and each.followed is not None and chosen < n:
            over.append(each.followed - chosen / n)
            room.append(1 - chosen / n)
    if not room:
        return undefined("no item was answered alone and with the AI's answer on the screen from the start")
    return Estimate(math.fsum(over) / math.fsum(room), None, None, len(room))


@measure(
    "first_impression", cite=NOURANI, needs=("followed", "ai_correct"), protocol=ADVISED, unit="number", reads="study",
    ordered=True, corrected=True,
)  # fmt: skip
def first_impression(rounds: Sequence[Round]) -> Estimate:
    """Slope over people of later following on how often the AI was right in their first 5 rounds (Nourani et al. 2021).

    Needs the place of the AI's errors drawn at random, and at least 3 participants who differ in it.
    """
    early: list[float] = []
    later: list[float] = []
    n = 0
    for theirs in people_of(advised(rounds)):
        ordered = sorted(theirs, key=lambda each: each.round)
        if len(ordered) > EARLY:
            early.append(sum(bool(each.ai_correct) for each in ordered[:EARLY]) / EARLY)
            later.append(sum(bool(each.followed) for each in ordered[EARLY:]) / len(ordered[EARLY:]))
            n += len(ordered)
    if len(early) < 3:
        return undefined(f"fewer than three participants with more than {EARLY} rounds", n)
    if max(early) == min(early):
        return undefined(f"the AI was right equally often in everybody's first {EARLY} rounds", n)
    x = np.array(early) - np.mean(early)
    return Estimate(float((x * np.array(later)).sum() / (x**2).sum()), None, None, n)


@measure(
    "confirmation", cite="", needs=("own", "own_confidence", "final", "final_confidence", "ai", "ai_correct"),
    protocol=TWO, unit="number", reads="study", corrected=True,
)  # fmt: skip
def confirmation(rounds: Sequence[Round]) -> Estimate:
    """Whether agreement weighs more than disagreement: b2 - b3 of logit(after) on logit(before) and the AI's evidence.

    after = b1 before + b2 L (where the AI agrees) - b3 L (where it does not), L the log-odds of its share right, opinions as
    probability of the first answer in logits; an intercept could not be told from b2 and b3, L being the same in all rounds.
    Above 0 confirmation. Two classes only; first opinions of .98 or more have no room to grow and are left out. Refused below
    20 rounds on either side. Five steps are coarse: people without the bias come out within a quarter of 0.
    """
    seen = advised(rounds)
    if not seen:
        return undefined(UNSEEN)
    two = [each for each in seen if len(each.options) == 2]
    if not two:
        return undefined("with more than two classes a label and a confidence do not give the whole opinion", len(seen))
    right = sum(bool(each.ai_correct) for each in two) / len(two)
    if not 0.5 < right < 1:
        return undefined(
            "the AI is always right, or not right more often than chance: agreement tells nothing", len(two)
        )
    evidence = math.log(right / (1 - right))
    rows = [row for each in two if (row := _opinions(each, evidence))]
    if min(sum(row[2] != 0 for row in rows), sum(row[3] != 0 for row in rows)) < FEW:
        return undefined(
            f"fewer than {FEW} opinions with room to change where the AI agrees, or where it does not", len(rows)
        )
    x = np.array([[row[1], row[2], row[3]] for row in rows])
    solved = np.linalg.lstsq(x, np.array([row[0] for row in rows]), rcond=None)[0]
    return Estimate(float(solved[1] - solved[2]), None, None, len(rows))


def _opinions(each: Round, evidence: float) -> tuple[float, float, float, float] | None:
    before, after = said(each, "own"), said(each, "final")
    if before is None or after is None or before >= CEILING:
        return None
    after = after if each.final == each.own else 1 - after
    agrees = each.own == each.ai
    return _logit(after), _logit(before), evidence if agrees else 0.0, 0.0 if agrees else -evidence


def _logit(p: float) -> float:
    p = min(CEILING, max(1 - CEILING, p))
    return math.log(p / (1 - p))


@measure(
    "estimated_minus_true_accuracy",
    cite="",
    needs=("estimate", "accuracy_shown"),
    protocol=("other",),
    unit="difference",
)
def estimated_minus_true_accuracy(rounds: Sequence[Round]) -> Estimate:
    """How often the AI was said to be right minus how often it was, in the gallery that was shown; above 0 too good."""
    gaps = [(each.estimate or 0) / 100 - (each.accuracy_shown or 0) for each in rounds]
    return mean([min(1.0, max(-1.0, gap)) for gap in gaps], "no audit")
